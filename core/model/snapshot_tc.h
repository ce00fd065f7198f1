/* SPDX-License-Identifier: BSD-2-Clause */
/* tc_classifier in a snapshot: traffic by class and direction. */
#ifndef X0_MODEL_SNAPSHOT_TC_H
#define X0_MODEL_SNAPSHOT_TC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "interfaces.h"
#include "model/counter.h"
#include "tc_classifier.h"
#include "xdp_chain.h"

struct snapshot_class {
	char name[CLASS_NAME_LEN];
	struct traffic directions[TRAFFIC_DIRECTIONS];
};

struct snapshot_tc_interface {
	char name[NAME_LEN];
	uint32_t ifindex;
	char attached[NAME_LEN]; /* "TCX", "clsact", or empty */
	char problem[REASON_LEN];
	struct counter vlan[TRAFFIC_DIRECTIONS]; /* packets with a VLAN tag, wherever it is */
};

/* A class on an interface; those of one interface follow each other, in the order of the classes. */
struct snapshot_interface_class {
	char interface[NAME_LEN];
	char name[CLASS_NAME_LEN];
	struct traffic directions[TRAFFIC_DIRECTIONS];
};

/* A line that gives packets a class: the first one that matches decides. */
struct snapshot_class_line {
	uint32_t number; /* place among the lines, as x0top classes has it */
	char conditions[REASON_LEN]; /* "udp 5060 egress" */
	char class[CLASS_NAME_LEN];
	char packets
		[NAME_LEN]; /* which these are, "ARP", where the default table knows them; empty */
	bool own; /* the default table does not have it */
};

#define INTERFACES_CLASSES_MAX (INTERFACES_MAX * 8)

struct snapshot_tc {
	bool available;
	uint32_t n_classes;
	uint32_t n_interfaces;
	uint32_t n_interfaces_classes;
	uint32_t n_lines;
	struct counter vlan[TRAFFIC_DIRECTIONS]; /* all interfaces together */
	struct snapshot_class
		classes[CLASSES_MAX]; /* the same; in the order in which lines name them */
	struct snapshot_tc_interface interfaces[INTERFACES_MAX];
	struct snapshot_interface_class interfaces_classes[INTERFACES_CLASSES_MAX];
	struct snapshot_class_line lines[CLASS_LINES_MAX]; /* LOOK_CLASSES */
};

extern const struct field tc_fields[];

/* Returns the class of a name, or NULL. */
const struct snapshot_class *snapshot_tc_class(const struct snapshot_tc *tc, const char *name);

/*
 * Returns a class on an interface, or NULL. *at is where it is looked for first, and is moved behind it: whoever
 * asks in the order of the list looks at each element once.
 */
const struct snapshot_interface_class *snapshot_tc_interface_class(
	const struct snapshot_tc *tc, const char *interface, const char *name, uint32_t *at);

#endif
