/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tc_classifier: layouts shared by kernel and user space.
 *
 * The operator's lines are compiled as mesh rules are (mesh_tables.h), into maps of their own: `class_set`, a map
 * of one map, names what is in force, so that one update changes all lines. A line is a rule or two, in order; the
 * id of the rule that decides is CLASS_DECISION(). A packet's class is kept with its flow, in `class_flows`:
 * only the first packet of a flow, and of each change, is decided.
 *
 * Two dimensions of mesh rules are used otherwise. In place of the MAC address stands the DSCP, see
 * CLASS_DSCP_KEY, and in place of the kind of packet its direction, with the cgroup of what is sent.
 */
#ifndef X0_TC_CLASSIFIER_H
#define X0_TC_CLASSIFIER_H

#include <linux/types.h>

#include "mesh_tables.h"
#include "packet_headers.h"
#include "traffic_count.h"

/* Numbers of classes, from 1. The operator names them: those here have the names of the default table. */
enum traffic_class {
	CLASS_NONE, /* no entry */
	CLASS_CONTROL,
	CLASS_MESH,
	CLASS_INTERACTIVE,
	CLASS_BULK,
	CLASS_BEST_EFFORT, /* always there: of packets without an entry */
};

#define CLASSES_MAX 32
#define TRAFFIC_CLASSES \
	(1 + CLASSES_MAX) /* numbers, with CLASS_NONE, under which nothing is counted */
#define CLASS_NAME_LEN 24

enum traffic_direction {
	DIRECTION_INGRESS,
	DIRECTION_EGRESS,
	TRAFFIC_DIRECTIONS,
};

#define CLASS_LINES_MAX 256
#define CLASS_RULES_MAX (2 * CLASS_LINES_MAX) /* of a port, a line has two */
#define CLASS_BANKS	2

/* What decided, as the id of a rule: never MESH_NO_RULE. */
#define CLASS_DECISION(line, class) ((line) << 6 | (class))
#define CLASS_OF_DECISION(id)	    ((id)&63)
#define CLASS_LINE_OF_DECISION(id)  ((id) >> 6)

/* The last two bytes of the MAC address that stands for a code point; the others are 0. Without one, all are 0xff. */
#define CLASS_DSCP_KEY 1

/* Kinds of packets, as enum mesh_kind: a line that names none is for both, see rule_is_for_kind(). */
enum class_kind {
	CLASS_KIND_INGRESS = 2,
	CLASS_KIND_EGRESS = 3, /* and behind it, what a process sends in a cgroup that lines name */
};

#define CLASS_CGROUPS_MAX   15 /* numbers, from 1 */
#define CLASS_CGROUP_LEVELS 8 /* below the root: deeper ones have their ancestor's number */
#define CLASS_KINDS	    (CLASS_KIND_EGRESS + CLASS_CGROUPS_MAX + 1)

/* Flags of the used dimensions of compiled lines, behind those of enum mesh_dimension: some name a cgroup of a level. */
#define CLASS_BY_CGROUP(level) (1U << (15 + (level)))
#define CLASS_BY_CGROUPS       (((1U << CLASS_CGROUP_LEVELS) - 1) << 16)

/* Key of the map `class_cgroups`: a hash of numbers; lines that are compiled have theirs before they are in force. */
struct class_cgroup_key {
	__u64 id; /* as the kernel has it */
	__u32 generation; /* of the lines */
	__u32 reserved;
};

/* Flag of the headers, beside enum packet_flag: the packet is sent. */
#define CLASS_PACKET_SENT (1 << 9)

/* The number of its cgroup, behind that flag; 0: none that lines name. */
#define CLASS_PACKET_CGROUP(flags) ((flags) >> 10 & CLASS_CGROUPS_MAX)
#define CLASS_CGROUP_FLAGS(number) ((number) << 10)

#define CLASS_FLOWS_BITS       12
#define CLASS_FLOWS_BITS_SMALL 8 /* on a host of little memory */

/* Map `class_bank`: array of one, for user space: what is in force. */
struct class_bank {
	__u32 generation; /* 0: nothing yet */
	__u32 number; /* of the bank */
};

/* Map `class_flows`: per-CPU array, direct-mapped by the hash of the key. */
struct class_flow {
	__u64 key[MESH_FLOW_WORDS];
	__u32 generation; /* of the lines that decided */
	__u16 class;
	__u16 reserved;
};

/* Map `class_scratch`: per-CPU array of one. */
struct class_scratch {
	struct packet_headers headers; /* of the packet that is to be decided */
	struct mesh_recent recent; /* its rows alone */
	__u32 decision; /* the last one, if `class_telling`: CLASS_DECISION(), or 0xffff */
	__u32 reserved;
};

/*
 * Map `tc_counters`: per-CPU array by interface slot. The segments of a GSO packet count as
 * packets. Bytes are those of whole frames: sent ones with the headers of each segment; received
 * ones as the stack has them, with one set of headers per GRO packet and without the outer VLAN
 * tag.
 */
struct tc_interface_counters {
	struct traffic_count classes[TRAFFIC_DIRECTIONS][TRAFFIC_CLASSES];
	__u64 vlan[TRAFFIC_DIRECTIONS]; /* packets with a VLAN tag, in the frame or beside it */
};

/* Map `tc_runs`: per-CPU array of one struct run_stats: all interfaces, in both directions. */

#endif
