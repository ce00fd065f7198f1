/* SPDX-License-Identifier: BSD-2-Clause */
/* BPF objects: opening them from the binary or from a folder, and loading them. */
#ifndef X0_KERNEL_OBJECT_H
#define X0_KERNEL_OBJECT_H

#include <bpf/libbpf.h>
#include <stdint.h>

#include "base/failure.h"

/*
 * Opens the object of a program: the one built into this binary, or, when `folder` is not empty,
 * FOLDER/NAME.bpf.o. Returns 0 with *object to be closed by the caller, or a negative errno with
 * *failure set: -ENOENT missing, -ENODATA empty, -EBADMSG truncated or damaged, -ENOEXEC not a BPF
 * object.
 */
int object_open(
	const char *name, const char *folder, struct bpf_object **object, struct failure *failure);

/* The name of an object that is built in, by its number from 0 on; NULL after the last. */
const char *object_built_in(uint32_t number);

/* Gives back the memory into which built-in objects were read from the binary. They can be opened
 * again. */
void object_built_in_forget(void);

/* The bytes of an object that is built in. Returns 0, or -ENOENT with *failure set. */
int object_built_in_bytes(
	const char *name, const uint8_t **data, size_t *size, struct failure *failure);

/*
 * Reads a whole file that may be an object. Returns 0 with *data to be freed by the caller, or a
 * negative errno with *failure set: -EACCES where privilege_borrowed().
 */
int object_read_file(const char *path, uint8_t **data, size_t *size, struct failure *failure);

/*
 * Opens and loads the bytes of a file, `path` for messages, in a child: libbpf trusts relocations, and a
 * damaged file can crash it. Returns 0 if the child ended by itself, whether the file loads or not;
 * otherwise -EBADMSG or another negative errno with *failure set.
 */
int object_try(const uint8_t *data, size_t size, const char *path, struct failure *failure);

/*
 * Loads an opened object into the kernel. `name` is for messages: libbpf keeps 15 characters of it.
 * Returns 0, or a negative errno with *failure explaining what is missing or what the verifier
 * refused; what libbpf and the verifier said is its cause.
 */
int object_load(struct bpf_object *object, const char *name, struct failure *failure);

/* One of several objects to be loaded, and what became of it. */
struct object_load {
	struct bpf_object *object; /* opened */
	const char *name; /* for messages, as of object_load() */
	void *owner; /* the caller's own */
	double ms; /* that it took */
	struct failure *failure; /* of object_load(); its error is 0 if it is loaded */
	struct object_load *next; /* of those that are loaded and not yet told */
};

/* Is told each object once it is loaded or refused, in the caller's thread, while others load. */
typedef void (*object_loaded)(const struct object_load *load);

/*
 * Loads objects side by side, the largest first, in a thread for each CPU that this process may use;
 * one object is loaded in the caller's. A map that several of them share must exist before. Signals
 * wait until all are done. Changes the order of `loads`.
 */
void objects_load(struct object_load *loads, uint32_t n, object_loaded loaded);

/*
 * Sets a `const volatile` variable of an opened, not yet loaded object, `size` bytes at `value`.
 * Returns 0, or -ENOENT when the object has no such variable of that size.
 */
int object_set_constant(
	struct bpf_object *object, const char *variable, const void *value, size_t size);

/* The file descriptor of a loaded object's map or program, or -ENOENT. */
int object_map_fd(const struct bpf_object *object, const char *name);
int object_program_fd(const struct bpf_object *object, const char *name);

/* Memory that the kernel accounts to all maps of a loaded object, in bytes; 0 where it cannot tell. */
uint64_t object_map_bytes(const struct bpf_object *object);

/*
 * Runs that the kernel left out because the program was already running on that CPU: interrupted, or
 * preempted, which it can be in raw tracepoints from 7.0 on. 0 before kernel 5.12.
 */
uint64_t object_missed_runs(const struct bpf_object *object);

/* Instructions that the verifier walked through for all programs; 0 before kernel 5.16. */
uint32_t object_verified_instructions(const struct bpf_object *object);

#endif
