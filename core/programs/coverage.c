// SPDX-License-Identifier: BSD-2-Clause
#include "programs/coverage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE SIZE_MAX

enum visit {
	NOT_VISITED,
	UNDER_WAY, /* a circle ends here */
	VISITED,
};

/* State of a device during the choice; refers to others by their place in the list. */
struct device {
	enum visit visit;
	const char *not_eligible; /* why; NULL if it may be chosen */
	bool asked;
	bool kept; /* chosen in any case */
	size_t below; /* its lower device; NOWHERE: none */
	size_t first_port, next_port; /* of this master; of the same master */
	size_t carrier; /* the chosen lower device with its packets; NOWHERE: none */
};

struct choice {
	const struct interface *list;
	size_t n;
	const struct coverage_request *request;
	struct device *devices;
	struct coverage *chosen;
};

static bool is_one_of(const char *kind, const char *const *kinds)
{
	for (; *kinds != NULL; kinds++)
		if (strcmp(kind, *kinds) == 0)
			return true;
	return false;
}

/* Returns whether the kind's IFLA_LINK is a device that sees the same packets first. */
static bool shares_packets_of_link(const struct interface *interface)
{
	static const char *const kinds[] = { "vlan", "macvlan", "macvtap", "ipvlan", "ipvtap",
		NULL };

	return is_one_of(interface->kind, kinds);
}

/* Returns whether the packets of a master are those of its ports. */
static bool shares_packets_of_ports(const struct interface *interface)
{
	static const char *const others[] = { "batadv", NULL };

	return !is_one_of(interface->kind, others);
}

/* --- requested and eligible devices ----------------------------------------------------------- */

static bool is_named(const struct interface *interface, const struct coverage_request *request)
{
	for (uint32_t i = 0; i < request->n_names; i++)
		if (interface_is_called(interface, request->names[i]))
			return true;
	return false;
}

/* Returns why no program could read the interface's frames, or NULL. */
static const char *why_unreadable(const struct interface *interface)
{
	if (interface->frames == FRAMES_UNKNOWN)
		return "its frames are neither Ethernet nor IP";
	if (interface->frames == FRAMES_OUTER)
		return "before Linux 5.14 its frames start with an outer header";
	return NULL;
}

static const char *why_not_by_rule(const struct interface *interface, bool held)
{
	if (interface->loopback)
		return "loopback";
	if (interface->container_end)
		return "the host's end of a container";
	return interface->up || held ? NULL : "it is down";
}

static void ask(const struct choice *choice, size_t i)
{
	const struct coverage_request *request = choice->request;
	const struct interface *interface = &choice->list[i];
	struct device *device = &choice->devices[i];
	bool held = request->is_held != NULL && request->is_held(interface, request->data);

	if (request->is_kept != NULL && request->is_kept(interface, request->data)) {
		device->asked = device->kept = true;
		return;
	}
	device->asked = request->n_names == 0 || held || is_named(interface, request);
	device->not_eligible = request->n_names > 0 ? NULL : why_not_by_rule(interface, held);
	if (device->not_eligible == NULL)
		device->not_eligible = why_unreadable(interface);
}

/* --- stacked devices -------------------------------------------------------------------------- */

static size_t place_of(const struct choice *choice, uint32_t ifindex)
{
	const struct interface *found = interface_in_list(choice->list, choice->n, ifindex);

	return found == NULL ? NOWHERE : (size_t)(found - choice->list);
}

static void stack(const struct choice *choice, size_t i)
{
	const struct interface *interface = &choice->list[i];
	struct device *device = &choice->devices[i];

	if (shares_packets_of_link(interface))
		device->below = place_of(choice, interface->link);
	size_t master = place_of(choice, interface->master);
	if (master == NOWHERE || !shares_packets_of_ports(&choice->list[master]))
		return;
	device->next_port = choice->devices[master].first_port;
	choice->devices[master].first_port = i;
}

static void decide(const struct choice *choice, size_t i);

/* Returns the chosen device with the packets of device `i`: itself, or a lower one. */
static size_t counted_on(const struct choice *choice, size_t i)
{
	if (i == NOWHERE)
		return NOWHERE;
	decide(choice, i);
	return choice->chosen[i].state == COVERAGE_CHOSEN ? i : choice->devices[i].carrier;
}

/* Explains where packets of a master are counted, and on which ports they are not. */
static void explain_ports(const struct choice *choice, size_t i)
{
	struct coverage *coverage = &choice->chosen[i];
	const char *on = "", *off = "";
	uint32_t n_on = 0, n_off = 0;
	char others[2][24] = { "", "" };

	for (size_t port = choice->devices[i].first_port; port != NOWHERE;
		port = choice->devices[port].next_port) {
		size_t carrier = counted_on(choice, port);
		if (carrier != NOWHERE && n_on++ == 0)
			on = choice->list[carrier].name;
		if (carrier == NOWHERE && choice->list[port].up && n_off++ == 0)
			off = choice->list[port].name;
	}
	if (n_on > 1)
		snprintf(others[0], sizeof(others[0]), " and %u more", n_on - 1);
	if (n_off > 1)
		snprintf(others[1], sizeof(others[1]), " and %u more", n_off - 1);
	coverage->uncovered = n_off > 0;
	snprintf(coverage->reason, sizeof(coverage->reason),
		"its packets are counted on %s%s%s%s%s", on, others[0],
		n_off > 0 ? ", but not those of " : "", off, others[1]);
}

static void leave_out_stacked(const struct choice *choice, size_t i)
{
	struct coverage *coverage = &choice->chosen[i];
	const struct device *device = &choice->devices[i];

	coverage->state = COVERAGE_LEFT_OUT;
	if (counted_on(choice, device->below) == NOWHERE)
		return explain_ports(choice, i);
	snprintf(coverage->reason, sizeof(coverage->reason), "its packets are counted on %s",
		choice->list[device->carrier].name);
}

static size_t find_carrier(const struct choice *choice, size_t i)
{
	const struct device *device = &choice->devices[i];
	size_t carrier = counted_on(choice, device->below);

	for (size_t port = device->first_port; port != NOWHERE && carrier == NOWHERE;
		port = choice->devices[port].next_port)
		carrier = counted_on(choice, port);
	return carrier;
}

/* Decides about a device after all lower ones. The kernel stacks at most eight. */
static void decide(const struct choice *choice, size_t i)
{
	struct device *device = &choice->devices[i];
	struct coverage *coverage = &choice->chosen[i];

	if (device->visit != NOT_VISITED)
		return;
	device->visit = UNDER_WAY;
	device->carrier = find_carrier(choice, i);
	device->visit = VISITED;
	if (!device->asked)
		return;
	if (device->not_eligible != NULL) {
		coverage->state = COVERAGE_LEFT_OUT;
		coverage->uncovered = device->not_eligible == why_unreadable(&choice->list[i]);
		snprintf(coverage->reason, sizeof(coverage->reason), "%s", device->not_eligible);
	} else if (device->carrier != NOWHERE && !device->kept) {
		leave_out_stacked(choice, i);
	} else {
		coverage->state = COVERAGE_CHOSEN;
	}
}

int coverage_choose(const struct interface *list, size_t n, const struct coverage_request *request,
	struct coverage *chosen)
{
	struct choice choice = { list, n, request, calloc(n + 1, sizeof(struct device)), chosen };

	if (choice.devices == NULL)
		return -ENOMEM;
	memset(chosen, 0, n * sizeof(*chosen));
	for (size_t i = 0; i < n; i++) {
		choice.devices[i].below = choice.devices[i].first_port = NOWHERE;
		choice.devices[i].next_port = choice.devices[i].carrier = NOWHERE;
	}
	for (size_t i = n; i-- > 0;) { /* so that ports are listed in their order */
		ask(&choice, i);
		stack(&choice, i);
	}
	for (size_t i = 0; i < n; i++)
		decide(&choice, i);
	free(choice.devices);
	return 0;
}
