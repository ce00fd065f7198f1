/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host for a test to change: network and mounts of its own, with bpffs, an empty /run and an empty
 * /var/log. All of it dies with the process.
 */
#ifndef X0_TESTS_HOST_H
#define X0_TESTS_HOST_H

#include <stddef.h>

#define HOST_ORDINARY 65534 /* the user nobody, and his group */

/* Moves this process there. With `bpffs` false, nothing is mounted on /sys/fs/bpf. */
void host_enter(int bpffs);

/* Makes this process one of an ordinary user who has just these `n` capabilities (CAP_BPF ...). */
void host_become_ordinary(const unsigned int *capabilities, size_t n);

#endif
