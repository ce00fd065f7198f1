// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/state.h"

static struct watched_interface *free_slot(struct orchestrator *o)
{
	for (int i = 0; i < INTERFACES_MAX; i++)
		if (!o->interfaces[i].used)
			return &o->interfaces[i];
	return NULL;
}

static bool is_watched(const struct orchestrator *o, const char *name)
{
	for (int i = 0; i < INTERFACES_MAX; i++)
		if (o->interfaces[i].used && strcmp(o->interfaces[i].interface.name, name) == 0)
			return true;
	return false;
}

static void set_absent(struct watched_interface *watched)
{
	const char *name = watched->interface.name;

	watched->present = false;
	failure_set(&watched->xdp_failure, -ENODEV, "There is no interface %s", name);
	failure_remedy(&watched->xdp_failure,
		"ip link lists what there is; x0top attaches to %s when it appears", name);
	watched->tc_failure = watched->xdp_failure;
}

static void watch_named(struct orchestrator *o, const char *name)
{
	struct watched_interface *watched = free_slot(o);

	if (watched == NULL || is_watched(o, name))
		return;
	watched->used = true;
	watched->present = interface_find(name, &watched->interface) == 0;
	if (watched->present)
		return;
	snprintf(watched->interface.name, sizeof(watched->interface.name), "%s", name);
	set_absent(watched);
}

void watch_open(struct orchestrator *o)
{
	struct interface found[INTERFACES_MAX];

	for (uint32_t i = 0; i < o->settings.n_interfaces; i++)
		watch_named(o, o->settings.interfaces[i]);
	if (o->settings.n_interfaces > 0)
		return;
	int n = interface_list_default(found, INTERFACES_MAX);
	for (int i = 0; i < n; i++)
		watch_named(o, found[i].name);
}

void watch_attach_xdp(struct orchestrator *o)
{
	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++) {
		struct watched_interface *watched = &o->interfaces[slot];
		if (!watched->used || !watched->present || o->chain.roots[slot].link_fd >= 0)
			continue;
		watched->xdp_failure.error = 0;
		chain_attach(&o->chain, slot, &watched->interface, o->settings.xdp_mode,
			&watched->xdp_failure);
	}
	/* While enforcing, what is attached later has to outlive x0top as well. */
	enforcement_pin_links(o);
}

void watch_detach_xdp(struct orchestrator *o)
{
	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++)
		chain_detach(&o->chain, slot);
}

/* --- changes --------------------------------------------------------------------------------- */

static void on_gone(struct orchestrator *o, uint32_t slot)
{
	struct watched_interface *watched = &o->interfaces[slot];

	chain_detach(&o->chain, slot);
	enforcement_pin_links(o);
	tc_detach(&watched->tc);
	set_absent(watched);
	event_log_add(
		&o->events, 0, EVENT_KIND_PROGRAM, "interface %s is gone", watched->interface.name);
}

static void on_renamed(struct orchestrator *o, struct watched_interface *watched,
	const struct interface *interface)
{
	event_log_add(&o->events, 0, EVENT_KIND_PROGRAM, "interface %s is now called %s",
		watched->interface.name, interface->name);
	watched->interface = *interface;
}

static void on_appeared(struct orchestrator *o, struct watched_interface *watched,
	const struct interface *interface)
{
	watched->interface = *interface;
	watched->present = true;
	event_log_add(&o->events, 0, EVENT_KIND_PROGRAM, "interface %s is there", interface->name);
	if (xdp_any_stage(o))
		watch_attach_xdp(o);
	tc_attach_interfaces(o);
}

static void on_change(const struct interface *interface, bool gone, void *data)
{
	struct orchestrator *o = data;

	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++) {
		struct watched_interface *watched = &o->interfaces[slot];
		if (!watched->used)
			continue;
		bool same = watched->present && watched->interface.ifindex == interface->ifindex;
		if (same && gone)
			on_gone(o, slot);
		else if (same && strcmp(watched->interface.name, interface->name) != 0)
			on_renamed(o, watched, interface);
		else if (!gone && !watched->present &&
			 strcmp(watched->interface.name, interface->name) == 0)
			on_appeared(o, watched, interface);
	}
}

/* Reports were lost: looks at every watched interface instead. */
static void look_again(struct orchestrator *o)
{
	struct interface found;

	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++) {
		struct watched_interface *watched = &o->interfaces[slot];
		if (!watched->used)
			continue;
		if (watched->present) {
			int error = interface_find_index(watched->interface.ifindex, &found);
			if (error == -ENODEV)
				on_change(&watched->interface, true, o);
			else if (error == 0)
				on_change(&found, false, o);
		}
		if (!watched->present && interface_find(watched->interface.name, &found) == 0)
			on_change(&found, false, o);
	}
}

void watch_handle_changes(struct orchestrator *o)
{
	if (interface_monitor_read(o->monitor_fd, on_change, o) == -ENOBUFS)
		look_again(o);
}
