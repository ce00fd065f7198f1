/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the running kernel offers to x0top. Program types, helpers, map types and the JIT are tried: a
 * small program is loaded, or a map created. Nothing stays, and nothing on the host changes.
 */
#ifndef X0_KERNEL_PROBE_H
#define X0_KERNEL_PROBE_H

#include <stdint.h>

#include "base/text.h"

enum probe_state {
	PROBE_NO,
	PROBE_YES,
	PROBE_UNKNOWN, /* this process may not find out */
	PROBE_STATES,
};

enum probe_group {
	PROBE_PROGRAM_TYPES,
	PROBE_MAP_TYPES,
	PROBE_HELPERS,
	PROBE_ATTACH_KINDS,
	PROBE_SYSTEM, /* BTF, JIT, file systems, locks */
	PROBE_CAPABILITIES, /* held by this process */
	PROBE_GROUPS,
};

struct probe_feature {
	uint32_t group; /* enum probe_group */
	uint32_t state; /* enum probe_state */
	char name[NAME_LEN];
	char note[TEXT_LEN]; /* a value, what it is for, or why it is unknown; may be empty */
};

#define PROBE_FEATURES_MAX 64

struct probe_report {
	uint32_t n_features;
	struct probe_feature features[PROBE_FEATURES_MAX];
};

/* The words for enum probe_group, as JSON has them ("program_types"), and for enum probe_state. */
extern const char *const probe_group_names[];
extern const char *const probe_state_names[];

/* Fills the report. What a feature is for is in its note. */
void probe_run(struct probe_report *report);

#endif
