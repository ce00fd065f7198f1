/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verification of a BPF object file before anything is done with it: that it is what it says, and
 * what is in it. It is read with libelf, every offset, length and index is checked against what
 * there is, and nothing is loaded. What the kernel's verifier says is in kernel/verifier_report.h.
 */
#ifndef X0_KERNEL_OBJECT_VERIFY_H
#define X0_KERNEL_OBJECT_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/text.h"

enum {
	VERIFY_SECTIONS_MAX = 64, /* of a built-in object there are below 30 */
	VERIFY_FUNCTIONS_MAX = 64,
};

struct verified_section {
	char name[NAME_LEN * 2];
	uint64_t bytes;
	uint32_t relocations;
	bool code;
};

struct verified_function {
	char name[NAME_LEN * 2];
	char section[NAME_LEN * 2];
	uint32_t instructions; /* of 8 bytes: one that loads 64 bits counts twice */
};

struct object_report {
	uint32_t n_sections; /* named ones */
	struct verified_section sections[VERIFY_SECTIONS_MAX];
	uint32_t n_functions; /* global ones: the programs and what they call */
	struct verified_function functions[VERIFY_FUNCTIONS_MAX];
	uint32_t symbols, relocations, maps;
	uint32_t instructions; /* in all code sections */
	uint32_t btf_types;
	bool btf_ext; /* with it, CO-RE relocations and line information */
	char license[NAME_LEN];
};

/*
 * Verifies an object of `size` bytes that may hold anything; `name` is for messages. Returns 0 with
 * *report filled, or a negative errno with *failure saying what is wrong and *report unspecified:
 * -ENODATA empty, -ENOEXEC not a BPF object, -EBADMSG damaged, -E2BIG more than x0top has room for,
 * -EPERM a licence that the kernel does not take for BPF helpers.
 */
int object_verify(const void *data, size_t size, const char *name, struct object_report *report,
	struct failure *failure);

#endif
