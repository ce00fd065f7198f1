/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of xdp_mesh_filter's module share. */
#ifndef X0_PROGRAMS_XDP_MESH_FILTER_STATE_H
#define X0_PROGRAMS_XDP_MESH_FILTER_STATE_H

#include <stdbool.h>

#include "mesh/flow_table.h"
#include "mesh/history.h"
#include "mesh/rules.h"
#include "mesh/shadow.h"
#include "mesh/talkers.h"
#include "programs/xdp_mesh_filter_feeds.h"

struct mesh_filter {
	struct mesh_rule rules[MESH_RULES_MAX]; /* the kernel's, of this version */
	struct shadow shadows[MESH_RULES_MAX]; /* rules_shadows() */
	uint32_t policy; /* MESH_PASS or MESH_DROP */
	uint64_t expires; /* when the first rule does: CLOCK_BOOTTIME, ns; 0: none */
	struct history_pending
		pending; /* what waits for a confirm, as of this version, where rules are pinned */
	int64_t version; /* of rule_table_version(); negative: none */
	struct mesh_feeds feeds;
	struct mesh_sets *loading_sets; /* of it; not yet in force */
	struct rule_table *loading; /* rules of the settings, not yet in force; NULL: none */
	struct flow_table flows; /* open with `talkers` */
	struct talkers *talkers; /* NULL: nobody looks */
	double read_at; /* CLOCK_MONOTONIC seconds of the last look at them */
	double read_interval; /* s before it */
	bool read; /* since they were opened */
	struct traffic lost; /* as of that look */
};

struct program;

/* Returns the rules in force, MESH_RULES_MAX of them, read from the kernel if they have changed; NULL if that
 * fails. */
const struct mesh_rule *mesh_filter_rules(const struct program *program);

#endif
