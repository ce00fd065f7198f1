/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is done to the packets of a class, beyond counting: layouts shared by kernel and user space.
 *
 * Map `class_acts`: array of struct class_acts by interface slot; one update changes all of an interface.
 * Map `class_buckets`: array of struct gcra_bucket by CLASS_ACT_INDEX().
 * Map `class_clocks`: array of struct gcra_bucket by CLASS_CLOCK_INDEX().
 * Map `class_act_counts`: per-CPU array of struct class_act_count, the same.
 * Map `class_control`: array of one struct class_control, for user space.
 *
 * A program that only counts has none of this: `class_acting`, a constant of the object, is false there.
 */
#ifndef X0_CLASS_ACT_H
#define X0_CLASS_ACT_H

#include <linux/types.h>

#include "gcra.h"
#include "tc_classifier.h"

enum class_act_mode {
	CLASS_ACT_MARK = 1, /* writes the code point */
	CLASS_ACT_POLICE = 2, /* drops what is beyond the rate */
	CLASS_ACT_SHAPE = 4, /* sets the priority, by which a qdisc chooses; of what is sent */
};

#define CLASS_ACT_PLACES 64 /* in struct class_acts: a power of two, for masks */

#define CLASS_ACT_INDEX(slot, direction, class) \
	(((slot)*TRAFFIC_DIRECTIONS + (direction)) * TRAFFIC_CLASSES + (class))

/* The place of a class in struct class_acts. */
#define CLASS_ACT_PLACE(direction, class) ((direction)*CLASS_ACT_PLACES + (class))

/* Clocks of an interface that is shaped by departure times; CLASS_CLOCK_LAST of CLASS_NONE is the link's. */
enum class_clock {
	CLASS_CLOCK_OWN,
	CLASS_CLOCK_LAST,
	CLASS_CLOCK_TURN, /* what a class has borrowed, in time of the link, by its share */
	CLASS_CLOCK_TURNS, /* by rank, where the classes of that rank are, and behind those since when */
	CLASS_CLOCKS,
};

#define CLASS_RANKS	8
#define CLASS_SHARE_MAX 64

#define CLASS_CLOCK_INDEX(slot, clock, class) \
	(((slot)*CLASS_CLOCKS + (clock)) * TRAFFIC_CLASSES + (class))

/* How the packets of a class are timed: class_time.bpf.h. Times and prices are as in struct gcra. */
struct class_timing {
	__u64 rate, ceiling; /* bit/s of frames; for user space */
	__u64 price, ceiling_price; /* time of a byte at both */
	__u64 credit; /* how far its own clock may be ahead */
	__u64 link_wait; /* how long it waits for the link */
	__u64 wait; /* and at all */
	__u32 rank; /* 0: the first that borrows */
	__u32 share; /* 1 to CLASS_SHARE_MAX, of what those of its rank borrow */
};

struct class_act {
	__u64 rate; /* bit/s of frames; for user space */
	__u64 price; /* time of a byte, as in struct gcra */
	__u64 burst; /* how far the arrival may be ahead, the same */
	__u32 priority; /* of packets (skb->priority); 0: left as it is */
	__u8 modes; /* enum class_act_mode: what is asked for this class */
	__u8 dscp; /* 0 to 63 */
	__u8 mark_priority; /* with the code point: 1 + the priority; 0: it is left as it is */
	__u8 reserved;
};

struct class_acts {
	__u32 modes; /* enum class_act_mode: what is switched on for the interface; 0: it only counts */
	__u32 ifindex; /* of that interface when it was last seen */
	__u64 link_rate; /* bit/s; for user space */
	__u64 link_price; /* shaped by departure times: time of a byte on the link; 0: it is not */
	__u32 fallback; /* then: the class of packets whose own is not shaped */
	__u32 turn_us; /* then: the time in which classes that borrow follow each other */
	char interface[16]; /* whose settings these are, also while it is away; empty: nobody's */
	struct class_act classes[TRAFFIC_DIRECTIONS * CLASS_ACT_PLACES]; /* CLASS_ACT_PLACE() */
	struct class_timing timings[CLASS_ACT_PLACES]; /* by class, of what is sent */
};

struct class_control {
	__u32 acting; /* 1: anything is switched on anywhere, so that the classifier outlives x0top */
	__u32 reserved;
	char labels[TRAFFIC_CLASSES]
		   [CLASS_NAME_LEN]; /* names of the classes; empty: there is none */
};

/* Packets of GSO count as their segments. */
struct class_act_count {
	__u64 marked; /* packets whose code point was another */
	__u64 dropped;
	__u64 dropped_bytes; /* of frames */
	/* Of what is shaped by departure times: */
	__u64 late; /* packets dropped, as their time was too far */
	__u64 late_bytes;
	__u64 sent_bytes; /* that got a time */
	__u64 borrowed; /* packets that left in a gap of the link */
	/* No counts, but of each CPU; see class_act_admits(): */
	__u64 credit; /* time that it has taken of the bucket, and not used */
	__u64 denied; /* 1 + the tick of the clock in which the bucket had none; 0: none yet */
};

/* A CPU takes so much of the bucket's burst at once. */
#define CLASS_ACT_PARTS 64

/* The least burst with which a CPU that got nothing does not ask again in the same tick, of 10 ms at most: what comes
 * meanwhile is not lost then. */
#define CLASS_ACT_TICKS ((__u64)50000000 << GCRA_TIME_SHIFT)

/* Map `class_dropped`: per-CPU array of one. The kernel frees a packet that is dropped on the same CPU right after. */
struct class_dropped {
	__u64 data; /* address of its first byte; 0: none */
};

#endif
