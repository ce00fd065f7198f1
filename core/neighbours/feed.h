/* SPDX-License-Identifier: BSD-2-Clause */
/* What a set of rules follows: words such as "kernel,babel" or "routes". */
#ifndef X0_NEIGHBOURS_FEED_H
#define X0_NEIGHBOURS_FEED_H

#include "neighbours/neighbours.h"

/* Bits of a feed: 1 << enum neighbour_source_name, and this: prefixes that neighbours lead to. */
#define FEED_ROUTES  (1U << 16)
#define FEED_SOURCES ((1U << NEIGHBOUR_SOURCES) - 1)

/*
 * Reads words, separated by commas: the name of a source, "all" of them, "routes". "routes" alone is that of
 * all. Returns 0 with *feed set, or -EINVAL with *failure set.
 */
int feed_parse(const char *text, uint32_t *feed, struct failure *failure);

/*
 * Lists what a feed has to say: MACs, else prefixes; of addresses or, with FEED_ROUTES, routes. Returns as
 * neighbours_elements().
 */
int feed_elements(
	struct neighbours *neighbours, uint32_t feed, bool macs, struct neighbour_element **list);

#endif
