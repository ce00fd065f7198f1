/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What xdp_pqc_verify is told: whose signatures to believe, and what to do with the packets. Both
 * work on its maps while it runs, and without a gap in what it protects.
 */
#ifndef X0_CRYPTO_VERIFIER_KEYS_H
#define X0_CRYPTO_VERIFIER_KEYS_H

#include <stdint.h>

#include "base/failure.h"
#include "crypto/trust.h"
#include "kernel/map_registry.h"
#include "xdp_pqc_verify.h"

/*
 * Makes the keys of a trust store the ones that the kernel verifies with. A key that is there already
 * keeps its slot, and its node all that is known of it; a key that is there no more is forgotten with
 * its node's sessions, before any new key is put in place; a new node's name comes last.
 *
 * *trust is NULL, or what an earlier call gave: it is replaced by what was read, with the problems
 * of single files, and is the caller's to close. Returns 0; or a negative errno with *failure set and
 * *trust as it was. Where the store cannot be read, the kernel's keys are as they were; where a map
 * cannot be written, a later call brings the rest.
 *
 * To be called from one thread at a time, at the start and on SIGHUP.
 */
int load_pq_keys(const struct map_registry *maps, const char *directory, struct trust **trust,
	struct failure *failure);

/*
 * Takes a session out of the map `pqc_sessions`, its key overwritten first: what is deleted from a
 * hash map stays in the kernel's memory until another element takes its room. Returns 0, also where
 * there is no such session, or a negative errno.
 */
int pqc_session_remove(int sessions, const struct pqc_session_key *name);

#define PQC_PORTS_MAX 16

/* What is done with packets. */
struct pqc_policy {
	uint32_t mode; /* enum pqc_mode */
	uint32_t n_ports;
	uint16_t ports[PQC_PORTS_MAX]; /* UDP destination ports, 1 to 65535: the protected ones */
	uint64_t reassembly_timeout_ns;
	struct pqc_budget node_budget;
	struct pqc_budget common_budget;
};

/*
 * Off, port PQC_PORT, and budgets that let forgeries have some 3 % of one CPU, at 30 us a
 * verification.
 */
void pqc_policy_default(struct pqc_policy *policy);

/*
 * Puts a policy in force, from the next packet on. It also tells the program the wall clock, so it is
 * to be called again when that was set. Returns 0; or, with *failure set and nothing changed, -EINVAL
 * for a policy that makes no sense, or another negative errno.
 */
int validate_packet_signatures(
	const struct map_registry *maps, const struct pqc_policy *policy, struct failure *failure);

#endif
