/* SPDX-License-Identifier: BSD-2-Clause */
/* A mesh rule between its text and the form that xdp_mesh_filter reads. */
#ifndef X0_MESH_RULE_H
#define X0_MESH_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"
#include "xdp_mesh_filter.h"

/*
 * Reads "pass KEY" or "drop KEY" (see control/action.h for KEY; bits of a prefix beyond its length
 * must be zero; an address alone is that one host) into an enabled rule. Returns 0, or -EINVAL with
 * *failure set.
 */
int rule_parse(const char *text, struct mesh_rule *rule, struct failure *failure);

/* Writes the key of a rule, "10.1.0.0/16", "02:00:00:00:00:01", "udp 6696". */
void rule_format_key(const struct mesh_rule *rule, char *text, size_t size);

/* Writes "drop 10.1.0.0/16": what rule_parse() reads. */
void rule_format(const struct mesh_rule *rule, char *text, size_t size);

/* Whether two rules have the same key: an index of xdp_mesh_filter holds one rule for a key. */
bool rule_same_key(const struct mesh_rule *a, const struct mesh_rule *b);

#endif
