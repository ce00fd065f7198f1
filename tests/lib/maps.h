/* SPDX-License-Identifier: BSD-2-Clause */
/* Empties maps of a loaded object, for cases that share one. */
#ifndef X0_TESTS_MAPS_H
#define X0_TESTS_MAPS_H

struct bpf_object;

/* Sets all elements of an array to 0, of all CPUs, or deletes those of a hash. Returns 0 or a negative errno. */
int maps_clear(const struct bpf_object *object, const char *name);

#endif
