// SPDX-License-Identifier: BSD-2-Clause
/*
 * Turns enforcing on and off. An enforcing program keeps protecting the host after x0top exits or dies:
 * its maps and the links of the chain are pinned in bpffs and keep the programs alive. The folder's name
 * carries the version of the map layouts, for other versions of x0top.
 *
 * Order of writes: pins are complete before a program enforces, and it stops enforcing before they are
 * removed. A kill in between leaves pins that enforce nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "control/state.h"
#include "kernel/keeper.h"
#include "kernel/lock.h"
#include "kernel/pin.h"
#include "kernel/pins.h"

bool enforcement_is_on(const struct program *program)
{
	return program->type->enforced != NULL && program->type->enforced(program);
}

bool enforcement_has_pins(const struct program *program)
{
	const struct program_context *context = program->context;

	return program->type->pin != NULL ? context->classes_pinned : context->pinned;
}

bool enforcement_is_pinned(const struct program *program)
{
	return enforcement_has_pins(program) && enforcement_is_on(program);
}

bool enforcement_is_anothers(const struct program *program)
{
	const struct program_context *context = program->context;

	return program->type->stage != XDP_ROOT
		       ? context->look_only
		       : program->type->pin != NULL && context->classes_look_only;
}

bool enforcement_any(const struct orchestrator *o)
{
	for (uint32_t i = 0; i < o->n_programs; i++)
		if (enforcement_is_on(&o->programs[i]))
			return true;
	return false;
}

/* Returns whether any program enforces that is pinned as this one is: with the chain, or not. */
static bool any_like(const struct orchestrator *o, const struct program *program)
{
	for (uint32_t i = 0; i < o->n_programs; i++)
		if ((o->programs[i].type->pin == NULL) == (program->type->pin == NULL) &&
			enforcement_is_on(&o->programs[i]))
			return true;
	return false;
}

static bool *pinned_flag(struct orchestrator *o, const struct program *program)
{
	return program->type->pin != NULL ? &o->context.classes_pinned : &o->context.pinned;
}

void enforcement_stop_all(struct orchestrator *o)
{
	for (uint32_t i = 0; i < o->n_programs; i++)
		if (enforcement_is_on(&o->programs[i]))
			o->programs[i].type->enforce(&o->programs[i], false);
}

/* --- ownership ------------------------------------------------------------------------------- */

int enforcement_own(const struct orchestrator *o, struct failure *failure)
{
	if (o->settings.lab || o->lock_fd >= 0)
		return 0;
	failure->error = -EBUSY;
	if (o->context.not_ours.error < 0)
		*failure = o->context.not_ours;
	else
		failure_set(failure, -EBUSY, "This x0top does not own the XDP chain of this host");
	return failure->error;
}

/* --- on and off ------------------------------------------------------------------------------ */

static int cannot_pin(int error, struct failure *failure)
{
	if (error == -EEXIST) {
		failure_set(failure, error, "%s contains pins of another x0top", PINS_FOLDER);
		return failure_remedy(failure, "Remove them: x0top programs down");
	}
	failure_set(failure, error, "Cannot pin enforcement in %s: %s", PINS_FOLDER,
		keeper_strerror(error));
	return failure_remedy(failure, "Run x0top as root, with bpffs mounted on %s", PINS_BPFFS);
}

/* Pins what a program needs: the chain, or its own links. */
static int pin_all(struct orchestrator *o, const struct program *program, int folder)
{
	bool chain = program->type->pin == NULL;
	int error = map_registry_pin(
		&o->context.maps, folder, chain ? MAP_PINNED_WITH_CHAIN : MAP_PINNED_WITH_CLASSES);

	if (error < 0)
		return error;
	return chain ? chain_pin(&o->context.chain, folder) : program->type->pin(program, folder);
}

void enforcement_unpin_group(struct orchestrator *o, bool chain)
{
	if (o->pins.folder < 0)
		return;
	for (uint32_t i = 0; i < o->n_programs && !chain; i++)
		if (o->programs[i].type->unpin != NULL)
			o->programs[i].type->unpin(&o->programs[i], o->pins.folder, false);
	if (chain)
		chain_unpin(&o->context.chain, o->pins.folder);
	map_registry_unpin(&o->context.maps, o->pins.folder,
		chain ? MAP_PINNED_WITH_CHAIN : MAP_PINNED_WITH_CLASSES);
}

/* Pins into a fresh folder and puts it in force by one rename; into the one in force, if there is one. */
static int make_pins(struct orchestrator *o, const struct program *program, struct failure *failure)
{
	if (pins_in_force(&o->pins)) {
		int added = pin_all(o, program, o->pins.folder);
		return added < 0 ? cannot_pin(added, failure) : 0;
	}
	int error = pins_begin(&o->pins, failure);

	if (error < 0)
		return error;
	error = pin_all(o, program, o->pins.fresh);
	if (error == 0)
		error = pins_commit(&o->pins);
	if (error == 0)
		return 0;
	pins_abandon(&o->pins);
	return cannot_pin(error, failure);
}

/* Removes the pins of a program unless another needs them. */
static void unpin(struct orchestrator *o, const struct program *program)
{
	if (any_like(o, program))
		return;
	if (enforcement_any(o))
		enforcement_unpin_group(o, program->type->pin == NULL);
	else
		pins_empty(&o->pins, false);
	*pinned_flag(o, program) = false;
}

/* Attaches the XDP chain where the counter counted at TC. */
static void attach_chain(struct program *program, bool begins)
{
	program->enforce_begins = begins;
	program->type->interfaces_changed(program);
}

int enforcement_on(struct orchestrator *o, struct program *program, struct failure *failure)
{
	int error = enforcement_own(o, failure);

	if (error < 0)
		return error;
	enforcement_follow(o);
	attach_chain(program, true);
	error = make_pins(o, program, failure);
	if (error < 0) {
		attach_chain(program, false);
		return error;
	}
	*pinned_flag(o, program) = true;
	error = program->type->enforce(program, true);
	if (error < 0)
		unpin(o, program);
	attach_chain(program, false);
	if (error == 0)
		return 0;
	return failure_set(failure, error, "Cannot turn enforcement on: %s", strerror(-error));
}

int enforcement_off(struct orchestrator *o, struct program *program, struct failure *failure)
{
	int error = enforcement_own(o, failure);

	if (error == 0)
		error = program->type->enforce(program, false);
	else
		return error;
	if (error < 0)
		return failure_set(
			failure, error, "Cannot turn enforcement off: %s", strerror(-error));
	unpin(o, program);
	attach_chain(program, false);
	return 0;
}

/* --- while x0top runs ------------------------------------------------------------------------ */

static bool maps_hold(const struct orchestrator *o)
{
	return pins_in_force(&o->pins) && map_registry_pins_hold(&o->context.maps, o->pins.folder);
}

static bool pins_hold(const struct orchestrator *o)
{
	return maps_hold(o) && chain_pins_hold(&o->context.chain, o->pins.folder);
}

/* Returns whether the pinned maps are ours again. */
static bool has_pins_again(struct orchestrator *o)
{
	struct failure ignored;
	int map = map_registry_fd(&o->context.maps, "xdp_chain");

	return map >= 0 && pins_open(&o->pins, &ignored) == 0 && o->pins.folder >= 0 &&
	       pin_is(o->pins.folder, map, "xdp_chain");
}

void enforcement_follow(struct orchestrator *o)
{
	if (!o->context.pinned && !o->context.classes_pinned) {
		o->context.pinned = o->context.look_only && has_pins_again(o);
		return;
	}
	if (pins_hold(o)) {
		if (o->context.look_only || o->context.classes_look_only)
			map_registry_follow(&o->context.maps, o->pins.folder);
		return;
	}
	o->context.pinned = o->context.classes_pinned = false;
	event_log_add(&o->context.log, 0, EVENT_KIND_PROGRAM, "the pins in %s were removed%s",
		PINS_FOLDER, enforcement_any(o) ? ": enforcement ends with x0top" : "");
	pins_close(&o->pins);
}

void enforcement_follow_keeper(struct orchestrator *o)
{
	if (o->readonly_reason[0] != '\0' || !keeper_lost())
		return;
	snprintf(o->readonly_reason, sizeof(o->readonly_reason), "%s", KEEPER_KILLED);
	event_log_add(&o->context.log, 0, EVENT_KIND_PROGRAM, "%s: nothing can be changed",
		o->readonly_reason);
}

bool enforcement_links_pinned(const struct orchestrator *o)
{
	if (!chain_is_in_pins(&o->context.chain))
		return false;
	for (uint32_t i = 0; i < o->n_programs; i++)
		if (o->programs[i].running && o->programs[i].type->pin != NULL &&
			enforcement_is_pinned(&o->programs[i]) && o->pins.folder >= 0 &&
			!o->programs[i].type->is_pinned(&o->programs[i], o->pins.folder))
			return false;
	return true;
}

static int pin_links(struct orchestrator *o)
{
	struct failure failure;
	int lock = o->settings.lab ? -1 : lock_change(&failure), error = 0;

	if (lock < 0 && !o->settings.lab)
		return failure.error;
	/* The last holder of the lock may have removed the pins. */
	if (maps_hold(o) && o->context.pinned && !o->context.look_only) {
		chain_unpin_dead(o->pins.folder);
		error = chain_pin(&o->context.chain, o->pins.folder);
	}
	for (uint32_t i = 0; i < o->n_programs && error == 0 && maps_hold(o); i++) {
		const struct program *program = &o->programs[i];
		if (program->type->pin == NULL || !program->running ||
			o->context.classes_look_only || !enforcement_is_pinned(program))
			continue;
		program->type->unpin(program, o->pins.folder, true);
		error = program->type->pin(program, o->pins.folder);
	}
	fd_close(&lock);
	return error;
}

void enforcement_pin_links(struct orchestrator *o)
{
	if ((!o->context.pinned || o->context.look_only) &&
		(!o->context.classes_pinned || o->context.classes_look_only))
		return;
	int error = pin_links(o);
	if (error < 0)
		event_log_add(&o->context.log, 0, EVENT_KIND_PROGRAM, "cannot pin a link: %s",
			keeper_strerror(error));
}
