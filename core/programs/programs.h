/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of the built-in programs: the only one there is. */
#ifndef X0_PROGRAMS_PROGRAMS_H
#define X0_PROGRAMS_PROGRAMS_H

#include "programs/program.h"
#include "programs/verb.h"

extern const struct program_type program_xdp_counter;
extern const struct program_type program_xdp_mesh_filter;
extern const struct program_type program_xdp_pqc_verify;
extern const struct program_type program_tracepoint_net;
extern const struct program_type program_tc_classifier;
extern const struct program_type program_kprobe_syscall_latency;
extern const struct program_type program_kprobe_syscall_latency_secure;

/* In the order in which they are shown; a NULL ends them. */
extern const struct program_type *const program_types[];

/* Returns the type of that name, or NULL. */
const struct program_type *program_type_find(const char *name);

/* In which forms an object is loaded, by its name; NULL: as it is. */
const struct verifier_variant *program_object_variants(const char *object);

/* The verbs of modules, for those who build actions. */
enum {
	MESH_FILTER_RULE_ADD,
	MESH_FILTER_RULE_REMOVE,
	MESH_FILTER_RULE_ON,
	MESH_FILTER_RULE_OFF,
};
extern const struct verb mesh_filter_verbs[];

enum { PQC_VERIFY_KEYS_RELOAD };
extern const struct verb pqc_verify_verbs[];

#endif
