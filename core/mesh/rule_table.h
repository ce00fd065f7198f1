/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules in force as a whole: read, changed in memory, and put in force by one update, or not at all.
 * bpf/include/xdp_mesh_filter.h describes the maps.
 */
#ifndef X0_MESH_RULE_TABLE_H
#define X0_MESH_RULE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "kernel/map_registry.h"
#include "mesh/sets.h"
#include "xdp_mesh_filter.h"

struct rule_table {
	struct mesh_bank bank;
	uint32_t number; /* of the bank */
	/* To be in force from rule_table_put() on, not owned; NULL: those that are. */
	const struct mesh_sets *sets;
	bool used[MESH_RULES_MAX]; /* by id: of rules that were in force when it was read */
	struct mesh_rule rules[MESH_RULES_MAX]; /* by place; match MESH_MATCH_NONE: free */
};

/* Returns a number that changes with every change of what is in force; 0 without rules, or a negative
 * errno: -ENOENT if the filter was never loaded. */
int64_t rule_table_version(const struct map_registry *maps);

/* Reads the rules in force. Returns 0 or a negative errno: -ENOENT if the filter was never loaded,
 * -EBADMSG if the maps do not belong together. */
int rule_table_read(const struct map_registry *maps, struct rule_table *table);

/* Reads the sets that a table read names. Returns them, to be freed by sets_free(); NULL with *error set to
 * a negative errno: -EBADMSG if they are not whole. */
struct mesh_sets *rule_table_sets(
	const struct map_registry *maps, const struct rule_table *table, int *error);

/* Turns the rule at a place on or off, by one word: without waiting for packets, however many elements
 * there are. Returns 0 or a negative errno. */
int rule_table_switch(
	const struct map_registry *maps, struct rule_table *table, uint32_t place, bool on);

/* Compiles the table and puts it in force. Rules with the id MESH_NO_RULE get one of their own, with counts and a
 * limit that begin. Returns 0, or a negative errno with *failure set and the old
 * one in force: -ENOENT if a rule names a set that is not there, -EINVAL one of the wrong kind. */
int rule_table_put(
	const struct map_registry *maps, struct rule_table *table, struct failure *failure);

/* Compiles the rules in force again, if an interface that one names has come, gone or changed its index.
 * Returns as rule_table_put(). */
int rule_table_follow(const struct map_registry *maps, struct failure *failure);

#endif
