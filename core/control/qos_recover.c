// SPDX-License-Identifier: BSD-2-Clause
#include "control/qos_recover.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/qos_undo.h"
#include "qos/act_time.h"

/* --- before the end -------------------------------------------------------------------------- */

/* Reads what a slot has, unless it is nobody's. */
static bool read_slot(const struct orchestrator *o, struct netlink *netlink, uint32_t slot,
	struct act_before *before)
{
	const struct map_registry *maps = &o->context.maps;
	struct shape_state state = { .owner = SHAPE_NONE };

	if (class_acts_read(maps, slot, &before->acts) < 0 || before->acts.interface[0] == '\0')
		return false;
	snprintf(before->interface, sizeof(before->interface), "%s", before->acts.interface);
	if (before->acts.modes & CLASS_ACT_SHAPE &&
		shape_read(netlink, before->acts.ifindex, &state) == 0 && state.timed)
		act_timed(&before->acts, &state);
	qos_keep_shape(&state, before);
	return true;
}

static int remember_slots(
	const struct orchestrator *o, struct netlink *netlink, struct act_history *history)
{
	const uint32_t slots = class_acts_slots(&o->context.maps);

	history->before = calloc(slots, sizeof(*history->before));
	if (history->before == NULL)
		return -ENOMEM;
	for (uint32_t slot = 0; slot < slots; slot++)
		history->n += read_slot(o, netlink, slot, &history->before[history->n]);
	return history->n == 0 ? -ENOENT : act_history_write(history);
}

bool qos_remember_end(const struct orchestrator *o, const char *text)
{
	struct act_history history = { .begun = ACT_END };
	struct netlink netlink;

	if (o->settings.lab || class_acts_none(&o->context.maps) || netlink_open(&netlink) < 0)
		return false;
	snprintf(history.action, sizeof(history.action), "%s", text);
	int error = remember_slots(o, &netlink, &history);
	netlink_close(&netlink);
	act_history_free(&history);
	return error == 0;
}

/* --- after a kill ---------------------------------------------------------------------------- */

/* Nothing was done yet where no slot is the interface's. */
static void put_back(
	struct orchestrator *o, struct netlink *netlink, const struct act_before *before)
{
	int slot = class_acts_find(&o->context.maps, before->interface);
	struct interface interface;
	struct failure ignored;

	if (slot < 0)
		return;
	class_acts_write(&o->context.maps, (uint32_t)slot, &before->acts);
	if (interface_find(before->interface, &interface) < 0)
		return;
	if (before->shaped && before->acts.link_price != 0)
		shape_apply_times(netlink, &interface, &ignored);
	else if (before->shaped)
		shape_apply(netlink, &interface, &before->shape, &ignored);
	else
		shape_remove(netlink, &interface, &ignored);
}

static void put_back_all(struct orchestrator *o, const struct act_history *history)
{
	struct netlink netlink;

	if (netlink_open(&netlink) < 0)
		return;
	for (uint32_t i = 0; i < history->n; i++)
		put_back(o, &netlink, &history->before[i]);
	netlink_close(&netlink);
}

enum act_begun qos_recover(struct orchestrator *o, char action[RULE_LEN])
{
	struct act_history history;
	enum act_begun begun = ACT_SETTLED;

	if (act_history_read(&history) == 0)
		begun = (enum act_begun)history.begun;
	snprintf(action, RULE_LEN, "%s", begun != ACT_SETTLED ? history.action : "");
	if (begun == ACT_STEPS) {
		put_back_all(o, &history);
		act_history_forget();
	} else if (begun == ACT_END) {
		class_acts_switch(&o->context, NULL, false);
		qos_settle(o);
	}
	act_history_free(&history);
	return begun;
}
