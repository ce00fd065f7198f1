// SPDX-License-Identifier: BSD-2-Clause
/* What all programs have in common: starting, stopping, and what is measured of them. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "control/state.h"
#include "kernel/capability.h"
#include "kernel/object.h"
#include "model/rate.h"

double monotonic_seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

struct program *program_find(struct orchestrator *o, const char *name)
{
	for (uint32_t i = 0; i < o->n_programs; i++)
		if (strcmp(o->programs[i].description->name, name) == 0)
			return &o->programs[i];
	return NULL;
}

int program_check_capabilities(const struct program_description *program, struct failure *failure)
{
	char names[128];

	if (capability_missing(program->capabilities, names, sizeof(names)) == 0)
		return 0;
	failure_set(failure, -EPERM, "%s needs %s, which this process does not have", program->name,
		names);
	return failure_remedy(failure,
		"Run x0top as root, or: setcap cap_bpf,cap_perfmon,cap_net_admin+ep x0top");
}

int program_start(struct orchestrator *o, struct program *program, struct failure *failure)
{
	if (program->running)
		return 0;
	program->asked = true;
	program->timed_runs = program->run_ns = 0;
	int error = program_check_capabilities(program->description, failure);
	if (error == 0)
		error = program->driver->start(o, program, failure);
	program->running = error == 0;
	if (error == 0)
		return 0;
	program->failure = *failure;
	program->state = PROGRAM_FAILED;
	return error;
}

void program_stop(struct orchestrator *o, struct program *program)
{
	/* One that was adopted, but whose successor did not start, is in the chain all the same. */
	if (program->running || program->stage_fd >= 0)
		program->driver->stop(o, program);
	program->running = false;
	program->asked = false;
	program->adopted = false;
	program->failure.error = 0;
	program->state = PROGRAM_OFF;
}

/* --- what is measured ------------------------------------------------------------------------ */

void program_measure(struct program *program, const struct bpf_object *object, double started)
{
	program->load_ms = (monotonic_seconds() - started) * 1000;
	program->map_bytes = object_map_bytes(object);
	program->verified_instructions = object_verified_instructions(object);
}

/* Appends "eth0 native" to shown->attached, as far as there is room. */
static void append_attachment(struct snapshot_program *shown, const char *where, const char *how)
{
	size_t length = strlen(shown->attached);

	snprintf(shown->attached + length, sizeof(shown->attached) - length, "%s%s %s",
		length ? ", " : "", where, how);
}

static void set_state(struct program *program, uint32_t attached, uint32_t wanted)
{
	program->state = PROGRAM_ON;
	if (attached < wanted)
		program->state = attached == 0 ? PROGRAM_FAILED : PROGRAM_PARTLY;
	if (wanted > 0)
		return;
	program->state = PROGRAM_FAILED;
	failure_set(&program->failure, -ENODEV, "No network interface is up");
	failure_remedy(&program->failure, "Name one with -i, or bring one up: ip link set DEV up");
}

void program_describe(const struct orchestrator *o, struct program *program,
	const char *(*how)(const struct orchestrator *o, uint32_t slot),
	const struct failure *(*why)(const struct orchestrator *o, uint32_t slot),
	struct snapshot_program *shown)
{
	uint32_t attached = 0, wanted = 0;

	program->failure.error = 0;
	for (uint32_t slot = 0; slot < o->watch.n_interfaces; slot++) {
		const struct watched_interface *watched = &o->watch.interfaces[slot];
		if (!watched->used)
			continue;
		wanted++;
		const char *attachment = how(o, slot);
		if (attachment != NULL) {
			attached++;
			append_attachment(shown, watched->interface.name, attachment);
		} else if (program->failure.error == 0) {
			program->failure = *why(o, slot);
		}
	}
	set_state(program, attached, wanted);
}

void program_set_runs(struct program *program, const struct run_stats *runs,
	const struct snapshot *before, const struct snapshot *now, struct snapshot_program *shown)
{
	const struct counter *old = NULL;
	uint64_t new_runs = counter_increase(runs->timed_runs, program->timed_runs);
	uint64_t new_ns = counter_increase(runs->timed_ns, program->run_ns);

	for (uint32_t i = 0; before != NULL && i < before->n_programs; i++)
		if (strcmp(before->programs[i].name, program->description->name) == 0)
			old = &before->programs[i].runs;
	counter_update(&shown->runs, old, runs->runs, now->interval);
	/* Without a timed run in this interval, what was measured last still holds. */
	if (new_runs > 0)
		program->ns_per_run = (double)new_ns / (double)new_runs;
	shown->timed = runs->timed_runs > 0;
	shown->ns_per_run = program->ns_per_run;
	program->timed_runs = runs->timed_runs;
	program->run_ns = runs->timed_ns;
}
