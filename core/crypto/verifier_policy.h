/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets the policy of xdp_pqc_verify: its mode, the protected ports, and its budgets. */
#ifndef X0_CRYPTO_VERIFIER_POLICY_H
#define X0_CRYPTO_VERIFIER_POLICY_H

#include <stdint.h>

#include "base/failure.h"
#include "kernel/map_registry.h"
#include "xdp_pqc_verify.h"

#define PQC_PORTS_MAX 16

struct pqc_policy {
	uint32_t mode; /* enum pqc_mode */
	uint32_t n_ports;
	uint16_t ports[PQC_PORTS_MAX]; /* UDP destination ports, 1 to 65535: the protected ones */
	uint64_t reassembly_timeout_ns;
	struct pqc_budget node_budget;
	struct pqc_budget common_budget;
};

/*
 * Sets mode off, port PQC_PORT, and budgets that leave forgeries some 3 % of one CPU, at 30 us a
 * verification.
 */
void pqc_policy_default(struct pqc_policy *policy);

/*
 * Puts a policy in force, from the next packet on. Also tells the program the wall clock: call it
 * again when the clock was set. Returns 0; or, with *failure set and nothing changed, -EINVAL for a
 * policy that contradicts itself, or another negative errno.
 */
int validate_packet_signatures(
	const struct map_registry *maps, const struct pqc_policy *policy, struct failure *failure);

#endif
