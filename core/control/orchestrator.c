// SPDX-License-Identifier: BSD-2-Clause
#include "control/orchestrator.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/fd.h"
#include "control/qos_undo.h"
#include "control/requests.h"
#include "control/state.h"
#include "control/switch_book.h"
#include "kernel/capability.h"
#include "kernel/lock.h"
#include "programs/host.h"
#include "programs/links.h"
#include "programs/native.h"

/* --- open and close -------------------------------------------------------------------------- */

/* Checks that at least one requested program may run; else names the capabilities. */
static int check_any_capability(const struct orchestrator *o, struct failure *failure)
{
	char names[64];
	bool any = false;

	for (uint32_t i = 0; i < o->n_programs; i++) {
		if (!o->programs[i].asked && !o->settings.adopt_only)
			continue;
		any = true;
		if (capability_missing(o->programs[i].type->capabilities, names, sizeof(names)) ==
			0)
			return 0;
	}
	if (!any) {
		failure_set(failure, -ENOENT, "None of the programs that --only names is there");
		return failure_remedy(failure, "List plugins: x0top plugins list");
	}
	failure_set(failure, -EPERM,
		"This process may not load BPF programs: it needs CAP_BPF and CAP_PERFMON, and "
		"CAP_NET_ADMIN for the XDP and TC programs");
	return failure_remedy(failure,
		"Run it with sudo, or once: sudo setcap cap_bpf,cap_perfmon,cap_net_admin+ep x0top");
}

static void take_ownership(struct orchestrator *o)
{
	struct failure *failure = &o->context.not_ours;

	if (o->settings.readonly)
		snprintf(o->readonly_reason, sizeof(o->readonly_reason),
			"x0top was started with --readonly");
	/* The lab has its own namespaces, which no other x0top uses. */
	if (o->settings.lab ||
		(o->settings.adopt_only && !o->settings.replace_only && !o->settings.classes_only))
		return;
	o->lock_fd = lock_own(failure);
	if (o->lock_fd < 0)
		event_log_add(&o->context.log, 0, EVENT_KIND_PROGRAM, "%.120s", failure->what);
}

/*
 * Returns whether this x0top leaves the chain alone. Only the owner changes a pinned chain, and not with
 * --readonly; only the owner attaches an unpinned one. Without a usable lock, everybody may observe.
 */
static bool may_only_look(const struct orchestrator *o)
{
	if (o->settings.lab)
		return false;
	if (o->context.pinned)
		return o->lock_fd < 0 || o->settings.readonly || o->settings.adopt_only;
	return o->context.not_ours.error == -EBUSY;
}

/* Leaves the chain to an x0top that may change it. */
static void give_up_ownership(struct orchestrator *o)
{
	struct failure *failure = &o->context.not_ours;

	if (o->settings.replace_only || o->settings.classes_only)
		return;
	fd_close(&o->lock_fd);
	if (failure->error < 0)
		return;
	failure_set(failure, -EROFS, "%s: it attaches no XDP program", o->readonly_reason);
	failure_remedy(failure, "Start x0top without --readonly");
}

/* Makes room for a value of each CPU, which sysfs counts. */
static int open_percpu(struct program_context *context, struct failure *failure)
{
	int error = percpu_open(&context->percpu, PERCPU_VALUE_MAX);

	if (error == 0)
		return 0;
	failure_set(failure, error, "Cannot read how many CPUs this host has from %s: %s",
		PERCPU_CPUS, strerror(-error));
	if (error == -ENOMEM)
		return failure_set(failure, error, "There is not enough memory");
	return failure_remedy(failure, "Mount sysfs: mount -t sysfs sysfs /sys");
}

static int open_context(struct orchestrator *o, struct failure *failure)
{
	struct program_context *context = &o->context;

	context->settings = &o->settings;
	context->event_fd = context->watch.monitor_fd = -1;
	context->pins = &o->pins;
	map_registry_init(&context->maps);
	map_registry_declare(&context->maps, chain_maps);
	map_registry_declare(&context->maps, event_ring_maps);
	chain_init(&context->chain, &context->maps, o->settings.objects,
		o->settings.xdp_mode == XDP_WANT_NATIVE);
	if (orchestrator_list_programs(o) < 0)
		return failure_set(failure, -ENOMEM, "There is not enough memory");
	int error = open_percpu(context, failure);
	if (error == 0)
		error = check_any_capability(o, failure);
	if (error < 0)
		return error;
	context->event_fd = epoll_create1(EPOLL_CLOEXEC);
	error = context->event_fd < 0 ? -errno : 0;
	return error < 0
		       ? failure_set(failure, error, "Cannot wait for events: %s", strerror(-error))
		       : 0;
}

/* Detaches all programs from an interface. */
static void release_interface(void *data, uint32_t slot)
{
	struct orchestrator *o = data;

	for (uint32_t i = 0; i < o->n_programs; i++)
		if (o->programs[i].type->interface_gone != NULL)
			o->programs[i].type->interface_gone(&o->programs[i], slot);
}

static int open_watch(struct orchestrator *o, struct failure *failure)
{
	struct program_context *context = &o->context;
	int error = watch_open(context);

	context->watch.release = release_interface;
	context->watch.release_data = o;
	if (error == 0)
		error = program_watch_fd(context, context->watch.monitor_fd);
	return error == 0 ? 0
			  : failure_set(failure, error, "Cannot watch interfaces: %s",
				    strerror(-error));
}

static void say_neighbours(void *data, const char *sentence)
{
	struct orchestrator *o = data;

	event_log_add(&o->context.log, 0, EVENT_KIND_MESH, "%s", sentence);
}

static void tell_links(struct orchestrator *o)
{
	if (o->neighbours != NULL)
		neighbours_links_changed(
			o->neighbours, o->context.watch.list, o->context.watch.n_list);
}

/* The socket and the file are the host's, whatever namespace the lab is in. */
static int open_neighbours(struct orchestrator *o, struct failure *failure)
{
	struct neighbours_settings *settings = &o->settings.neighbours;

	if (o->settings.adopt_only)
		return 0;
	if (o->settings.lab)
		settings->wanted &= ~(1U << NEIGHBOURS_BABEL | 1U << NEIGHBOURS_FILE);
	int error = neighbours_open(settings, say_neighbours, o, &o->neighbours);
	if (error == 0)
		error = program_watch_fd(&o->context, neighbours_fd(o->neighbours));
	if (error < 0)
		return failure_set(failure, error, "Cannot watch neighbours: %s", strerror(-error));
	o->context.neighbours = o->neighbours;
	tell_links(o);
	return 0;
}

/* Reads again the files that pinned programs are from. One that is not what it was stays in force. */
static void take_files(struct orchestrator *o)
{
	struct replaced replaced;

	for (uint32_t i = 0; i < o->n_programs; i++) {
		struct program *program = &o->programs[i];
		if (!program_is_noted(program) || !enforcement_is_pinned(program) ||
			enforcement_is_anothers(program))
			continue;
		replaced_read(&o->context.maps, program->type->stage, &replaced);
		if (replaced.path[0] != '\0')
			program_file_read_again(replaced.path, program->type->name, replaced.hash,
				&program->file, &program->file_failure);
	}
}

static void start_programs(struct orchestrator *o)
{
	struct program *asked[PROGRAMS_MAX];
	bool starts = !o->settings.adopt_only || o->settings.classes_only;
	uint32_t n = 0;

	for (uint32_t i = 0; i < o->n_programs; i++) {
		struct program *program = &o->programs[i];
		program->adopted = enforcement_is_pinned(program);
		program->asked = program->adopted || (program->asked && starts);
		if (!program->asked && program->stage_fd >= 0)
			program_stop(program); /* left by a killed x0top */
		if (program->asked)
			asked[n++] = program;
	}
	programs_start(asked, n);
}

int orchestrator_open(const struct settings *settings, struct orchestrator **orchestrator,
	struct failure *failure)
{
	struct orchestrator *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return failure_set(failure, -ENOMEM, "There is not enough memory");
	settings_copy(&o->settings, settings);
	o->lock_fd = o->glance.timer = o->switches = -1;
	pins_init(&o->pins);
	int error = open_context(o, failure);
	if (error < 0)
		goto close;
	error = open_watch(o, failure);
	if (error < 0)
		goto close;
	take_ownership(o);
	enforcement_adopt(o);
	if (failure_is_shortage(o->pins_failure.error)) {
		/* What enforces is not known: nothing that it would show or do is right. */
		*failure = o->pins_failure;
		error = failure->error;
		goto close;
	}
	o->context.look_only = may_only_look(o);
	if (o->context.look_only)
		give_up_ownership(o);
	if (o->context.pinned && (!o->context.look_only || o->settings.replace_only))
		enforcement_adopt_stages(o);
	take_files(o);
	error = watch_choose(&o->context);
	if (error < 0) {
		failure_set(failure, error, "Cannot list the interfaces: %s", strerror(-error));
		goto close;
	}
	error = open_neighbours(o, failure);
	if (error < 0)
		goto close;
	if (!o->context.look_only)
		native_tell(&o->context);
	start_programs(o);
	enforcement_pin_links(o);
	switch_book_open(o);
	switch_book_recover(o);
	requests_apply(o);
	*orchestrator = o;
	return 0;
close:
	orchestrator_close(o);
	return error;
}

/* Stops all programs; pinned enforcers stay in the chain. They close last: the others are taken out from between them. */
static void close_programs(struct orchestrator *o)
{
	struct failure ignored;

	for (uint32_t i = 0; i < o->n_programs; i++) {
		struct program *program = &o->programs[i];
		/* Nobody will see how the new one does. What is not pinned ends, too. */
		if (program->trial.goes_on && enforcement_is_pinned(program))
			program_take_back(program, &ignored);
		if (!enforcement_is_pinned(program))
			program_stop(program);
	}
	for (uint32_t i = 0; i < o->n_programs; i++) {
		struct program *program = &o->programs[i];
		if (enforcement_is_pinned(program) && program->type->close != NULL)
			program->type->close(program);
		fd_close(&program->stage_fd);
	}
}

void orchestrator_close(struct orchestrator *o)
{
	if (o == NULL)
		return;
	enforcement_follow(o);
	close_programs(o);
	orchestrator_free_programs(o);
	glance_close(o);
	neighbours_close(o->neighbours);
	event_ring_close(&o->context.ring);
	watch_close(&o->context);
	chain_close(&o->context.chain);
	map_registry_close(&o->context.maps);
	pins_close(&o->pins);
	percpu_close(&o->context.percpu);
	fd_close(&o->context.event_fd);
	qos_forget_before(o);
	fd_close(&o->switches);
	fd_close(&o->lock_fd);
	free(o);
}

/* --- what is due ----------------------------------------------------------------------------- */

/* Undoes a change of what is done to classes that nobody has confirmed, if who waits for that is gone. */
static void undo_late(struct orchestrator *o)
{
	const struct action action = { .verb = &control_verbs[VERB_QOS_ROLLBACK],
		.actor = ACTOR_TIME,
		.confirmed = true,
		.token = qos_late(o) };
	struct failure ignored;

	if (action.token != 0)
		orchestrator_apply(o, &action, &ignored);
}

/* Applies what modules have found due. A failure is an event. */
void orchestrator_apply_due(struct orchestrator *o)
{
	struct action action = { 0 };
	struct failure failure;

	if (o->context.look_only || o->readonly_reason[0] != '\0' || !o->started)
		return;
	for (uint32_t i = 0; i < o->n_programs; i++) {
		struct program *program = &o->programs[i];
		for (uint32_t n = 0; program->running && program->type->due_action != NULL &&
				     program->type->due_action(program, n, &action);
			n++)
			orchestrator_apply(o, &action, &failure);
	}
	undo_late(o);
}

/* --- trials ---------------------------------------------------------------------------------- */

static int end_trial(struct orchestrator *o, struct program *program, double *left)
{
	struct action action = { .actor = ACTOR_TIME, .confirmed = true };
	enum trial_state state = trial_look(program, left);
	struct failure failure;

	if (state == TRIAL_NONE || state == TRIAL_GOES_ON)
		return state == TRIAL_GOES_ON;
	action.verb =
		&control_verbs[state == TRIAL_PASSED ? VERB_PROGRAM_KEEP : VERB_PROGRAM_TAKE_BACK];
	snprintf(action.program, sizeof(action.program), "%s", program->type->name);
	/* One that could not be ended is looked at again; of one that is loaded again and was refused, the new one stays. */
	if (orchestrator_apply(o, &action, &failure) < 0)
		return program->trial.goes_on ? 1 : failure.error;
	return state == TRIAL_FAILED ? -ECANCELED : 0;
}

int orchestrator_trial(struct orchestrator *o, const char *name, double *left)
{
	struct program *program = orchestrator_find(o, name);

	*left = 0;
	return program == NULL ? 0 : end_trial(o, program, left);
}

void orchestrator_end_trials(struct orchestrator *o)
{
	double left;

	for (uint32_t i = 0; i < o->n_programs; i++)
		end_trial(o, &o->programs[i], &left);
}

/* --- who looks -------------------------------------------------------------------------------------- */

void orchestrator_look(struct orchestrator *o, unsigned int looks)
{
	o->context.looking = looks & LOOK_FLOWS;
	o->context.looks = looks;
}

void orchestrator_sort(struct orchestrator *o, const struct look_sort *sort)
{
	o->context.sort = *sort;
}

int orchestrator_think(struct orchestrator *o, const struct orchestrator_thinker *thinker)
{
	o->thinker = thinker != NULL ? *thinker : (struct orchestrator_thinker) { 0 };
	return o->thinker.glance != NULL ? glance_open(o) : 0;
}

void orchestrator_say(struct orchestrator *o, const char *sentence)
{
	event_log_add(&o->context.log, 0, EVENT_KIND_ACTION, "%s", sentence);
}

void orchestrator_miss(struct orchestrator *o, const char *sentence, const char *why)
{
	orchestrator_say(o, why);
	orchestrator_say(o, sentence);
	failure_set(&o->missed, -ENODATA, "%s: %s", sentence, why);
}

/* --- events ---------------------------------------------------------------------------------- */

int orchestrator_event_fd(const struct orchestrator *o)
{
	return o->context.event_fd;
}

static void handle_interface_changes(struct orchestrator *o)
{
	if (!watch_handle_changes(&o->context))
		return;
	tell_links(o);
	for (uint32_t i = 0; i < o->n_programs; i++)
		if (o->programs[i].type->interfaces_changed != NULL)
			o->programs[i].type->interfaces_changed(&o->programs[i]);
	enforcement_pin_links(o);
}

void orchestrator_handle_events(struct orchestrator *o)
{
	handle_interface_changes(o);
	if (o->neighbours != NULL)
		neighbours_handle(o->neighbours);
	for (uint32_t i = 0; i < o->n_programs; i++)
		if (o->programs[i].running && o->programs[i].type->handle != NULL)
			o->programs[i].type->handle(&o->programs[i]);
	orchestrator_apply_due(o);
	orchestrator_end_trials(o);
	event_ring_drain(&o->context.ring);
	glance_handle(o);
}

const char *orchestrator_notice(const struct orchestrator *o)
{
	return o->notice;
}
