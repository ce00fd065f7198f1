/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes one interface of each link type, and reads what it can do. */
#ifndef X0_TESTS_LINK_STATE_H
#define X0_TESTS_LINK_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_TESTED	  "tested" /* the interface that is watched */
#define LINK_STATES_MAX	  8
#define LINK_FEATURES_MAX 128

struct link_type {
	const char *name;
	const char *make, *remove; /* commands */
	/* What makes "peer", in a namespace beside, its other end, here and there: link_beside.h. NULL:
	 * it has none. */
	const char *near, *far;
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

/* Reads all interfaces but the loopback, in order of ifindex. Returns their number. */
size_t link_states_read(struct link_abilities states[LINK_STATES_MAX]);

/*
 * Writes how they differ, "peer: tx-tcp-segmentation off; MTU 3506 at most", or "nothing". Names the
 * interface that is tested "it".
 */
void link_states_compare(const struct link_abilities *before, const struct link_abilities *after,
	size_t n, char *text, size_t size);

#endif
