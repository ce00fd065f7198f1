/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Regions of packets: a product of lists of values, one list a dimension of mesh rules. Regions are subtracted from
 * one another in a bounded room, to see whether some of them together hold another one.
 */
#ifndef X0_MESH_REGION_H
#define X0_MESH_REGION_H

#include <stdbool.h>
#include <stdint.h>

#include "xdp_mesh_filter.h"

enum {
	REGION_DIMENSIONS = MESH_BY_READABLE, /* those before it: what a packet is has no order */
	REGIONS_MAX = 64,
};

/* A number of 128 bits: an address on the left, other values on the right. */
struct region_point {
	uint64_t high, low;
};

struct region_span {
	struct region_point from, to; /* both in it */
};

bool region_is_before(struct region_point a, struct region_point b);

/* Values of a dimension: in order, without overlap. Not owned. */
struct region_values {
	uint32_t n;
	const struct region_span *spans;
};

struct region {
	struct region_values by[REGION_DIMENSIONS];
};

struct regions {
	uint32_t n;
	struct region list[REGIONS_MAX];
};

/* Where spans are made. The caller allocates, and sets n to 0 to begin anew. */
struct region_room {
	uint32_t n, max; /* used, and of `spans` */
	struct region_span *spans;
};

/* All values of a dimension. */
extern const struct region_values region_all;

/* Makes values of one span. Returns false if there is no room. */
bool region_values_of(
	struct region_room *room, struct region_span span, struct region_values *values);

/* Adds a span behind those that began at `first`, in order: the last ones of the room. Returns false if there is
 * no room. */
bool region_add_span(struct region_room *room, struct region_span span);

/* Writes what two lists have in common. Returns false if there is no room. */
bool region_meet(struct region_room *room, const struct region_values *a,
	const struct region_values *b, struct region_values *both);

/*
 * Takes `cut` away from the pieces, which become more and smaller. Returns 1 if that changed them, 0 if they do not
 * meet, or -ENOSPC: too many spans or pieces, and the pieces are undefined.
 */
int region_subtract(struct region_room *room, struct regions *pieces, const struct region *cut);

#endif
