/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tc_classifier: what the kernel and user space share.
 *
 * The class of a packet is looked up in this order, and the first that names one decides:
 * ethertype, port (the destination's, then the source's), DSCP, IP protocol; else best effort.
 */
#ifndef X0_TC_CLASSIFIER_H
#define X0_TC_CLASSIFIER_H

#include <linux/types.h>

#include "traffic_count.h"

enum traffic_class {
	CLASS_NONE, /* the table names none */
	CLASS_CONTROL,
	CLASS_MESH,
	CLASS_INTERACTIVE,
	CLASS_BULK,
	CLASS_BEST_EFFORT,
	TRAFFIC_CLASSES,
};

enum traffic_direction {
	DIRECTION_INGRESS,
	DIRECTION_EGRESS,
	TRAFFIC_DIRECTIONS,
};

#define CLASS_PORTS_MAX	     1024
#define CLASS_ETHERTYPES_MAX 64

/* Map `class_table`: array of one. The bytes are enum traffic_class. */
struct class_table {
	__u8 dscp[64];
	__u8 protocol[256];
};

/* Map `class_ports`: hash, value __u8 enum traffic_class. */
struct class_port {
	__be16 port;
	__u8 protocol; /* IPPROTO_TCP or IPPROTO_UDP */
	__u8 reserved; /* 0 */
};

/* Map `class_ethertypes`: hash, key __be16, value __u8 enum traffic_class. */

/*
 * Map `tc_counters`: per-CPU array by interface slot. The segments of a GSO packet count as packets.
 * Bytes are those of whole frames: going out with the headers of each segment; coming in as the
 * stack has them, that is with one set of headers for what GRO has put together, and without the
 * outer VLAN tag.
 */
struct tc_interface_counters {
	struct traffic_count classes[TRAFFIC_DIRECTIONS][TRAFFIC_CLASSES];
};

/* Map `tc_runs`: per-CPU array of one struct run_stats: all interfaces, in both directions. */

#endif
