/* SPDX-License-Identifier: BSD-2-Clause */
/* Compiles mesh rules and sets into the lines of mesh_tables.h. Knows no kernel. */
#ifndef X0_MESH_COMPILE_H
#define X0_MESH_COMPILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "mesh/elements.h"
#include "xdp_mesh_filter.h"

struct mesh_source {
	const struct mesh_rule *rules; /* MESH_RULES_MAX, by place */
	const struct mesh_elements *sets; /* what the rules' `sets` name */
	uint32_t n_sets;
	uint32_t generation; /* not 0; more than MESH_RULES_MAX above the one before */
	uint32_t policy; /* MESH_PASS or MESH_DROP */
	uint32_t bank; /* that the rules are kept in */
	bool no_shorts; /* there is no room for short tables */
	uint64_t seed; /* secret: of the hashes */
	/* For what is compiled as rules are: how many kinds of packets there are, 0: MESH_KINDS, and whether a rule is
	 * for one; NULL: rule_is_for_kind(). */
	uint32_t n_kinds;
	bool (*is_for_kind)(const struct mesh_rule *rule, uint32_t kind);
	/* Returns the index of an interface, 0 if there is none of that name: the rule then matches
	 * nothing. */
	uint32_t (*ifindex)(const char *name);
};

struct mesh_compiled {
	struct mesh_line *lines;
	uint32_t n, room; /* the first MESH_NEAR_LINES are there from the first on */
	uint32_t near; /* those of them that are taken */
	struct mesh_bucket *shorts; /* MESH_SHORT_BUCKETS; NULL: no table is short */
	uint32_t n_shorts, room_shorts; /* buckets of it that are taken, of those that there are */
	bool grown; /* a table took more room than its keys should, or could not be short */
};

/*
 * Compiles. Returns 0 with *compiled to be freed by mesh_compiled_free(), or a negative errno with
 * *failure set and nothing to free: -ENOMEM; -E2BIG if sets overlap in too many ways, or too many rules
 * count.
 */
int mesh_compile(
	const struct mesh_source *source, struct mesh_compiled *compiled, struct failure *failure);

void mesh_compiled_free(struct mesh_compiled *compiled);

#endif
