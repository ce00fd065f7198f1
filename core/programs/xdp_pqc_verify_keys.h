/* SPDX-License-Identifier: BSD-2-Clause */
/* State of xdp_pqc_verify, and its trust store: loads keys into the kernel, names nodes, reloads. */
#ifndef X0_PROGRAMS_XDP_PQC_VERIFY_KEYS_H
#define X0_PROGRAMS_XDP_PQC_VERIFY_KEYS_H

#include "programs/program.h"
#include "programs/xdp_pqc_verify_sample.h"

struct host_node;

/* program->state of xdp_pqc_verify. */
struct verifier {
	struct node_names names; /* of the last trust store loaded */
	struct failure keys_failure; /* of loading it; error 0 without one */
	struct host_node *node; /* NULL without an identity */
	struct event_log *log;
	uint32_t sets; /* parameter sets of the program in the chain, MLDSA_HAS_* */
	uint32_t sets_opened; /* parameter sets of the last object opened */
};

/*
 * Loads the trust store into the kernel and opens this host's node. Returns 0, or a negative errno
 * with *failure set; the kernel keeps its keys then, unless only this host's identity is wrong.
 */
int verifier_load_keys(struct program *program, struct failure *failure);

/* Lets this host's node go on with the map of sessions in force, which may have taken another's place. */
void verifier_follow_sessions(struct program *program);

/* Reads the names of nodes from the trust store; changes nothing in the kernel. */
void verifier_read_names(struct program *program);

#endif
