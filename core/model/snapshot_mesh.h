/* SPDX-License-Identifier: BSD-2-Clause */
/* xdp_mesh_filter in a snapshot: its rules and their decisions. */
#ifndef X0_MODEL_SNAPSHOT_MESH_H
#define X0_MODEL_SNAPSHOT_MESH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "model/counter.h"
#include "xdp_mesh_filter.h"

struct snapshot_rule {
	uint32_t number; /* slot in the kernel's table; lower decides first */
	uint32_t match; /* enum mesh_rule_match */
	uint32_t action; /* enum mesh_rule_action */
	char limit[NAME_LEN * 2]; /* "1k/s burst 100"; empty if it limits nothing */
	char key[REASON_LEN]; /* "10.1.0.0/16", "02:00:00:00:00:01", "udp 6696" */
	bool enabled;
	uint32_t origin; /* enum mesh_rule_origin */
	char comment[MESH_COMMENT_LEN];
	double time_left; /* seconds; NAN: for ever */
	double last_match; /* seconds since 1970; NAN: never */
	uint64_t shadowed_by; /* number of a rule; COUNT_UNKNOWN: none */
	char shadow[TEXT_LEN]; /* "never decides: rule 0 matches all that it does"; empty */
	struct traffic traffic; /* that it decided */
	struct traffic dropped; /* of this; the rest passed */
};

struct snapshot_mesh_set {
	char name[MESH_SET_NAME_LEN];
	uint32_t kind; /* enum mesh_set_kind */
	uint32_t origin; /* enum mesh_rule_origin */
	uint32_t elements;
	uint32_t addresses; /* of nodes: at which they are now */
	char source[MESH_SET_SOURCE_LEN]; /* path of its file, or what it follows; may be empty */
	double changed; /* seconds since 1970 */
	double stale_since; /* seconds since 1970: a source that it follows is gone; NAN: none is */
};

struct snapshot_mesh {
	bool available;
	bool enforcing;
	uint32_t policy; /* MESH_PASS or MESH_DROP */
	uint32_t n_rules;
	uint32_t n_sets;
	struct traffic no_match, passed, dropped, refused, unreadable, spared;
	struct snapshot_mesh_set sets[MESH_SETS_MAX];
	struct snapshot_rule rules[MESH_RULES_MAX];
};

extern const struct field mesh_fields[];

#endif
