/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A private host for a test: its own network and mounts, with bpffs, an empty /run and an empty
 * /var/log. It ends with the process.
 */
#ifndef X0_TESTS_HOST_H
#define X0_TESTS_HOST_H

#include <stdbool.h>
#include <stddef.h>

#define HOST_ORDINARY 65534 /* the user nobody, and his group */

/* Moves this process to a private host; mounts bpffs on /sys/fs/bpf only if `bpffs`. */
void host_enter(int bpffs);

/*
 * Whether the kernel is one that refuses this program: $X0_EXPECT_REFUSED names it. Its kind of refusal
 * is told in words: see core/kernel/object_load.c.
 */
bool host_refuses(const char *program);

/* Turns this process into an ordinary user's with these `n` capabilities (CAP_BPF ...) only. */
void host_become_ordinary(const unsigned int *capabilities, size_t n);

#endif
