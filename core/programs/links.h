/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows the links of the watched interfaces: their state, their speed, the kernel's own counts. */
#ifndef X0_PROGRAMS_LINKS_H
#define X0_PROGRAMS_LINKS_H

#include <stdbool.h>

#include "model/snapshot.h"

struct program;
struct program_context;

/* Compares the state of each link with the one known; logs an event for each that changed. */
void links_look(struct program_context *context);

/* Fills the links part; `before` may be NULL. */
void links_sample(
	struct program_context *context, const struct snapshot *before, struct snapshot *now);

/* Reads how many packets the kernel has counted on the interfaces of which `takes` returns true. Returns 0 or a negative
 * errno. */
int links_packets(const struct program *program,
	bool (*takes)(const struct program *program, uint32_t slot), uint64_t *received,
	uint64_t *sent);

#endif
