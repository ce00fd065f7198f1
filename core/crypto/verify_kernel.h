/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verifies in the kernel without packets: runs the program mldsa_verify, the library that
 * xdp_pqc_verify applies to packets, by BPF_PROG_RUN. Attaches nothing.
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

/* Puts `key` into slot 0. Returns 0 or a negative errno. */
int verify_kernel_set_key(struct verify_kernel *verify, const struct mldsa_key *key);

/*
 * Verifies `request`, `repeat` times. Returns the enum mldsa_verdict, or a negative errno. Sets
 * *run_ns, unless NULL, to the mean time of a run.
 */
int verify_kernel_run(struct verify_kernel *verify, const struct mldsa_request *request,
	uint32_t repeat, uint32_t *run_ns);

#endif
