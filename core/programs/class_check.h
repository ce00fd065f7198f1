/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks the kernel's own program which line of the traffic classes decides about a packet. */
#ifndef X0_PROGRAMS_CLASS_CHECK_H
#define X0_PROGRAMS_CLASS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "programs/program.h"
#include "qos/classes.h"

struct class_packet {
	const void *frame; /* Ethernet */
	size_t size;
	uint32_t ifindex; /* 0: of no interface */
	bool sent; /* else it comes in */
	const char *
		cgroup; /* whose process sends it, a path below the root; NULL: it does not matter */
};

struct class_checked {
	int line; /* -ENOENT: none decides */
	uint8_t class;
	struct failure unmet; /* as of struct class_maps */
};

/* Longest path of a cgroup that can be asked about, with the NUL. */
#define CLASS_CHECK_CGROUP_LEN 1024

/*
 * Runs a classifier of its own with these lines, and the sets that are in force, on a packet: nothing is counted.
 * Returns 0, or a negative errno with *failure set.
 */
int class_check(const struct program_context *context, const struct class_lines *lines,
	const struct class_packet *packet, struct class_checked *checked, struct failure *failure);

#endif
