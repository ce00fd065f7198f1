/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trials: every program of the built-in objects is loaded alone, in every variant in which x0top
 * would load it, to learn what this kernel's verifier says of it. Nothing is attached and nothing
 * stays. Meant for probing and for tests; the programs that x0top runs are loaded elsewhere.
 */
#ifndef X0_KERNEL_VERIFIER_REPORT_H
#define X0_KERNEL_VERIFIER_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/text.h"

struct verifier_report {
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

/*
 * A form in which an object is loaded. Constants that switch code on are set, so that the verifier
 * sees all of it; of two maps of which only one is created, the other is left out.
 */
struct verifier_variant {
	const char *name; /* NULL ends a list; empty where there is only one */
	const char *constant; /* to be set to `value`, `size` bytes; NULL: none */
	uint32_t value, size;
	const char *without_map; /* NULL: all are created */
};

typedef void (*verifier_report_callback)(const struct verifier_report *report, void *context);

/*
 * Tries each program of one object, built in or, when `folder` is not empty, FOLDER/NAME.bpf.o, and
 * reports each, in each of the variants (NULL: as it is). Returns 0, or a negative errno with *failure set when the object cannot be read.
 */
int verifier_report_object(const char *name, const char *folder,
	const struct verifier_variant *variants, verifier_report_callback callback, void *context,
	struct failure *failure);

#endif
