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

#endif
