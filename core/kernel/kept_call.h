/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls on files that need the rights x0top began with, as data: made in this process while it has
 * them, and by the keeper (kernel/keeper.h) once it has given them up.
 */
#ifndef X0_KERNEL_KEPT_CALL_H
#define X0_KERNEL_KEPT_CALL_H

#include <sys/stat.h>

#include "base/failure.h"

enum kept_op {
	KEPT_OPEN, /* open(name, flags, mode) */
	KEPT_OPEN_IN, /* openat(folder, name, flags) */
	KEPT_MAKE, /* mkdirat(folder, name, 0700) */
	KEPT_REMOVE, /* unlinkat(folder, name, flags) */
	KEPT_RENAME, /* renameat(folder, name, folder, other) */
	KEPT_STATUS, /* fstatat(folder, name), of a symbolic link itself */
	KEPT_PIN, /* BPF_OBJ_PIN of `object` as folder/name */
	KEPT_GET, /* BPF_OBJ_GET of folder/name */
	KEPT_CONNECT, /* a stream socket, non-blocking, to the local socket `name` */
	KEPT_OPEN_TRUSTED, /* trusted_open_of(name, flags) */
	KEPT_MOUNT, /* bpffs on PINS_BPFFS, mode 0700 */
	KEPT_OPS,
};

#define KEPT_NAME_LEN 512

struct kept_call {
	enum kept_op op;
	int folder, object; /* descriptors; -1: none */
	int flags;
	mode_t mode;
	char name[KEPT_NAME_LEN], other[KEPT_NAME_LEN];
};

struct kept_result {
	int result; /* 0, a descriptor, or a negative errno */
	struct stat status; /* of KEPT_STATUS */
	struct failure failure; /* of KEPT_OPEN_TRUSTED; else its error is 0 */
};

/* Returns whether the result of an operation is a descriptor. */
int kept_call_opens(enum kept_op op);

/* Makes the call. Returns result->result. */
int kept_call_make(const struct kept_call *call, struct kept_result *result);

#endif
