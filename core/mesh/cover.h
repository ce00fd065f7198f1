/* SPDX-License-Identifier: BSD-2-Clause */
/* Tells whether some mesh rules together match all packets that another one does. */
#ifndef X0_MESH_COVER_H
#define X0_MESH_COVER_H

#include <stdbool.h>
#include <stdint.h>

#include "mesh/sets.h"

struct cover;

/* Opens a room for questions about these rules, MESH_RULES_MAX of them, and the sets that they name, or NULL: sets
 * are the same by their names only. Both stay the caller's. Returns NULL if memory ran out. */
struct cover *cover_open(const struct mesh_rule *rules, const struct mesh_sets *sets);

/* Frees it. Accepts NULL. */
void cover_close(struct cover *cover);

/*
 * Returns whether `n` rules, by their numbers, decide about all that rule `number` matches before it does, but
 * for kinds that it does not name: *still has these as bits 1 << enum mesh_kind. False as well if there is no such
 * packet, or the answer takes too long.
 */
bool cover_by(
	struct cover *cover, uint32_t number, const uint16_t *by, uint32_t n, uint32_t *still);

#endif
