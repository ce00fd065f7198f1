/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shapes what an interface sends: by HTB as its root qdisc, with a class for each traffic class, chosen by the
 * priority of a packet. It lives in the kernel until it is removed, whoever dies meanwhile, and is known
 * by its handle and a mark. A root qdisc that somebody else has made is left alone.
 *
 *	root 7830: ── 7830:ff, the link ──┬── 7830:1 ── 7831: fq_codel or pfifo
 *	                                  └── 7830:2 ── 7832: ...
 *
 * HTB has one lock for all queues of an interface. Where there are several, and the kernel has fq, the classifier gives
 * each packet the time when it is to leave (bpf/include/class_time.bpf.h), and no queue waits for another:
 *
 *	root 7830: mq ──┬── 7830:1 ── 7831: fq
 *	                └── 7830:2 ── 7832: fq ...
 *
 * Each change is one call of the kernel, which ends it also when x0top is killed in it. What
 * is not one step is seen by packets, not by processes: classes appear microseconds one after the other, those
 * without one leave at once until all are there, and what waits in a queue that is removed is lost.
 */
#ifndef X0_QOS_SHAPE_H
#define X0_QOS_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "kernel/interface.h"
#include "kernel/netlink.h"

enum {
	SHAPE_CLASSES_MAX = 33, /* 32 of the operator, and what is of none of them */
	SHAPE_PRIORITIES = 8,
	SHAPE_SHARE_MAX = 64,
};

#define SHAPE_RATE_MIN UINT64_C(8000) /* bit/s */
#define SHAPE_RATE_MAX UINT64_C(400000000000)

struct shape_class {
	uint16_t number; /* 1 to SHAPE_CLASSES_MAX */
	uint16_t priority; /* 0 to 7: the lowest borrows first */
	uint32_t share; /* 1 to SHAPE_SHARE_MAX, of what classes of its priority borrow */
	uint64_t rate; /* bit/s of frames, which it gets whatever the others send */
	uint64_t ceiling; /* bit/s with what it borrows; `rate` to the link's */
};

/* What is asked for. */
struct shape {
	uint64_t rate; /* bit/s of the link; the classes' rates are this at most, added */
	uint16_t fallback; /* the number of the class for packets without one */
	uint16_t n;
	struct shape_class classes[SHAPE_CLASSES_MAX];
};

enum shape_owner {
	SHAPE_NONE, /* the kernel's own default */
	SHAPE_OURS,
	SHAPE_FOREIGN,
};

/* A class as the kernel has it, with its counts since it was made. */
struct shape_class_state {
	uint16_t number;
	uint16_t priority;
	uint32_t quantum; /* bytes that it may send before the next of its priority */
	uint64_t rate, ceiling; /* bit/s */
	uint32_t burst,
		ceiling_burst; /* in the kernel's ticks of 64 ns, at `rate` and at `ceiling` */
	uint64_t packets, bytes; /* sent */
	uint64_t lent, borrowed; /* sent within its rate, and beyond; segments of GSO are one */
	uint64_t drops, overlimits;
	uint32_t backlog_packets, backlog_bytes; /* waiting */
	uint64_t waits_ns; /* where it is shaped by departure times: its last packet, from now */
	int64_t tokens,
		ceiling_tokens; /* ns that it may send at its rate and ceiling; < 0: it waits */
};

/* What an interface has. */
struct shape_state {
	uint32_t owner; /* enum shape_owner */
	char kind[16]; /* of the root qdisc; empty: none yet, as it was never up */
	uint32_t handle; /* of the root qdisc */
	/* Of SHAPE_OURS alone: */
	bool whole; /* with a class for packets without one, which is made last */
	bool timed; /* fq in its queues, which act_timed() knows the rates of; else HTB */
	bool fair; /* fq_codel in its classes, else pfifo */
	uint16_t fallback, n;
	struct shape_class_state link; /* number 0; all classes together */
	struct shape_class_state classes[SHAPE_CLASSES_MAX]; /* in order of their numbers */
};

/* Returns the priority of packets (skb->priority, SO_PRIORITY) for a class by its number: HTB takes one
 * whose upper half is its handle as the class. */
uint32_t shape_priority(uint16_t number);

/*
 * Reads what an interface has. Returns 0 or a negative errno; -EINTR if it was disturbed: it may be called
 * again.
 */
int shape_read(struct netlink *netlink, uint32_t ifindex, struct shape_state *state);

/* Fills in what was asked for of an interface that is shaped. */
void shape_asked(const struct shape_state *state, struct shape *shape);

/* Return the class of that number, or NULL if there is none. */
const struct shape_class *shape_find_class(const struct shape *shape, uint16_t number);
const struct shape_class_state *shape_find_state(const struct shape_state *state, uint16_t number);

/* Returns 0 if that can be asked for, or -EINVAL with *failure set. */
int shape_check(const struct shape *shape, struct failure *failure);

/* Returns 0, or -EBUSY with *failure set if somebody else has a root qdisc there. */
int shape_check_owner(const struct interface *interface, const struct shape_state *state,
	struct failure *failure);

/*
 * Shapes an interface, in place of the kernel's default, or changes how it is shaped: without losing
 * a packet but those in queues of classes that go, and all of them if another class is the fallback. A class that
 * gets faster waits once more for what it sent last at its old rate.
 * Returns 0, or a negative errno with *failure set and what was before in force: -EINVAL, -EBUSY if
 * somebody else has a root qdisc there, -EPERM.
 */
int shape_apply(struct netlink *netlink, const struct interface *interface,
	const struct shape *shape, struct failure *failure);

/*
 * Returns whether an interface is shaped by departure times: it is already, or it has several queues, and the kernel fq.
 * The kernel may load it. *state is what shape_read() says of the interface.
 */
bool shape_by_time(struct netlink *netlink, uint32_t ifindex, const struct shape_state *state);

/* Puts fq, which sends packets when it is told to, into the queues of an interface: it does nothing by itself. Returns
 * as shape_apply(). */
int shape_apply_times(
	struct netlink *netlink, const struct interface *interface, struct failure *failure);

/*
 * Ends it: the kernel puts its default back by itself. Returns 1, 0 if there was nothing of ours,
 * or a negative errno with *failure set.
 */
int shape_remove(
	struct netlink *netlink, const struct interface *interface, struct failure *failure);

/* Counts the interfaces of this namespace that are shaped, or ends it there; opens a socket of its own. Returns
 * their number or a negative errno. */
int shape_leftovers(bool remove);

/*
 * Estimates how long a packet waits that comes now, in seconds: what waits, at `rate` in bit/s, the one that the
 * class had lately; 0: at its own. It is no measurement: the rate may change while it waits.
 */
double shape_delay(const struct shape_class_state *class, double rate);

/* Returns whether a class has the rate that was asked for, but for the rounding with which it is read back; not if it is
 * unknown, NAN. Both are in bit/s. */
bool shape_is_rate(double had, uint64_t asked);

#endif
