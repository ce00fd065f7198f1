/* SPDX-License-Identifier: BSD-2-Clause */
/* Opens BPF objects, from the binary or a folder, and loads them into the kernel. */
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

/* Returns the name of a built-in object by its number, counted from 0; NULL after the last. */
const char *object_built_in(uint32_t number);

/* Gets the bytes of a built-in object, in read-only memory of this binary. Returns 0, or -ENOENT
 * with *failure set. */
int object_built_in_bytes(
	const char *name, const uint8_t **data, size_t *size, struct failure *failure);

/*
 * Reads a whole file that may be an object. Returns 0 with *data to be freed by the caller, or a
 * negative errno with *failure set: -EACCES if privilege_borrowed().
 */
int object_read_file(const char *path, uint8_t **data, size_t *size, struct failure *failure);

/* The same of a file that decides over packets: as base/trusted_file.h opens it, -EACCES or -ELOOP if it does not. */
int object_read_trusted(const char *path, uint8_t **data, size_t *size, struct failure *failure);

/* Opens the bytes of an object that was checked, as the one of a program; `path` is for messages. The bytes are
 * not needed any more then. Returns as object_open(). */
int object_open_bytes(const char *name, const char *path, const uint8_t *data, size_t size,
	struct bpf_object **object, struct failure *failure);

/*
 * Opens and loads the bytes of a file, `path` for messages, in a child process: libbpf trusts
 * relocations, and a damaged file can crash it. Returns 0 if libbpf finishes, whether the file
 * loads or not (one that wants too large maps is only opened), or -EBADMSG or another negative errno with
 * *failure set: -EPERM where this process may not start another, having given its rights up.
 */
int object_verify_load(const uint8_t *data, size_t size, const char *path, struct failure *failure);

/*
 * Loads an opened object into the kernel. `name` is for messages: libbpf keeps 15 characters of it.
 * Returns 0, or a negative errno with *failure naming the missing feature or the refusal, and the
 * messages of libbpf and the verifier as its cause.
 */
int object_load(struct bpf_object *object, const char *name, struct failure *failure);

/* One of several objects to load, and its result. */
struct object_load {
	struct bpf_object *object; /* opened */
	const char *name; /* for messages, as in object_load() */
	void *owner; /* for the caller */
	double ms; /* time that loading took */
	struct failure *failure; /* as of object_load(); its error is 0 once loaded */
	struct object_load *next; /* the next result not yet reported */
};

/* Receives each object once it is loaded or refused, in the caller's thread, while others load. */
typedef void (*object_loaded)(const struct object_load *load);

/*
 * Loads objects side by side, the largest first, in one thread per CPU that this process may use; a
 * single one in the caller's thread. Maps that several of them share must exist before. Blocks
 * signals until all are loaded or refused. Changes the order of `loads`.
 */
void objects_load(struct object_load *loads, uint32_t n, object_loaded loaded);

/* Sets a `const volatile` variable of an opened, not yet loaded object to the `size` bytes at
 * `value`. Returns 0, or -ENOENT if the object has no such variable of that size. */
int object_set_constant(
	struct bpf_object *object, const char *variable, const void *value, size_t size);

/*
 * Lets the XDP programs of an opened object take frames of several buffers, where the kernel has them
 * (5.18): native XDP then allows larger MTUs. Programs that call each other must all do so, or none.
 * For native XDP alone: generic XDP copies a packet for such a program without its mac_len (6.18:
 * skb_pp_cow_data()), so that all TC programs of the interface would miss the Ethernet header.
 */
void object_take_frags(struct bpf_object *object);

/* Returns whether the kernel has such programs: without them, native XDP limits the MTU. Asks it. */
bool object_kernel_has_frags(void);

/* Returns whether the programs of a PROG_ARRAY that is in use take such frames. */
bool object_array_has_frags(int prog_array);

/* Return the file descriptor of a loaded object's map or program, still owned by the object, or
 * -ENOENT. */
int object_map_fd(const struct bpf_object *object, const char *name);
int object_program_fd(const struct bpf_object *object, const char *name);

/* More than the maps of any object of ours take. object_verify_load() does not let libbpf create more. */
#define OBJECT_MAP_BYTES_MAX (UINT64_C(256) << 20)

/* Returns how many bytes the elements of all maps of an opened object take, on all CPUs. */
uint64_t object_wanted_map_bytes(const struct bpf_object *object);

/* Returns the memory that the kernel accounts to all maps of a loaded object, in bytes; 0 if
 * unknown. */
uint64_t object_map_bytes(const struct bpf_object *object);

/* Returns the runs that the kernel skipped because the program was already running on that CPU,
 * there interrupted, or preempted, as raw tracepoints can be from 7.0 on. 0 before kernel 5.12. */
uint64_t object_missed_runs(const struct bpf_object *object);

/* Returns the instructions that the verifier processed for all programs; 0 before kernel 5.16. */
uint32_t object_verified_instructions(const struct bpf_object *object);

#endif
