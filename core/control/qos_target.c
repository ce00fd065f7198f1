// SPDX-License-Identifier: BSD-2-Clause
#include "control/qos_target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "programs/class_acts_sample.h"
#include "programs/programs.h"
#include "programs/tc_classifier_attach.h"

void orchestrator_qos(struct orchestrator *o, struct snapshot *now)
{
	struct netlink netlink;

	if (netlink_open(&netlink) < 0)
		return;
	collect_qos(&o->context, &netlink, NULL, now);
	netlink_close(&netlink);
}

static struct program *find_classifier(struct orchestrator *o)
{
	for (uint32_t i = 0; i < o->n_programs; i++)
		if (o->programs[i].type == &program_tc_classifier)
			return &o->programs[i];
	return NULL;
}

/* The names are those in force, or will be those of the settings. */
void qos_labels(const struct orchestrator *o, struct class_control *control)
{
	if (class_acts_labels(&o->context.maps, control) < 0 || control->acting == 0)
		class_acts_fill_labels(
			classifier_names(find_classifier((struct orchestrator *)o)), control);
}

static int read_target(struct qos_target *target, struct failure *failure)
{
	const struct map_registry *maps = &target->o->context.maps;
	int slot = class_acts_slot(maps, target->interface.ifindex);
	int error = slot < 0 ? slot : class_acts_read(maps, (uint32_t)slot, &target->acts);

	if (slot == -ENOENT) {
		failure_set(failure, slot, "x0top does not watch %s", target->interface.name);
		return failure_remedy(failure, "Start it with -i %s", target->interface.name);
	}
	if (error == 0)
		error = shape_read(&target->netlink, target->interface.ifindex, &target->shape);
	if (error < 0)
		return failure_set(failure, error, "Cannot read what %s has: %s",
			target->interface.name, strerror(-error));
	target->slot = (uint32_t)slot;
	if (target->shape.timed)
		class_acts_timed(&target->o->context, target->slot, &target->acts, &target->shape);
	snprintf(target->acts.interface, sizeof(target->acts.interface), "%s",
		target->interface.name);
	target->acts.ifindex = target->interface.ifindex;
	return 0;
}

/* Opens an interface for a change; the classifier acts from now on, on nothing yet. */
int qos_begin(const struct verb_call *call, struct qos_target *target, struct failure *failure)
{
	const char *name = call->action->interface;

	*target = (struct qos_target) { .o = call->orchestrator,
		.program = find_classifier(call->orchestrator) };
	int error = interface_find(name, &target->interface);
	if (error < 0)
		return failure_set(failure, error, "%s: %s", name, strerror(-error));
	error = program_must_run(target->program, failure);
	if (error == 0 && !class_acts_any(&target->o->context.maps))
		error = enforcement_on(target->o, target->program, failure);
	if (error < 0)
		return error;
	qos_labels(target->o, &target->control);
	error = netlink_open(&target->netlink);
	if (error < 0)
		return failure_set(
			failure, error, "Cannot open a netlink socket: %s", strerror(-error));
	error = read_target(target, failure);
	if (error < 0)
		netlink_close(&target->netlink);
	return error;
}

/* Ends a change. Where nothing acts any more, the classifier only counts. */
void qos_end(struct qos_target *target)
{
	struct failure ignored;

	netlink_close(&target->netlink);
	if (!class_acts_none(&target->o->context.maps))
		return;
	if (enforcement_own(target->o, &ignored) == 0)
		enforcement_off(target->o, target->program, &ignored);
}

int qos_find_class(const struct class_control *control, const char *name, struct failure *failure)
{
	char names[FAILURE_SENTENCE_LEN] = "";
	size_t length = 0;

	for (int i = 1; i < TRAFFIC_CLASSES; i++)
		if (control->labels[i][0] != '\0' && strcmp(control->labels[i], name) == 0)
			return i;
	for (int i = 1; i < TRAFFIC_CLASSES && length < sizeof(names); i++)
		if (control->labels[i][0] != '\0')
			length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s",
				length > 0 ? ", " : "", control->labels[i]);
	failure_set(failure, -ENOENT, "There is no class %.32s", name);
	return failure_remedy(failure, "The classes are %s", names);
}

/* --- remembering ----------------------------------------------------------------------------- */

void qos_keep_shape(const struct shape_state *state, struct act_before *before)
{
	before->shaped = state->owner == SHAPE_OURS && state->whole;
	if (before->shaped)
		shape_asked(state, &before->shape);
}

/* Remembers what is in force. Only a change that is to be undone by itself needs that. */
static int remember(const struct verb_call *call, const struct qos_target *target, bool steps,
	struct failure *failure)
{
	const struct action *action = call->action;
	struct act_before before = { .begun = steps, .acts = target->acts }, pending;

	if (call->orchestrator->qos_part)
		return 0;
	if (act_history_read(&pending) == 0 && pending.token != 0 && action->confirm_within > 0) {
		failure_set(failure, -EBUSY, "Another change waits for a confirm");
		return failure_remedy(failure,
			"Keep it with x0top qos confirm, or undo it with x0top qos rollback");
	}
	snprintf(before.action, sizeof(before.action), "%s", call->text);
	snprintf(before.interface, sizeof(before.interface), "%s", target->interface.name);
	qos_keep_shape(&target->shape, &before);
	if (action->confirm_within > 0) {
		before.token = action->token;
		before.deadline = clock_boottime_ns() + action->confirm_within * NS_PER_SECOND;
	}
	int error = act_history_write(&before);
	if (error == 0 || action->confirm_within == 0)
		return 0;
	return failure_set(
		failure, error, "Cannot remember how to undo the change: %s", strerror(-error));
}

int qos_remember(
	const struct verb_call *call, const struct qos_target *target, struct failure *failure)
{
	return remember(call, target, false, failure);
}

int qos_remember_steps(
	const struct verb_call *call, const struct qos_target *target, struct failure *failure)
{
	return remember(call, target, true, failure);
}

void qos_settle(const struct verb_call *call)
{
	struct act_before before;

	if (call->orchestrator->qos_part || act_history_read(&before) < 0)
		return;
	before.begun = false;
	act_history_write(&before);
}

int qos_write_acts(const struct qos_target *target, struct failure *failure)
{
	int error = class_acts_write(&target->o->context.maps, target->slot, &target->acts);

	return error < 0 ? failure_set(failure, error, "Cannot change what is done on %s: %s",
				   target->interface.name, strerror(-error))
			 : 0;
}

/* --- after a kill ---------------------------------------------------------------------------- */

/* Finds the slot of an interface by what was asked for of it. */
static int find_slot(const struct map_registry *maps, const char *interface)
{
	struct class_acts acts;

	for (uint32_t slot = 0; class_acts_read(maps, slot, &acts) == 0; slot++)
		if (strncmp(acts.interface, interface, sizeof(acts.interface)) == 0)
			return (int)slot;
	return -ENOENT;
}

/* Nothing was done yet where no slot is the interface's. */
static void put_back(struct orchestrator *o, const struct act_before *before)
{
	int slot = find_slot(&o->context.maps, before->interface);
	struct interface interface;
	struct netlink netlink;
	struct failure ignored;

	if (slot < 0)
		return;
	class_acts_write(&o->context.maps, (uint32_t)slot, &before->acts);
	if (interface_find(before->interface, &interface) < 0 || netlink_open(&netlink) < 0)
		return;
	if (before->shaped && before->acts.link_price != 0)
		shape_apply_times(&netlink, &interface, &ignored);
	else if (before->shaped)
		shape_apply(&netlink, &interface, &before->shape, &ignored);
	else
		shape_remove(&netlink, &interface, &ignored);
	netlink_close(&netlink);
}

bool qos_recover(struct orchestrator *o, char action[RULE_LEN])
{
	struct act_before before;

	if (act_history_read(&before) < 0 || !before.begun)
		return false;
	put_back(o, &before);
	act_history_forget();
	snprintf(action, RULE_LEN, "%s", before.action);
	return true;
}
