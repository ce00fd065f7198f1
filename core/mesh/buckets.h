/* SPDX-License-Identifier: BSD-2-Clause */
/* Fills the hashed tables of compiled rules: cuckoo hashing, so that any key is in one of two buckets. */
#ifndef X0_MESH_BUCKETS_H
#define X0_MESH_BUCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "mesh_tables.h"

/* A key with its class. */
struct mesh_key {
	uint64_t high, low; /* of a prefix: left-aligned, host byte order; else `high` is the key */
	uint32_t length; /* of a prefix, from 1; else 0 */
	uint32_t class;
};

/* Keys are narrow (48 bits: IPv4 prefixes, MACs, numbers) or wide (IPv6 prefixes). */
enum mesh_width { MESH_NARROW, MESH_WIDE };

/* Returns the number of buckets for `n` keys; `more` doubles it so many times. */
uint32_t buckets_wanted(enum mesh_width width, uint32_t n, uint32_t more);

/*
 * Puts `n` different keys into `buckets` zeroed buckets at `lines`, hashed by `multipliers`. Returns false
 * if they do not fit: then more buckets do.
 */
bool buckets_fill(enum mesh_width width, struct mesh_line *lines, uint32_t buckets,
	const __u64 *multipliers, const struct mesh_key *keys, uint32_t n);

#endif
