// SPDX-License-Identifier: BSD-2-Clause
#include "control/qos_target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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

static int find_interface(struct qos_target *target, const char *name, struct failure *failure)
{
	int error = interface_find(name, &target->interface);

	if (error == -ENODEV)
		return failure_set(failure, error, "There is no interface %s", name);
	return error < 0 ? failure_set(
				   failure, error, "Cannot look at %s: %s", name, strerror(-error))
			 : 0;
}

/* Returns 0, with target->netlink open, or a negative errno with *failure set. */
static int open_and_read(struct qos_target *target, struct failure *failure)
{
	int error = netlink_open(&target->netlink);

	if (error < 0)
		return failure_set(
			failure, error, "Cannot open a netlink socket: %s", strerror(-error));
	qos_labels(target->o, &target->control);
	error = read_target(target, failure);
	if (error < 0)
		netlink_close(&target->netlink);
	return error;
}

int qos_look(struct orchestrator *o, const char *interface, struct qos_target *target,
	struct failure *failure)
{
	*target = (struct qos_target) { .o = o };
	int error = find_interface(target, interface, failure);

	return error < 0 ? error : open_and_read(target, failure);
}

/* Lets the classifier only count, if it has nothing to do. Of a change of several parts, the last one's end counts. */
static void cease(const struct qos_target *target)
{
	const struct map_registry *maps = &target->o->context.maps;
	struct failure ignored;

	if (target->o->qos_part || !class_acts_any(maps) || !class_acts_none(maps))
		return;
	if (enforcement_own(target->o, &ignored) == 0)
		enforcement_off(target->o, target->program, &ignored);
}

void qos_end(struct qos_target *target)
{
	netlink_close(&target->netlink);
	cease(target);
}

/* Opens an interface for a change; the classifier acts from now on, on nothing yet. */
int qos_begin(const struct verb_call *call, struct qos_target *target, struct failure *failure)
{
	*target = (struct qos_target) { .o = call->orchestrator,
		.program = find_classifier(call->orchestrator) };
	int error = find_interface(target, call->action->interface, failure);
	if (error == 0)
		error = program_must_run(target->program, failure);
	if (error == 0 && !class_acts_any(&target->o->context.maps))
		error = enforcement_on(target->o, target->program, failure);
	if (error < 0)
		return error;
	error = open_and_read(target, failure);
	if (error < 0)
		cease(target);
	return error;
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

void qos_keep_shape(const struct shape_state *state, struct act_before *before)
{
	before->shaped = state->owner == SHAPE_OURS && state->whole;
	if (before->shaped)
		shape_asked(state, &before->shape);
}

void qos_keep(const struct qos_target *target, struct act_before *before)
{
	snprintf(before->interface, sizeof(before->interface), "%s", target->interface.name);
	before->acts = target->acts;
	qos_keep_shape(&target->shape, before);
}

/* --- changing -------------------------------------------------------------------------------- */

int qos_write_acts(const struct qos_target *target, struct failure *failure)
{
	int error = class_acts_write(&target->o->context.maps, target->slot, &target->acts);

	return error < 0 ? failure_set(failure, error, "Cannot change what is done on %s: %s",
				   target->interface.name, strerror(-error))
			 : 0;
}

int qos_put_shape(struct qos_target *target, const struct class_acts *wanted,
	const struct shape *shape, struct failure *failure)
{
	const struct class_acts before = target->acts;
	int error = shape != NULL ? shape_check(shape, failure)
				  : shape_remove(&target->netlink, &target->interface, failure);

	if (error < 0)
		return error;
	target->acts = *wanted;
	error = qos_write_acts(target, failure);
	if (error < 0 || shape == NULL)
		return error;
	error = wanted->link_price != 0
			? shape_apply_times(&target->netlink, &target->interface, failure)
			: shape_apply(&target->netlink, &target->interface, shape, failure);
	if (error < 0) {
		target->acts = before;
		class_acts_write(&target->o->context.maps, target->slot, &before);
	}
	return error;
}
