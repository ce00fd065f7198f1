/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets the policy of xdp_pqc_verify: its mode, the protected ports, and its budgets. */
#ifndef X0_CRYPTO_VERIFIER_POLICY_H
#define X0_CRYPTO_VERIFIER_POLICY_H

#include <stdbool.h>
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
 * Returns whether the program goes by the clocks as they are now. If not, the clock was set, or the kernel
 * was told of leap seconds, which moves CLOCK_TAI alone.
 */
bool pqc_clock_is_right(const struct pqc_control *control);

/*
 * Puts a policy in force, from the next packet on. Also tells the program the wall clock: call it
 * again when pqc_clock_is_right() says no. Returns 0; or, with *failure set and nothing changed, -EINVAL for a
 * policy that contradicts itself, or another negative errno.
 */
int validate_packet_signatures(
	const struct map_registry *maps, const struct pqc_policy *policy, struct failure *failure);

#endif
