/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which interfaces are watched: a choice over a list of them, without a kernel.
 *
 * Where devices are stacked, a packet on its way up passes several of them: a port and its bridge, eth0
 * and eth0.10, a bond and its ports, a macvlan and the device below. It is to be judged and counted
 * once, so the lowest device that is asked for is chosen, and those above it are left out. Devices
 * that carry other packets than the one below them are not stacked in this sense: WireGuard, tunnels,
 * MACsec, and batman-adv, whose hard interfaces carry its frames with the packets inside.
 */
#ifndef X0_PROGRAMS_COVERAGE_H
#define X0_PROGRAMS_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "kernel/interface.h"

/*
 * What is asked for. Without names, the rule: every interface that is up, or held already, but
 * loopback and the host's ends of containers. With names: exactly those that are called so, or held.
 */
struct coverage_request {
	const char (*names)[INTERFACE_ALTNAME_LEN];
	uint32_t n_names;
	/* Whether the interface is being watched: a rename or going down does not end that. */
	bool (*is_held)(const struct interface *interface, void *data);
	void *data;
};

enum coverage_state {
	COVERAGE_NOT_ASKED, /* names are given, and not this one's */
	COVERAGE_CHOSEN,
	COVERAGE_LEFT_OUT, /* `reason` says why */
};

struct coverage {
	uint32_t state; /* enum coverage_state */
	bool uncovered; /* left out, and packets reach the host through it that nothing judges */
	char reason[TEXT_LEN]; /* "its packets are counted on eth0" */
};

/*
 * Decides about each of the `n` interfaces, a whole list of interface_list(), into chosen[n]. Returns 0
 * or -ENOMEM.
 */
int coverage_choose(const struct interface *list, size_t n, const struct coverage_request *request,
	struct coverage *chosen);

#endif
