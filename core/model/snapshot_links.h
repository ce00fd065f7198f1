/* SPDX-License-Identifier: BSD-2-Clause */
/* The watched interfaces as links in a snapshot: their state, and the kernel's own counts. */
#ifndef X0_MODEL_SNAPSHOT_LINKS_H
#define X0_MODEL_SNAPSHOT_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "interfaces.h"
#include "model/counter.h"

enum link_state {
	LINK_UP,
	LINK_OFF, /* switched off by an administrator */
	LINK_NO_CARRIER, /* no cable, no peer, no access point */
	LINK_LOWER_DOWN, /* the device below it, or its peer, is down */
	LINK_DORMANT, /* waits for something else: 802.1X */
	LINK_TESTING,
	LINK_ABSENT, /* asked for by name, and does not exist */
	LINK_STATES,
};

struct snapshot_link {
	char name[NAME_LEN];
	uint32_t ifindex;
	uint32_t state; /* enum link_state */
	double changed; /* seconds since 1970; NAN: not since x0top watches it */
	double speed; /* bit/s; NAN: the driver reports none */
	/* COUNT_UNKNOWN while it is absent. */
	uint64_t mtu; /* bytes */
	uint64_t carrier_losses; /* since the interface exists */
	/* By the kernel, since the interface exists. */
	struct traffic received;
	struct traffic sent;
	struct counter receive_errors;
	struct counter send_errors;
	struct counter receive_dropped;
	struct counter send_dropped;
};

struct snapshot_links {
	uint32_t n_links;
	struct snapshot_link links[INTERFACES_MAX];
};

extern const struct field link_fields[];
extern const struct field links_fields[];

/* Returns whether a link should carry packets and does not: neither up, nor off, nor absent. */
bool link_is_down(const struct snapshot_link *link);

/* Returns why such a link is down, from its state: "its peer or lower device is down"; else NULL. */
const char *link_why_down(uint32_t state);

/* Writes state, speed and MTU of a link: "up, 10.0Gbit/s, MTU 1500". Returns `text`. */
char *link_describe(const struct snapshot_link *link, char *text, size_t size);

/* Sums the counts over all links into *sum, of which nothing else is set; an absent one has no rate. */
void links_sum(const struct snapshot_links *links, struct snapshot_link *sum);

#endif
