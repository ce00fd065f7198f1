/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verifies the contents of a BPF object file before any other use, and lists them. Reads it with
 * libelf, checks every offset, length and index against the file, and loads nothing.
 * kernel/verifier_report.h asks the kernel's verifier.
 */
#ifndef X0_KERNEL_OBJECT_VERIFY_H
#define X0_KERNEL_OBJECT_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/text.h"

enum {
	VERIFY_SECTIONS_MAX = 64, /* a built-in object has fewer than 30 */
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
	uint32_t instructions; /* of 8 bytes: a 64-bit load counts twice */
};

struct object_report {
	uint32_t n_sections; /* named ones */
	struct verified_section sections[VERIFY_SECTIONS_MAX];
	uint32_t n_functions; /* global ones: programs and subprograms */
	struct verified_function functions[VERIFY_FUNCTIONS_MAX];
	uint32_t symbols, relocations, maps;
	uint32_t instructions; /* in all code sections */
	uint32_t btf_types;
	bool btf_ext; /* has .BTF.ext: CO-RE relocations and line information */
	char license[NAME_LEN];
};

/*
 * Verifies `size` untrusted bytes as an object; `name` is for messages. Returns 0 with *report
 * filled, or a negative errno with *failure set and *report unspecified: -ENODATA empty, -ENOEXEC
 * not a BPF object, -EBADMSG damaged, -E2BIG too many sections or functions, -EPERM a licence that
 * the kernel does not accept for BPF helpers.
 */
int object_verify(const void *data, size_t size, const char *name, struct object_report *report,
	struct failure *failure);

#endif
