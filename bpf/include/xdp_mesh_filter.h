/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * xdp_mesh_filter: layouts shared by kernel and user space.
 *
 * Packets meet the compiled rules (mesh_tables.h) of one of two banks: `set` of the control says which, and
 * one word stored puts a new set of rules in force. User space keeps the rules that were compiled in
 * `mesh_rules`, in the same bank. A bank names as well which of two stores in `mesh_sets` holds the sets that
 * the rules name.
 *
 * A rule's number is its place: the lowest that matches decides. Its id stays when it moves: counters and
 * limits are by id.
 */
#ifndef X0_XDP_MESH_FILTER_H
#define X0_XDP_MESH_FILTER_H

#include <linux/types.h>

#include "gcra.h"
#include "mesh_tables.h"
#include "traffic_count.h"

#define MESH_RULES_MAX	   1024
#define MESH_NO_RULE	   0xffff /* an id */
#define MESH_BANKS	   2
#define MESH_RULE_SETS_MAX 4
#define MESH_SET_NAME_LEN  24
#define MESH_COMMENT_LEN   64

/* What a rule looks at, for lists. */
enum mesh_rule_match {
	MESH_MATCH_NONE, /* the place is free */
	MESH_MATCH_PREFIX4,
	MESH_MATCH_PREFIX6,
	MESH_MATCH_MAC,
	MESH_MATCH_PORT,
	MESH_MATCH_SEVERAL, /* another condition, or more than one */
	MESH_MATCH_ALL, /* no condition */
	MESH_MATCHES,
};

enum mesh_rule_action {
	MESH_PASS,
	MESH_DROP,
	MESH_LIMIT, /* passes up to its rate, and drops the rest */
	MESH_COUNT, /* counts; a later rule decides */
	MESH_ACTIONS,
};

enum mesh_rule_unit {
	MESH_PACKETS_PER_SECOND,
	MESH_BITS_PER_SECOND,
};

/* Who a rule is from. A feed, or MAPE-K, changes no rule of the operator's or of a file. */
enum mesh_rule_origin {
	MESH_ORIGIN_NONE, /* not yet known: a rule in the kernel has another */
	MESH_ORIGIN_OPERATOR,
	MESH_ORIGIN_FILE,
	MESH_ORIGIN_FEED,
	MESH_ORIGIN_MAPEK,
	MESH_ORIGINS,
};

struct mesh_prefix {
	__u8 family; /* 4 or 6; 0: none */
	__u8 length; /* bits */
	__u8 reserved[2];
	__u8 address[16]; /* network byte order; IPv4 in the first four; 0 beyond the length */
};

struct mesh_range {
	__u16 from, to; /* host byte order */
};

/* Conditions are values in host byte order, where nothing else is said; those not used are 0. */
struct mesh_rule {
	__u8 match; /* enum mesh_rule_match */
	__u8 action; /* enum mesh_rule_action */
	__u8 enabled; /* 0 or 1 */
	__u8 protocol;
	__u16 id;
	__u16 conditions; /* 1 << enum mesh_dimension; MESH_BY_READABLE: it is for packets of `kind` */
	__u16 ethertype;
	__u16 vlan;
	struct mesh_range source_port, destination_port;
	struct mesh_prefix source, destination;
	__u8 mac[6];
	__u8 unit; /* enum mesh_rule_unit, of a limit */
	__u8 origin; /* enum mesh_rule_origin */
	char interface[16];
	__u8 sets
		[MESH_DIMENSIONS]; /* 1 + place in `names` of the set instead of the value; 0: none */
	__u8 kind; /* enum mesh_kind */
	__u8 reserved[5];
	char names[MESH_RULE_SETS_MAX][MESH_SET_NAME_LEN];
	__u64 rate; /* of a limit */
	__u64 burst; /* packets or bytes */
	__u64 expires; /* CLOCK_BOOTTIME, ns: no clock that is set moves it; 0: never */
	char comment
		[MESH_COMMENT_LEN]; /* printable ASCII without quotes, ended by NUL; may be empty */
};

/* Map `mesh_rules`: array of MESH_BANKS times MESH_RULES_MAX struct mesh_rule; by place within a bank. */

/* Map `mesh_banks`: array of MESH_BANKS. */
struct mesh_bank {
	__u32 set; /* number of its rules: `set` of the control while they are in force; 0: no packet meets it */
	__u32 generation;
	__u32 policy; /* MESH_PASS or MESH_DROP */
	__u32 interfaces; /* sum over the indexes that the rules' interfaces had */
	__u32 store; /* of the sets: 0 or 1 */
	__u32 sets_size; /* bytes in it; 0: no sets */
};

/*
 * Map `mesh_disabled`: array of two struct mesh_line for each bank, with the bits of the rules that are
 * off. `switched` of the control says which of the two is in force, by its last bit: to turn a rule on or
 * off, the spare line is written, and one word stored.
 */
#define MESH_DISABLED(bank, switched) ((bank) % MESH_BANKS * 2 + (switched) % 2)

/* --- sets -------------------------------------------------------------------------------------- */

#define MESH_SETS_MAX	      64
#define MESH_ELEMENTS_MAX     262144 /* of all sets */
#define MESH_SET_SOURCE_LEN   104
#define MESH_SET_PIECE_LEN    4016
#define MESH_SET_STORES	      2
#define MESH_SET_PIECES_MAX   1536 /* of a store */
#define MESH_SET_PIECES_SMALL 24 /* on a host of little memory */

enum mesh_set_kind {
	MESH_SET_PREFIXES,
	MESH_SET_MACS,
	MESH_SET_PORTS,
	MESH_SET_NODES,
	MESH_SET_KINDS,
};

/* A set in a store: first their number, then all of these, then struct mesh_element of each in order. */
struct mesh_set {
	char name[MESH_SET_NAME_LEN]; /* ended by NUL */
	__u32 kind; /* enum mesh_set_kind */
	__u32 origin; /* enum mesh_rule_origin: who may change it */
	__u32 feed; /* of a feed: what it follows, bits of core/neighbours/feed.h */
	__u32 n; /* elements */
	__u32 n_addresses; /* of nodes: prefixes, behind the elements, at which they are now */
	__u32 live; /* of a feed: its sources that were there when it last changed, as bits */
	__u64 changed; /* seconds since 1970 */
	__u64 stale; /* since when its source is gone, seconds since 1970; 0: it is there */
	char source[MESH_SET_SOURCE_LEN]; /* path of the file, or words of the feed */
};

/* Map `mesh_sets`: hash of pieces; what has no piece is not there. */
struct mesh_set_piece_key {
	__u32 store; /* the last piece of a store comes with its bank: mesh_bank.sets_size */
	__u32 number;
};

struct mesh_set_piece {
	__u8 bytes[MESH_SET_PIECE_LEN];
};

/* Map `mesh_rule_counts`: per-CPU array by id. */
struct mesh_rule_counts {
	struct traffic_count decided; /* packets that the rule decided, or counted */
	struct traffic_count dropped; /* those of them that it dropped; others passed */
	__u64 last; /* when it last decided or counted on this CPU: CLOCK_BOOTTIME, ns, by the tick */
};

/* Map `mesh_limits`: array of struct gcra by id. */

/* Map `mesh_filter_control`: array of one. */
struct mesh_filter_control {
	__u32 enforce; /* 1: drop rules drop; 0: they count and pass */
	__u32 switched[MESH_BANKS]; /* how often a rule of the bank was turned on or off */
	__u32 set; /* number of the rules in force, which goes up by one; its last bit is their bank; 0: none */
};

/* Map `mesh_filter_totals`: per-CPU array of one. */
struct mesh_filter_totals {
	struct traffic_count no_match; /* passed, no rule matched */
	struct traffic_count passed; /* by a rule */
	struct traffic_count dropped; /* by a rule, while enforcing */
	struct traffic_count refused; /* by the policy, while enforcing */
	struct traffic_count unreadable; /* dropped while enforcing: its headers hide from rules */
	struct traffic_count spared; /* passed because not enforcing: a drop rule's, unreadable */
};

/* A clock that is read once a tick: a packet costs a look at the ticks. */
struct mesh_clock {
	__u64 ticks; /* of `now` */
	__u64 now; /* CLOCK_BOOTTIME, ns */
};

/* Map `mesh_scratch`: per-CPU array of one. */
struct mesh_scratch {
	__u64 survivors[MESH_LINE_WORDS];
	struct mesh_clock clock;
	struct traffic_count replaced; /* of flows with whole keys that others took the place of */
};

/*
 * Map `mesh_looking`: array of one. Whoever lists the busiest flows makes their keys whole, again and again:
 * after `until_ns` a packet that is timed ends that, should he have been killed.
 */
struct mesh_looking {
	__u64 until_ns; /* CLOCK_MONOTONIC */
	__u32 dimensions; /* ~0: keys are whole; 0 */
	__u32 reserved;
};

#endif
