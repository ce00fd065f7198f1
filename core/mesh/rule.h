/* SPDX-License-Identifier: BSD-2-Clause */
/* Converts a mesh rule between text and the form in xdp_mesh_filter's maps. */
#ifndef X0_MESH_RULE_H
#define X0_MESH_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "xdp_mesh_filter.h"

/*
 * Reads "pass KEY" or "drop KEY" (KEY: control/action.h) into an enabled rule. Bits of a prefix
 * beyond its length must be zero; an address alone is one host. Returns 0, or -EINVAL with *failure
 * set.
 */
int rule_parse(const char *text, struct mesh_rule *rule, struct failure *failure);

/* Writes a rule's key, like "10.1.0.0/16", "02:00:00:00:00:01" or "udp 6696". */
void rule_format_key(const struct mesh_rule *rule, char *text, size_t size);

/* Writes a rule as rule_parse() reads it, like "drop 10.1.0.0/16". */
void rule_format(const struct mesh_rule *rule, char *text, size_t size);

/* Returns whether two rules have the same key; an index of xdp_mesh_filter holds one rule per
 * key. */
bool rule_same_key(const struct mesh_rule *a, const struct mesh_rule *b);

/* Returns whether the first `bits` of two addresses are the same. */
bool rule_same_start(const uint8_t *a, const uint8_t *b, uint32_t bits);

/* Returns whether a prefix lies within another, shorter one of its family. */
bool rule_contains(const struct mesh_rule *wide, const struct mesh_rule *narrow);

#endif
