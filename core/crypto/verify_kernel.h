/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verification in the kernel without a packet: the program mldsa_verify, which is the library that
 * xdp_pqc_verify runs on packets, run by BPF_PROG_RUN. Nothing is attached.
 */
#ifndef X0_CRYPTO_VERIFY_KERNEL_H
#define X0_CRYPTO_VERIFY_KERNEL_H

#include <stdint.h>

#include "base/failure.h"
#include "mldsa.h"

struct verify_kernel;

/*
 * Loads the program; `objects` is a folder as object_open() takes it. Returns 0 with *verify to be
 * closed by the caller, or a negative errno with *failure set.
 */
int verify_kernel_open(const char *objects, struct verify_kernel **verify, struct failure *failure);
void verify_kernel_close(struct verify_kernel *verify);

/* Makes `key` the one that requests for slot 0 are verified with. Returns 0 or a negative errno. */
int verify_kernel_set_key(struct verify_kernel *verify, const struct mldsa_key *key);

/*
 * Verifies `request`, `repeat` times. Returns the enum mldsa_verdict, and the mean time of one run
 * in *run_ns unless that is NULL; or a negative errno.
 */
int verify_kernel_run(struct verify_kernel *verify, const struct mldsa_request *request,
	uint32_t repeat, uint32_t *run_ns);

#endif
