/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Probes the features of the running kernel. Loads a small program or creates a map for each
 * program type, helper and map type, and for the JIT. Keeps none of them, and changes nothing on
 * the host.
 */
#ifndef X0_KERNEL_PROBE_H
#define X0_KERNEL_PROBE_H

#include <stdint.h>

#include "base/text.h"

enum probe_state {
	PROBE_NO,
	PROBE_YES,
	PROBE_UNKNOWN, /* this process may not probe it */
	PROBE_STATES,
};

enum probe_group {
	PROBE_PROGRAM_TYPES,
	PROBE_MAP_TYPES,
	PROBE_HELPERS,
	PROBE_ATTACH_KINDS,
	PROBE_SYSTEM, /* BTF, JIT, file systems, locks */
	PROBE_CAPABILITIES, /* of this process */
	PROBE_GROUPS,
};

struct probe_feature {
	uint32_t group; /* enum probe_group */
	uint32_t state; /* enum probe_state */
	char name[NAME_LEN];
	char note[TEXT_LEN]; /* its value, its use, or why it is unknown; may be empty */
};

#define PROBE_FEATURES_MAX 64

struct probe_report {
	uint32_t n_features;
	struct probe_feature features[PROBE_FEATURES_MAX];
};

/* The names of enum probe_group, as in JSON ("program_types"), and of enum probe_state. */
extern const char *const probe_group_names[];
extern const char *const probe_state_names[];

/* Probes all features and fills the report. */
void probe_run(struct probe_report *report);

#endif
