/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs that are called through slots: program NAME lies in the map NAME_slot, and call_NAME, which is attached,
 * calls what lies there. So one update replaces NAME, and each event is handled by one of the two.
 */
#ifndef X0_KERNEL_PROGRAM_SLOTS_H
#define X0_KERNEL_PROGRAM_SLOTS_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Keeps programs that lie in slots out of what is attached, of an opened object, and leaves out slots and callers of
 * those that are not loaded. `attached`: another object of the same slots is, and its callers stay.
 */
void program_slots_prepare(struct bpf_object *object, bool attached);

/*
 * Puts the programs of a loaded object into its slots, which those of `attached` call, an object with the same slots
 * or the same object. Returns 0, or a negative errno: -ENOENT if nothing calls one of them.
 */
int program_slots_fill(const struct bpf_object *object, const struct bpf_object *attached);

/* Unloads the programs that lay in slots of an object whose callers stay. */
void program_slots_empty(struct bpf_object *object);

/*
 * Puts a loaded tracing program of any type into a slot of its own, and what calls it there in its place: its descriptor
 * is from now on that of the caller, so that bpf_program__attach() attaches that. `name` is the caller's in the kernel.
 * Returns 0 with *slot, to be closed once it is detached, and *filled, a descriptor of the program; or a negative errno
 * with all as it was.
 */
int program_slot_make(
	struct bpf_program *program, const char *license, const char *name, int *slot, int *filled);

/* Puts another program into such a slot. Returns 0 or a negative errno. */
int program_slot_put(int slot, int program);

#endif
