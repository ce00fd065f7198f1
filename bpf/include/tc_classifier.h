/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tc_classifier: layouts shared by kernel and user space.
 *
 * The first of these with an entry decides a packet's class: ethertype, port (destination, then
 * source), DSCP, IP protocol; else best effort.
 */
#ifndef X0_TC_CLASSIFIER_H
#define X0_TC_CLASSIFIER_H

#include <linux/types.h>

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

#define CLASS_PORTS_MAX	     1024
#define CLASS_ETHERTYPES_MAX 64
#define CLASS_PORT_WORDS     1024 /* 65536 bits */

/* Map `class_table`: array of one. The bytes are enum traffic_class. */
struct class_table {
	__u8 dscp[64];
	__u8 protocol[256];
	__u8 ipv4, ipv6; /* the entries of these ethertypes */
	__u8 reserved[6];
	/* A bit for each port, in host byte order, that has an entry in `class_ports`, whatever its
	 * protocol: a lookup in a hash takes 25 ns, and most packets need none. */
	__u64 ports[CLASS_PORT_WORDS];
};

/* Map `class_ports`: hash, value __u8 enum traffic_class. */
struct class_port {
	__be16 port;
	__u8 protocol; /* IPPROTO_TCP or IPPROTO_UDP */
	__u8 reserved; /* 0 */
};

/* Map `class_ethertypes`: hash, key __be16, value __u8 enum traffic_class. */

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
