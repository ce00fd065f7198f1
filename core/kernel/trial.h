/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trials: every program of the built-in objects is loaded alone, in every variant in which x0top
 * would load it, to learn what this kernel's verifier says of it. Nothing is attached and nothing
 * stays. Meant for probing and for tests; the programs that x0top runs are loaded elsewhere.
 */
#ifndef X0_KERNEL_TRIAL_H
#define X0_KERNEL_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/text.h"

struct trial {
	char object[NAME_LEN];
	char program[NAME_LEN];
	char variant[NAME_LEN]; /* "task storage"; empty where there is only one */
	char section[NAME_LEN * 2]; /* "tp_btf/kfree_skb" */
	uint32_t instructions; /* of the program as libbpf gives it to the kernel */
	uint32_t verified; /* instructions that the verifier walked through */
	uint32_t
		stack; /* bytes, of all its functions together; 512 is the limit of one chain of calls */
	bool deepest; /* it is the deepest chain's instead, which kernels from 7.3 on tell */
	struct failure failure; /* failure.error 0: it loads */
};

typedef void (*trial_report)(const struct trial *trial, void *context);

/*
 * Tries each program of one object, built in or, when `folder` is not empty, FOLDER/NAME.bpf.o, and
 * reports each. Returns 0, or a negative errno with *failure set when the object cannot be read.
 */
int trial_object(const char *name, const char *folder, trial_report report, void *context,
	struct failure *failure);

#endif
