/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * xdp_mesh_filter: layouts shared by kernel and user space.
 *
 * Rules live in the array `mesh_rules`; a rule's number is its index. Enabled rules are found
 * through four indexes, each from a key to a rule number: `mesh_prefixes4` and `mesh_prefixes6`
 * (LPM tries by source prefix), `mesh_macs` (hash by source MAC), `mesh_ports` (hash by destination
 * port). At most one rule of each index matches a packet, in a trie the longest prefix; of the
 * matching rules, the lowest number decides. A rule that is off keeps its number and counters in
 * `mesh_rules` and leaves its index.
 *
 * `enabled` in `mesh_rules` decides: one write makes a change visible to packets. Meanwhile an
 * index may lead to a rule that is off; packets skip it, in a trie for the next shorter prefix.
 * `unsettled` marks such a rule for the next x0top, in case this one dies amid a change.
 */
#ifndef X0_XDP_MESH_FILTER_H
#define X0_XDP_MESH_FILTER_H

#include <linux/types.h>

#include "traffic_count.h"

#define MESH_RULES_MAX 1024

enum mesh_rule_match {
	MESH_MATCH_NONE, /* the slot is free */
	MESH_MATCH_PREFIX4,
	MESH_MATCH_PREFIX6,
	MESH_MATCH_MAC,
	MESH_MATCH_PORT,
	MESH_MATCHES,
};

enum mesh_rule_action {
	MESH_PASS,
	MESH_DROP,
	MESH_ACTIONS,
};

/* A rule that is off, and whose index may still lead to it. */
enum mesh_rule_unsettled {
	MESH_SETTLED,
	MESH_GOES_OFF, /* it is being switched on or off: it stays, off */
	MESH_GOES_AWAY, /* it is being added or removed: there is no such rule */
};

/* Keys are in network byte order. */
struct mesh_prefix4 {
	__u32 length; /* bits */
	__u8 address[4];
};

struct mesh_prefix6 {
	__u32 length; /* bits */
	__u8 address[16];
};

struct mesh_mac {
	__u8 address[6];
	__u8 reserved[2]; /* 0 */
};

struct mesh_port {
	__be16 port;
	__u8 protocol; /* IPPROTO_TCP or IPPROTO_UDP */
	__u8 reserved; /* 0 */
};

struct mesh_rule {
	__u8 match; /* enum mesh_rule_match */
	__u8 action; /* enum mesh_rule_action */
	__u8 enabled; /* 0 or 1 */
	__u8 unsettled; /* enum mesh_rule_unsettled; only user space looks at it */
	union {
		struct mesh_prefix4 prefix4;
		struct mesh_prefix6 prefix6;
		struct mesh_mac mac;
		struct mesh_port port;
	};
};

/* Map `mesh_rule_counts`: per-CPU array by rule number. */
struct mesh_rule_counts {
	struct traffic_count decided; /* packets that the rule decided */
	struct traffic_count dropped; /* those of them that it dropped; others passed */
};

/* Map `mesh_filter_control`: array of one. */
struct mesh_filter_control {
	__u32 enforce; /* 1: drop rules drop; 0: they count and pass */
};

/* Map `mesh_filter_totals`: per-CPU array of one. */
struct mesh_filter_totals {
	struct traffic_count no_match; /* passed, no rule matched */
	struct traffic_count passed; /* by a rule */
	struct traffic_count dropped; /* by a rule, while enforcing */
	struct traffic_count unreadable; /* dropped while enforcing: its headers hide from rules */
	struct traffic_count spared; /* passed because not enforcing: a drop rule's, unreadable */
};

#endif
