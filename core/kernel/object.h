/* SPDX-License-Identifier: BSD-2-Clause */
/* BPF objects: opening them from the binary or from a folder, and loading them. */
#ifndef X0_KERNEL_OBJECT_H
#define X0_KERNEL_OBJECT_H

#include <bpf/libbpf.h>

#include "kernel/failure.h"

/*
 * Opens the object of a program: the one built into this binary, or, when `folder` is not empty,
 * FOLDER/NAME.bpf.o. Returns 0 with *object to be closed by the caller, or a negative errno with
 * *failure set: -ENOENT missing, -ENODATA empty, -EBADMSG truncated or damaged, -ENOEXEC not a BPF
 * object.
 */
int object_open(const char *name, const char *folder, struct bpf_object **object,
	struct failure *failure);

/*
 * Loads an opened object into the kernel and measures how long that took. Returns 0, or a negative
 * errno with *failure explaining what the kernel lacks or what the verifier refused; the verifier's
 * log is its cause.
 */
int object_load(struct bpf_object *object, const char *name, double *load_ms,
	struct failure *failure);

/*
 * Sets a `const volatile` variable of an opened, not yet loaded object, `size` bytes at `value`.
 * Returns 0, or -ENOENT when the object has no such variable of that size.
 */
int object_set_constant(struct bpf_object *object, const char *variable, const void *value,
	size_t size);

/* Makes libbpf's messages go to the failure of the call under way, or to stderr when `verbose`. */
void object_capture_messages(bool verbose);

#endif
