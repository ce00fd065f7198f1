/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verifies programs with this kernel's verifier: loads each program of an object alone, in each
 * variant that x0top uses, and reports the result. Attaches none and keeps none. For `programs
 * verify` and tests; object_load() loads the programs that run.
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
	uint32_t instructions; /* of the program as libbpf passes it to the kernel */
	uint32_t verified; /* instructions that the verifier processed */
	uint32_t stack; /* bytes, of all its functions; the limit is 512 for one chain of calls */
	bool deepest; /* `stack` is of the deepest chain instead: kernels from 7.3 on */
	struct failure failure; /* failure.error 0: it loads */
};

/* A variant of an object. Sets the constants that enable code, so that the verifier sees all of it,
 * and leaves out one of two alternative maps. */
struct verifier_variant {
	const char *name; /* NULL ends a list; empty for the only one */
	const char *constant; /* set to `value`, `size` bytes; NULL: none */
	uint32_t value, size;
	const char *without_map; /* NULL: all are created */
};

typedef void (*verifier_report_callback)(const struct verifier_report *report, void *context);

/*
 * Verifies and reports each program of one object in each of its variants (NULL: unchanged). The
 * object is built in, or FOLDER/NAME.bpf.o if `folder` is not empty. Returns 0, or a negative errno
 * with *failure set if the object cannot be read.
 */
int verifier_report_object(const char *name, const char *folder,
	const struct verifier_variant *variants, verifier_report_callback callback, void *context,
	struct failure *failure);

#endif
