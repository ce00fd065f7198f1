/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The keys in xdp_pqc_verify: follows a trust store while the program runs, without a gap in its
 * protection, and removes sessions.
 */
#ifndef X0_CRYPTO_VERIFIER_KEYS_H
#define X0_CRYPTO_VERIFIER_KEYS_H

#include <stdint.h>

#include "base/failure.h"
#include "crypto/trust.h"
#include "kernel/map_registry.h"
#include "xdp_pqc_verify.h"

/*
 * Makes the kernel's keys those of a trust store. A key that stays keeps its slot and its node's
 * state. Keys that left the store go first, with their nodes' sessions; each new node's name is
 * written last.
 *
 * `sets` are the parameter sets, MLDSA_HAS_*, that the loaded program verifies: a store with a key
 * of another changes nothing, -EAGAIN.
 *
 * *trust is NULL or from an earlier call. It is replaced by the store that was read, with the
 * problems of single files; the caller closes it. Returns 0; or a negative errno with *failure set
 * and *trust unchanged. An unreadable store changes no key; after a failed map write, call again
 * for the rest.
 *
 * Call from one thread at a time, at the start and on SIGHUP.
 */
int load_pq_keys(const struct map_registry *maps, const char *directory, uint32_t sets,
	struct trust **trust, struct failure *failure);

/*
 * Names the nodes of a store that are reached through address translation, and no others. Returns 0 or a
 * negative errno.
 */
int verifier_name_translated(const struct map_registry *maps, const struct trust *trust,
	const char (*names)[TRUST_NAME_LEN], uint32_t n);

/* Returns the parameter sets, MLDSA_HAS_*, of the keys of a trust store; 0 if it cannot be read. */
uint32_t verifier_sets_trusted(const char *directory);

/* Returns the parameter sets of the keys in the kernel: 0 before the maps exist, all if they cannot
 * be read. */
uint32_t verifier_sets_loaded(const struct map_registry *maps);

/*
 * Removes a session from the map `pqc_sessions`. Overwrites its key first: a deleted element of a
 * hash map stays in the kernel's memory until another takes its room. Returns 0, even if there is
 * no such session, or a negative errno.
 */
int pqc_session_remove(int sessions, const struct pqc_session_key *name);

#endif
