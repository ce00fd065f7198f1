/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes interfaces of each link type, and reads what they can do. */
#ifndef X0_TESTS_LINK_STATE_H
#define X0_TESTS_LINK_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_TESTED	  "tested" /* the interface that is watched */
#define LINK_STATES_MAX	  64
#define LINK_FEATURES_MAX 128

struct link_type {
	const char *name;
	const char *make, *remove; /* commands */
	/* What makes "peer", in a namespace beside, its other end, here and there: link_beside.h. NULL:
	 * it has none. */
	const char *near, *far;
	short joined; /* IFF_TUN, IFF_TAP: a process copies between both ends */
};

extern const struct link_type link_types[]; /* ended by a NULL name */

/* What an interface can do: its offloads and its MTU. */
struct link_abilities {
	char name[16];
	uint32_t features[LINK_FEATURES_MAX / 32]; /* those that are on, by ethtool's number */
	uint32_t mtu, min_mtu, max_mtu;
	int large_mtu; /* what setting an MTU of 9000 gives: 0 or a negative errno */
	uint32_t largest_mtu; /* the largest that it takes, 65535 at most */
};

/* Makes it in this network namespace, and sets all interfaces up. Returns false where the kernel lacks
 * the type. */
bool link_make(const struct link_type *type);
void link_remove(const struct link_type *type);

/*
 * Renames what link_make() has made so that more can be made beside it: "tested" to "tested1" for number 1.
 * link_unnumber() gives the names back, for link_remove().
 */
void link_number(unsigned int number);
void link_unnumber(unsigned int number);

/* Reads what link_make() has made, in order of ifindex, numbered or not. Returns how many that are. */
size_t link_states_read(struct link_abilities states[LINK_STATES_MAX]);

/*
 * Writes how those of a number differ, "peer: tx-tcp-segmentation off; MTU 3506 at most", or "nothing".
 * Names the interface that is tested "it". 0: those without a number.
 */
void link_states_compare(const struct link_abilities *before, const struct link_abilities *after,
	size_t n, unsigned int number, char *text, size_t size);

#endif
