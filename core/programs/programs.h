/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists the built-in programs; there is no other list. */
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

/* In the order of display; ended by NULL. */
extern const struct program_type *const program_types[];

/* Returns the type of that name, or NULL. */
const struct program_type *program_type_find(const char *name);

/* Returns the forms in which the verifier sees an object, or NULL if it has one. */
const struct verifier_variant *program_object_variants(const char *object);

/* Verbs of modules, for building actions. */
enum {
	MESH_FILTER_RULE_ADD,
	MESH_FILTER_RULE_DELETE,
	MESH_FILTER_RULE_ON,
	MESH_FILTER_RULE_OFF,
	MESH_FILTER_RULE_INSERT,
	MESH_FILTER_RULE_MOVE,
	MESH_FILTER_RULE_FLUSH,
	MESH_FILTER_RULE_CHANGE,
	MESH_FILTER_RULE_POLICY,
	MESH_FILTER_RULE_LOAD,
	MESH_FILTER_RULE_UNDO,
	MESH_FILTER_RULE_CONFIRM,
	MESH_FILTER_RULE_ROLLBACK,
	MESH_FILTER_RULE_EXPIRE,
	MESH_FILTER_SET_LOAD,
	MESH_FILTER_SET_ADD,
	MESH_FILTER_SET_REMOVE,
	MESH_FILTER_SET_DELETE,
	MESH_FILTER_SET_FEED,
	MESH_FILTER_SET_FOLLOW,
	MESH_FILTER_ONLY_NEIGHBOURS,
};
extern const struct verb mesh_filter_verbs[];

enum { PQC_VERIFY_KEYS_RELOAD };
extern const struct verb pqc_verify_verbs[];

#endif
