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
	struct traffic directions[TRAFFIC_DIRECTIONS];
};

struct snapshot_tc_interface {
	char name[NAME_LEN];
	uint32_t ifindex;
	char attached[NAME_LEN]; /* "TCX", "clsact", or empty */
	char problem[REASON_LEN];
	struct snapshot_class
		classes[TRAFFIC_CLASSES]; /* from here on, counters and nothing else */
	struct counter vlan[TRAFFIC_DIRECTIONS]; /* packets with a VLAN tag, wherever it is */
};

struct snapshot_tc {
	bool available;
	uint32_t n_interfaces;
	struct snapshot_class classes[TRAFFIC_CLASSES]; /* all interfaces together */
	struct counter vlan[TRAFFIC_DIRECTIONS]; /* the same */
	struct snapshot_tc_interface interfaces[INTERFACES_MAX];
};

extern const struct field tc_fields[];

#endif
