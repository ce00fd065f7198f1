// SPDX-License-Identifier: BSD-2-Clause
#include "programs/interfaces.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct watched_interface *free_slot(struct interfaces *interfaces)
{
	for (int i = 0; i < INTERFACES_MAX; i++)
		if (!interfaces->slots[i].used)
			return &interfaces->slots[i];
	return NULL;
}

static bool is_watched(const struct interfaces *interfaces, const char *name)
{
	for (int i = 0; i < INTERFACES_MAX; i++)
		if (interfaces->slots[i].used &&
			strcmp(interfaces->slots[i].interface.name, name) == 0)
			return true;
	return false;
}

static void set_absent(struct watched_interface *watched)
{
	const char *name = watched->interface.name;

	watched->present = false;
	failure_set(&watched->absent, -ENODEV, "There is no interface %s", name);
	failure_remedy(&watched->absent,
		"ip link lists what there is; x0top attaches to %s when it appears", name);
}

static void watch_named(struct interfaces *interfaces, const char *name)
{
	struct watched_interface *watched = free_slot(interfaces);

	if (watched == NULL || is_watched(interfaces, name))
		return;
	watched->used = true;
	watched->present = interface_find(name, &watched->interface) == 0;
	if (watched->present)
		return;
	snprintf(watched->interface.name, sizeof(watched->interface.name), "%s", name);
	set_absent(watched);
}

int interfaces_open(
	struct interfaces *interfaces, const struct settings *settings, struct event_log *log)
{
	struct interface found[INTERFACES_MAX];

	interfaces->log = log;
	interfaces->monitor_fd = interface_monitor_open();
	if (interfaces->monitor_fd < 0)
		return interfaces->monitor_fd;
	for (uint32_t i = 0; i < settings->n_interfaces; i++)
		watch_named(interfaces, settings->interfaces[i]);
	if (settings->n_interfaces > 0)
		return 0;
	int n = interface_list_default(found, INTERFACES_MAX);
	for (int i = 0; i < n; i++)
		watch_named(interfaces, found[i].name);
	return 0;
}

void interfaces_close(struct interfaces *interfaces)
{
	if (interfaces->monitor_fd >= 0)
		close(interfaces->monitor_fd);
	interfaces->monitor_fd = -1;
}

void interfaces_adopt(struct interfaces *interfaces, uint32_t slot, uint32_t ifindex)
{
	struct watched_interface *watched = &interfaces->slots[slot];

	watched->used = true;
	watched->present = interface_find_index(ifindex, &watched->interface) == 0;
}

/* --- changes --------------------------------------------------------------------------------- */

struct changes {
	struct interfaces *interfaces;
	bool any;
};

static void on_gone(struct interfaces *interfaces, struct watched_interface *watched)
{
	set_absent(watched);
	event_log_add(interfaces->log, 0, EVENT_KIND_PROGRAM, "interface %s is gone",
		watched->interface.name);
}

static void on_renamed(struct interfaces *interfaces, struct watched_interface *watched,
	const struct interface *interface)
{
	event_log_add(interfaces->log, 0, EVENT_KIND_PROGRAM, "interface %s is now called %s",
		watched->interface.name, interface->name);
	watched->interface = *interface;
}

static void on_appeared(struct interfaces *interfaces, struct watched_interface *watched,
	const struct interface *interface)
{
	watched->interface = *interface;
	watched->present = true;
	event_log_add(
		interfaces->log, 0, EVENT_KIND_PROGRAM, "interface %s is there", interface->name);
}

static void on_change(const struct interface *interface, bool gone, void *data)
{
	struct changes *changes = data;

	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++) {
		struct watched_interface *watched = &changes->interfaces->slots[slot];
		if (!watched->used)
			continue;
		bool same = watched->present && watched->interface.ifindex == interface->ifindex;
		bool appeared = !gone && !watched->present &&
				strcmp(watched->interface.name, interface->name) == 0;
		bool renamed = same && strcmp(watched->interface.name, interface->name) != 0;
		if (same && gone)
			on_gone(changes->interfaces, watched);
		else if (renamed)
			on_renamed(changes->interfaces, watched, interface);
		else if (appeared)
			on_appeared(changes->interfaces, watched, interface);
		changes->any |= (same && gone) || renamed || appeared;
	}
}

/* Reports were lost: looks at every watched interface instead. */
static void look_again(struct changes *changes)
{
	struct interface found;

	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++) {
		struct watched_interface *watched = &changes->interfaces->slots[slot];
		if (!watched->used)
			continue;
		if (watched->present) {
			int error = interface_find_index(watched->interface.ifindex, &found);
			if (error == -ENODEV)
				on_change(&watched->interface, true, changes);
			else if (error == 0)
				on_change(&found, false, changes);
		}
		if (!watched->present && interface_find(watched->interface.name, &found) == 0)
			on_change(&found, false, changes);
	}
}

bool interfaces_handle_changes(struct interfaces *interfaces)
{
	struct changes changes = { .interfaces = interfaces };

	if (interface_monitor_read(interfaces->monitor_fd, on_change, &changes) == -ENOBUFS)
		look_again(&changes);
	return changes.any;
}
