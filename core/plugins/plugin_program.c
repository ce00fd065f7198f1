// SPDX-License-Identifier: BSD-2-Clause
/* The life of a plugin as a program. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "kernel/object.h"
#include "model/rate.h"
#include "plugins/plugin_program.h"
#include "plugins/plugin_replace.h"
#include "plugins/plugin_running.h"
#include "programs/xdp_stage.h"

/* --- life ------------------------------------------------------------------------------------ */

/* Its object is loaded by start(): its maps are its own, whatever their names. */
static int open_plugin(struct program *program, struct bpf_object **object, struct failure *failure)
{
	const struct plugin *plugin = plugin_of(program);

	*object = NULL;
	if (plugin->refused.error == 0)
		return 0;
	*failure = plugin->refused;
	return failure->error;
}

static bool is_stage(const struct program *program)
{
	return program->type->stage != XDP_ROOT;
}

static bool is_tc(const struct program *program)
{
	return plugin_of(program)->hooks & 1U << PLUGIN_TC;
}

static void unload(struct plugin_running *running)
{
	plugin_trace_detach(&running->trace);
	plugin_tc_stop(&running->tc);
	plugin_maps_close(&running->maps);
	plugin_unload(&running->loaded);
}

static bool drops(const struct program *program)
{
	const struct plugin *plugin = plugin_of(program);

	return plugin->hooks & (1U << PLUGIN_XDP | 1U << PLUGIN_TC) && !plugin->proved;
}

static int start(struct program *program, struct failure *failure)
{
	struct plugin_running *running = program->state;
	double started = clock_monotonic_seconds();
	int error = is_stage(program) ? xdp_stage_may_join(program, failure) : 0;

	if (error == 0)
		error = plugin_load(program, NULL, &running->loaded, failure);
	if (error < 0)
		return error;
	plugin_is_proved(program, running->loaded.passes);
	if (program->context->settings->readonly && drops(program)) {
		plugin_unload(&running->loaded);
		failure_set(failure, -EROFS,
			"%s can drop packets, and x0top was started with --readonly",
			program->type->name);
		return failure_remedy(failure, "Start x0top without --readonly");
	}
	program->load_ms = (clock_monotonic_seconds() - started) * 1000;
	program->map_bytes = object_map_bytes(running->loaded.object);
	program->verified_instructions = object_verified_instructions(running->loaded.object);
	error = plugin_trace_attach(program, &running->trace, running->loaded.object, failure);
	if (error == 0 && is_tc(program))
		error = plugin_tc_start(program, &running->tc, running->loaded.object, failure);
	if (error == 0 && is_stage(program))
		error = plugin_enter_chain(program, running->loaded.object, failure);
	if (error < 0)
		unload(running);
	else /* it works without, if there is no memory for that */
		plugin_maps_open(&running->maps, running->loaded.object, program->type->name);
	return error;
}

static void stop(struct program *program)
{
	struct plugin_running *running = program->state;

	if (is_stage(program))
		xdp_stage_stop(program);
	unload(running);
}

static bool needs_xdp(const struct program *program)
{
	return is_stage(program);
}

static void interfaces_changed(struct program *program)
{
	struct plugin_running *running = program->state;

	if (!program->running)
		return;
	if (is_stage(program))
		xdp_stage_interfaces_changed(program);
	plugin_tc_attach(program, &running->tc);
}

static void interface_gone(struct program *program, uint32_t slot)
{
	struct plugin_running *running = program->state;

	if (is_stage(program))
		xdp_stage_interface_gone(program, slot);
	plugin_tc_gone(&running->tc, slot);
}

/* --- samples --------------------------------------------------------------------------------- */

static const struct snapshot_plugin_program *row_before(
	const struct snapshot *before, const char *name)
{
	for (uint32_t i = 0; before != NULL && i < before->n_plugin_programs; i++)
		if (strcmp(before->plugin_programs[i].name, name) == 0)
			return &before->plugin_programs[i];
	return NULL;
}

static struct snapshot_plugin_program *add_row(const struct program *program, struct snapshot *now)
{
	struct snapshot_plugin_program *row = SNAPSHOT_ADD(now, now, plugin_programs);

	if (row == NULL)
		return NULL;
	snprintf(row->name, sizeof(row->name), "%s", program->type->name);
	snprintf(row->file, sizeof(row->file), "%s",
		program->file != NULL ? program->file->path : plugin_of(program)->path);
	snprintf(row->signer, sizeof(row->signer), "%s",
		program->file != NULL ? program->file->signer : plugin_of(program)->signer);
	snprintf(row->behind, sizeof(row->behind), "%s", plugin_of(program)->behind);
	row->drops = drops(program);
	fields_set_unknown(plugin_program_fields, row);
	return row;
}

static void sample_verdicts(const struct program *program, const struct plugin_counts *counts,
	const struct snapshot *before, struct snapshot *now)
{
	const struct snapshot_plugin_program *old = row_before(before, program->type->name);
	struct snapshot_plugin_program *row = add_row(program, now);
	const double interval = now->interval;

	if (row == NULL)
		return;
	counter_update(&row->passed, old == NULL ? NULL : &old->passed,
		counts->verdicts[PLUGIN_PASSED], interval);
	counter_update(&row->dropped, old == NULL ? NULL : &old->dropped,
		counts->verdicts[PLUGIN_DROPPED], interval);
	counter_update(&row->sent, old == NULL ? NULL : &old->sent, counts->verdicts[PLUGIN_SENT],
		interval);
	counter_update(&row->aborted, old == NULL ? NULL : &old->aborted,
		counts->verdicts[PLUGIN_ABORTED], interval);
}

static const char *how_tc(const struct program *program, uint32_t slot)
{
	const struct plugin_running *running = program->state;

	return plugin_tc_how(&running->tc, slot);
}

static const struct failure *why_not_tc(const struct program *program, uint32_t slot)
{
	const struct plugin_running *running = program->state;

	return plugin_tc_why(&running->tc, slot);
}

static void sample(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown)
{
	struct plugin_running *running = program->state;
	struct plugin_counts counts;

	program->failure.error = 0;
	program->status = PROGRAM_ON;
	if (is_stage(program))
		xdp_stage_describe(program, shown);
	if (is_tc(program) && program->status == PROGRAM_ON)
		program_describe_interfaces(program, how_tc, why_not_tc, shown);
	size_t length = strlen(shown->attached);
	snprintf(shown->attached + length, sizeof(shown->attached) - length, "%s%s",
		length > 0 && running->trace.attached[0] != '\0' ? ", " : "",
		running->trace.attached);
	plugin_counts(program->context, &running->loaded, &counts);
	program_set_runs(program, &counts.runs, before, now, shown);
	sample_verdicts(program, &counts, before, now);
	plugin_maps_sample(&running->maps, program->context->looks, &program->context->sort,
		&program->context->log, now);
}

static void outcome(const struct program *program, struct program_outcome *outcome)
{
	const struct plugin_running *running = program->state;
	const bool judges = plugin_of(program)->hooks & (1U << PLUGIN_XDP | 1U << PLUGIN_TC);
	struct plugin_counts counts;

	plugin_counts(program->context, &running->loaded, &counts);
	outcome->seen[0] = true;
	outcome->came[0] = outcome->passed[0] = counts.runs.runs;
	if (judges)
		outcome->lost = counts.verdicts[PLUGIN_DROPPED] + counts.verdicts[PLUGIN_ABORTED];
}

/* Of one that runs, sample() has shown all. */
static void describe(const struct program *program, struct snapshot *now)
{
	if (!program->running)
		add_row(program, now);
}

const struct program_type plugin_type = {
	.kind = "plugin",
	.state_size = sizeof(struct plugin_running),
	.open = open_plugin,
	.start = start,
	.read_file = plugin_read_file,
	.replace = plugin_replace,
	.stop = stop,
	.sample = sample,
	.describe = describe,
	.needs_xdp = needs_xdp,
	.interfaces_changed = interfaces_changed,
	.interface_gone = interface_gone,
	.drops = drops,
	.outcome = outcome,
	.handles = "runs",
	.wrong = "dropped a packet",
};
