/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verifications under a budget, as xdp_pqc_verify does it: a token bucket that refills with time.
 */
#ifndef X0_PEER_BUDGET_H
#define X0_PEER_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "xdp_pqc_verify.h"

/*
 * From the address of its last good message, a node gets enough verifications for its beacons and
 * exchanges; messages from anywhere else share some percent of a CPU.
 */
extern const struct pqc_budget budget_of_node, budget_of_others;

/* Takes one verification (CLOCK_MONOTONIC). Returns false, with nothing taken, if none is left. */
bool budget_take(const struct pqc_budget *budget, struct pqc_bucket *bucket, uint64_t now_ns);

#endif
