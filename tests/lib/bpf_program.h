/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loads BPF objects in tests with libbpf only, independently of x0top's loader. Every function
 * aborts the test with a message on failure.
 */
#ifndef X0_TESTS_BPF_PROGRAM_H
#define X0_TESTS_BPF_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include <bpf/libbpf.h>

/* Opens $BUILD/bpf/NAME.bpf.o (BUILD defaults to "build"). The caller closes it. */
struct bpf_object *bpf_program_open(const char *name);

/* Sets a `const volatile __u32` or `bool` of an opened object. */
void bpf_program_set(struct bpf_object *object, const char *variable, uint32_t value);

/* Makes an unloaded `object` share the maps of a loaded `other` that have the same names. */
void bpf_program_share_maps(struct bpf_object *object, struct bpf_object *other);

void bpf_program_load(struct bpf_object *object);

/* Return file descriptors, owned by the object. */
int bpf_program_fd(struct bpf_object *object, const char *program);
int bpf_program_map_fd(struct bpf_object *object, const char *map);

/* Sums the 64-bit counters of one element of a per-CPU map over all CPUs; `size` bytes. */
void bpf_program_sum(int map_fd, uint32_t key, void *sum, size_t size);

/* Writes `size` bytes to an element of a per-CPU map on all CPUs. */
void bpf_program_set_percpu(int map_fd, uint32_t key, const void *value, size_t size);

/* Writes zeros to every element of an array, of one CPU's or of all. */
void bpf_program_clear(int map_fd);

/* The receiving interface of frames in BPF_PROG_RUN: this namespace's loopback. */
#define BPF_PROGRAM_RUN_IFINDEX 1

/*
 * Enters a network namespace and attaches an XDP program to its loopback, which is down. A program that is
 * attached somewhere is known to the kernel's dispatcher, which BPF_PROG_RUN would else change before and
 * after: on 5.10 each time, elsewhere for many runs at once. It patches code, and waits for all CPUs.
 */
void bpf_program_enter_alone(int program_fd);

/* Adds an interface to a table of interfaces, with enum interface_flags. */
void bpf_program_watch(int table_fd, uint32_t ifindex, uint16_t slot, uint16_t flags);

/* The shortest frame of BPF_PROG_RUN for XDP and TC: 13 bytes give EINVAL (seen on 6.18). */
#define BPF_PROGRAM_RUN_MIN 14

/* Runs a program once on a frame. Returns the program's result. */
uint32_t bpf_program_run(int program_fd, const void *frame, size_t length);

#endif
