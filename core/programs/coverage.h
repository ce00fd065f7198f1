/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Chooses the interfaces to watch from a list; asks the kernel nothing.
 *
 * A packet passes several stacked devices on its way up: a port and its bridge, eth0 and eth0.10, a bond
 * and its ports, a macvlan and the device below. To judge and count it once, the lowest requested device
 * is chosen and those above it are left out. Devices that carry other packets than the device below do
 * not count as stacked: WireGuard, tunnels, MACsec, and batman-adv, which encapsulates.
 */
#ifndef X0_PROGRAMS_COVERAGE_H
#define X0_PROGRAMS_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "kernel/interface.h"

/*
 * The request. Without names, the rule: every interface that is up, or held already, except loopback and
 * the host's ends of containers. With names: exactly the interfaces with these names, or held.
 */
struct coverage_request {
	const char (*names)[INTERFACE_ALTNAME_LEN];
	uint32_t n_names;
	/* Returns whether the interface is watched already; renaming or going down does not end that. */
	bool (*is_held)(const struct interface *interface, void *data);
	/* Returns whether more is done there than counting: it is chosen, whatever else would be said. May be NULL. */
	bool (*is_kept)(const struct interface *interface, void *data);
	void *data;
};

enum coverage_state {
	COVERAGE_NOT_ASKED, /* the request names others */
	COVERAGE_CHOSEN,
	COVERAGE_LEFT_OUT, /* `reason` says why */
};

struct coverage {
	uint32_t state; /* enum coverage_state */
	bool uncovered; /* left out, and lets packets in that nothing judges */
	char reason[TEXT_LEN]; /* "its packets are counted on eth0" */
};

/*
 * Decides about each of the `n` interfaces of a whole interface_list() into chosen[n]. Returns 0 or
 * -ENOMEM.
 */
int coverage_choose(const struct interface *list, size_t n, const struct coverage_request *request,
	struct coverage *chosen);

#endif
