// SPDX-License-Identifier: BSD-2-Clause
/* Checks, stops and measures programs of any type. */
#include "programs/program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "kernel/capability.h"
#include "kernel/object.h"
#include "model/rate.h"

#define NS_PER_PERCENT 1e7 /* of a second */

int program_check_capabilities(const struct program_type *type, struct failure *failure)
{
	char names[128];

	if (capability_missing(type->capabilities, names, sizeof(names)) == 0)
		return 0;
	failure_set(failure, -EPERM, "%s needs %s, which this process lacks", type->name, names);
	return failure_remedy(failure,
		"Run x0top as root, or: setcap cap_bpf,cap_perfmon,cap_net_admin+ep x0top");
}

void program_stop(struct program *program)
{
	/* An adopted program stays in the chain if its successor fails to start. */
	if (program->running || program->stage_fd >= 0)
		program->type->stop(program);
	trial_forget(program);
	memset(program->outcomes, 0, sizeof(program->outcomes));
	program->running = false;
	program->asked = false;
	program->adopted = false;
	program->generation = 0;
	program->failure.error = 0;
	program->unmet.error = 0;
	program->status = PROGRAM_OFF;
}

void program_set_unknown(const struct program *program, struct snapshot *now)
{
	for (const struct program_part *part = program->type->parts; part->fields != NULL; part++)
		fields_set_unknown(part->fields, (char *)now + part->offset);
}

int program_must_run(const struct program *program, struct failure *failure)
{
	if (program->running)
		return 0;
	if (program->status == PROGRAM_FAILED && program->failure.error < 0) {
		*failure = program->failure;
		return failure->error;
	}
	failure_set(failure, -ENOENT, "%s is not running", program->type->name);
	return failure_remedy(failure, "Turn it on first: t in the programs view");
}

bool program_drops(const struct program *program)
{
	return program->type->drops != NULL && program->type->drops(program);
}

int program_cannot_use(const struct program *program, int error, struct failure *failure)
{
	if (error == -ENOENT || error == -EBADMSG)
		return failure_set(failure, -EBADMSG,
			"The object of %s does not belong to this x0top", program->type->name);
	return failure_set(failure, error, "Cannot use the object of %s: %s", program->type->name,
		strerror(-error));
}

int program_open_object(
	const struct program *program, struct bpf_object **object, struct failure *failure)
{
	const struct program_file *file = program->file;

	if (program->file_failure.error < 0) {
		*failure = program->file_failure;
		return failure->error;
	}
	if (file != NULL)
		return object_open_bytes(
			program->type->name, file->path, file->data, file->size, object, failure);
	return object_open(
		program->type->name, program->context->settings->objects, object, failure);
}

int program_set_constant(struct bpf_object *object, const char *variable, const void *value,
	size_t size, struct failure *failure)
{
	int error = object_set_constant(object, variable, value, size);

	if (error == 0)
		return 0;
	failure_set(failure, error, "%s has no constant %s: it does not belong to this x0top",
		bpf_object__name(object), variable);
	return failure_remedy(failure, "Build the objects again, or leave out --objects");
}

int program_set_generation(
	const struct program *program, struct bpf_object *object, struct failure *failure)
{
	uint32_t generation = program->replacing ? program->generation + 1 : 0;

	return program_set_constant(object, "generation", &generation, sizeof(generation), failure);
}

int program_watch_fd(struct program_context *context, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(context->event_fd, EPOLL_CTL_ADD, fd, &event) < 0 && errno != EEXIST
		       ? -errno
		       : 0;
}

/* --- measurements --------------------------------------------------------------------------- */

int program_open_events(struct program_context *context, struct failure *failure)
{
	bool opened = event_ring_fd(&context->ring) >= 0;
	int error = event_ring_open(&context->ring, map_registry_fd(&context->maps, "events"),
		map_registry_fd(&context->maps, "events_lost"), failure);

	if (error < 0 || opened)
		return error;
	error = program_watch_fd(context, event_ring_fd(&context->ring));
	return error == 0 ? 0
			  : failure_set(failure, error,
				    "The ring buffer of events cannot be watched: %s",
				    strerror(-error));
}

/* Appends "eth0 native" to shown->attached; truncates it if need be. */
static void append_attachment(struct snapshot_program *shown, const char *where, const char *how)
{
	size_t length = strlen(shown->attached);

	snprintf(shown->attached + length, sizeof(shown->attached) - length, "%s%s %s",
		length ? ", " : "", where, how);
}

/* Returns how many interfaces are left out with packets that count nowhere. Sets the first as the failure. */
static uint32_t explain_uncovered(struct program *program)
{
	const struct watch *watch = &program->context->watch;
	uint32_t n = 0;

	for (size_t i = 0; i < watch->n_list; i++) {
		const struct coverage *coverage = &watch->coverage[i];
		if (coverage->state != COVERAGE_LEFT_OUT || !coverage->uncovered)
			continue;
		n++;
		if (program->failure.error != 0)
			continue;
		failure_set(&program->failure, -EOPNOTSUPP, "%s is not watched: %s",
			watch->list[i].name, coverage->reason);
		failure_remedy(&program->failure, "Name other interfaces with -i");
	}
	return n;
}

/* Explains that the rule found nothing to watch: what is up, it leaves out. */
static void explain_nothing(struct program *program)
{
	const struct watch *watch = &program->context->watch;
	const char *name = NULL, *reason = NULL;
	char more[24] = "";
	uint32_t n = 0;

	for (size_t i = 0; i < watch->n_list; i++) {
		const struct interface *interface = &watch->list[i];
		if (watch->coverage[i].state != COVERAGE_LEFT_OUT || !interface->up ||
			interface->loopback || n++ > 0)
			continue;
		name = interface->name;
		reason = watch->coverage[i].reason;
	}
	if (n == 0) {
		failure_set(&program->failure, -ENODEV, "No network interface is up");
		failure_remedy(
			&program->failure, "Name one with -i, or bring one up: ip link set DEV up");
		return;
	}
	if (n > 1)
		snprintf(more, sizeof(more), ", and %u more", n - 1);
	failure_set(&program->failure, -ENODEV, "Nothing is watched: %s is left out (%s)%s", name,
		reason, more);
	failure_remedy(&program->failure, "Name it: -i %s, or bring another interface up", name);
}

static void set_state(struct program *program, uint32_t attached, uint32_t wanted)
{
	program->status = PROGRAM_ON;
	if (attached < wanted)
		program->status = attached == 0 ? PROGRAM_FAILED : PROGRAM_PARTLY;
	if (wanted > 0)
		return;
	program->status = PROGRAM_FAILED;
	explain_nothing(program);
}

void program_describe_interfaces(struct program *program,
	const char *(*how)(const struct program *program, uint32_t slot),
	const struct failure *(*why)(const struct program *program, uint32_t slot),
	struct snapshot_program *shown)
{
	uint32_t attached = 0, wanted = 0;

	program->failure.error = 0;
	for (uint32_t slot = 0; slot < program->context->watch.n_interfaces; slot++) {
		const struct watched_interface *watched = &program->context->watch.interfaces[slot];
		if (!watched->used)
			continue;
		wanted++;
		const char *attachment = how(program, slot);
		if (attachment != NULL) {
			attached++;
			append_attachment(shown, watched->interface.name, attachment);
		} else if (program->failure.error == 0) {
			program->failure = watched->present ? *why(program, slot) : watched->absent;
		}
	}
	/* The rule leaves them out, unless it finds nothing else; names ask for them. */
	if (wanted == 0 || program->context->settings->n_interfaces > 0)
		wanted += explain_uncovered(program);
	set_state(program, attached, wanted);
}

void program_set_runs(struct program *program, const struct run_stats *runs,
	const struct snapshot *before, const struct snapshot *now, struct snapshot_program *shown)
{
	const struct counter *old = NULL;
	uint64_t new_runs = counter_increase(runs->timed_runs, program->timed_runs);
	uint64_t new_ns = counter_increase(runs->timed_ns, program->run_ns);

	for (uint32_t i = 0; before != NULL && i < before->n_programs; i++)
		if (strcmp(before->programs[i].name, program->type->name) == 0)
			old = &before->programs[i].runs;
	counter_update(&shown->runs, old, runs->runs, now->interval);
	estimate_add(&program->run_time, new_runs, new_ns, now->interval);
	shown->timed_runs = program->run_time.runs;
	shown->ns_per_run = estimate_mean(&program->run_time);
	shown->cpu_percent = shown->runs.rate * shown->ns_per_run / NS_PER_PERCENT;
	if (shown->runs.rate <= 0)
		shown->cpu_percent = 0;
	program->timed_runs = runs->timed_runs;
	program->run_ns = runs->timed_ns;
}
