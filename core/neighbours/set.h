/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A set of neighbours and routes, as one source knows them: found by their key, in an order that only
 * removing changes. It is bounded, and its hash is seeded: sources carry what others say.
 */
#ifndef X0_NEIGHBOURS_SET_H
#define X0_NEIGHBOURS_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "kernel/interface.h"

enum {
	NEIGHBOURS_MAX = 16384, /* in a set */
	MAC_LEN = 6,
	ADDRESS_LEN = 16,
};

/* Compared byte by byte: without gaps, and zero where something is not used. */
struct neighbour_key {
	uint64_t id; /* the source's own, whatever tells its elements apart; or 0 */
	uint32_t ifindex; /* 0: none */
	uint8_t kind; /* enum neighbour_kind */
	uint8_t family; /* AF_INET, AF_INET6; 0: it has no address */
	uint8_t bits; /* length of the prefix: that of a neighbour is whole */
	uint8_t unused;
	uint8_t address[ADDRESS_LEN]; /* IPv4 in the first four bytes */
};

struct neighbour {
	struct neighbour_key key;
	char interface[INTERFACE_NAME_LEN];
	char name[NAME_LEN]; /* printable ASCII, as all texts here */
	const char *state; /* a constant */
	bool has_mac, has_via_mac;
	uint8_t mac[MAC_LEN], via_mac[MAC_LEN];
	uint8_t via_family; /* of `via`; 0: none */
	uint8_t via[ADDRESS_LEN];
	/* As in a snapshot; NAN: unknown. */
	double quality, metric, throughput, last_seen, received_bytes, sent_bytes;
};

struct neighbour_set {
	uint32_t n, room;
	uint64_t left_out; /* for lack of room, or unreadable */
	/* The set before, while this one is made; NULL: none. What it has gets room in place of what it has not: who floods
	 * a mesh with names pushes nobody out. */
	const struct neighbour_set *known;
	uint32_t n_spared; /* of the last elements: known has them */
	struct neighbour *list;
	uint32_t *index; /* place + 1 by hash; 0: empty */
	uint32_t index_size; /* a power of two */
	uint64_t seed;
};

/* Begins a neighbour: its kind, nothing else known. */
void neighbour_init(struct neighbour *neighbour, uint8_t kind);

/* Sets key.family, key.address and the whole length. `family` is AF_INET or AF_INET6. */
void neighbour_set_address(struct neighbour *neighbour, uint8_t family, const void *address);

/* Returns the bytes of an address of a family, or 0. */
size_t neighbour_address_len(uint8_t family);

/*
 * Adds a neighbour, or replaces the one with its key. Returns 0, -ENOSPC beyond NEIGHBOURS_MAX or
 * -ENOMEM: `left_out` counts both, and what had to make room.
 */
int neighbour_set_put(struct neighbour_set *set, const struct neighbour *neighbour);

/* Returns the element with a key, valid until the set changes, or NULL. */
struct neighbour *neighbour_set_find(
	const struct neighbour_set *set, const struct neighbour_key *key);

/* Removes the element with a key, if there is one; the last element takes its place. */
void neighbour_set_remove(struct neighbour_set *set, const struct neighbour_key *key);

/* Removes everything and frees the memory. */
void neighbour_set_clear(struct neighbour_set *set);

/* Puts what `next` holds in place of what `set` holds, and leaves `next` empty. */
void neighbour_set_replace(struct neighbour_set *set, struct neighbour_set *next);

#endif
