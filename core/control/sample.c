// SPDX-License-Identifier: BSD-2-Clause
/* Fills in a snapshot: each program its part, then what depends on the parts of others. */
#include "control/orchestrator.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "control/state.h"
#include "programs/host.h"
#include "programs/links.h"

static void show_failure(const struct failure *failure, struct snapshot_program *shown)
{
	snprintf(shown->reason, sizeof(shown->reason), "%s", failure->what);
	snprintf(shown->remedy, sizeof(shown->remedy), "%s", failure->remedy);
}

/* One that only looks at a pinned chain reads beside it what is there. */
static void show_file(const struct program *program, struct snapshot_program *shown)
{
	static const uint8_t none[PROGRAM_TAG_LEN];
	const uint8_t *tag = program->tag;
	struct replaced replaced = { 0 };

	if (program_is_noted(program) && program->file == NULL)
		replaced_read(&program->context->maps, program->type->stage, &replaced);
	if (enforcement_is_anothers(program) && replaced.path[0] != '\0')
		tag = replaced.tag;
	snprintf(shown->replaced_by, sizeof(shown->replaced_by), "%s",
		program->file != NULL ? program->file->path : replaced.path);
	if (program->trial.goes_on)
		shown->canary_left = fmax(program->trial.ends - clock_monotonic_seconds(), 0);
	for (size_t i = 0; memcmp(tag, none, sizeof(none)) != 0 && i < PROGRAM_TAG_LEN; i++)
		snprintf(shown->tag + 2 * i, sizeof(shown->tag) - 2 * i, "%02x", tag[i]);
}

/* What nobody counts is not 0. What it costs is. */
static void show_nothing(
	const struct program *program, struct snapshot *now, struct snapshot_program *shown)
{
	program_set_unknown(program, now);
	fields_set_unknown(program_fields, shown);
	shown->cpu_percent = 0;
}

static void sample_program(
	struct program *program, const struct snapshot *before, struct snapshot *now)
{
	struct snapshot_program *shown = SNAPSHOT_ADD(now, now, programs);

	if (shown == NULL)
		return;
	snprintf(shown->name, sizeof(shown->name), "%s", program->type->name);
	snprintf(shown->kind, sizeof(shown->kind), "%s", program->type->kind);
	shown->enforcer = program->type->enforce != NULL || program_drops(program);
	shown->enforcing = program->running && program_drops(program);
	shown->adopted = program->adopted;
	show_file(program, shown);
	if (program->running) {
		shown->load_ms = program->load_ms;
		shown->map_bytes = program->map_bytes;
		shown->verified_instructions = program->verified_instructions > 0
						       ? program->verified_instructions
						       : COUNT_UNKNOWN;
		program->type->sample(program, before, now, shown);
		if (program->type->outcome != NULL)
			trial_watch(program);
		shown->pinned = enforcement_is_pinned(program);
	} else {
		show_nothing(program, now, shown);
	}
	if (program->status == PROGRAM_ON && program->unmet.error < 0)
		program->status = PROGRAM_PARTLY;
	if (program->type->describe != NULL)
		program->type->describe(program, now);
	shown->state = program->status;
	if (program->failure.error < 0)
		show_failure(&program->failure, shown);
	else if (program->unmet.error < 0)
		show_failure(&program->unmet, shown);
}

static void complete(struct orchestrator *o, struct snapshot *now)
{
	for (uint32_t i = 0; i < o->n_programs; i++)
		if (o->programs[i].running && o->programs[i].type->complete != NULL)
			o->programs[i].type->complete(&o->programs[i], now);
}

void orchestrator_sample(
	struct orchestrator *o, const struct snapshot *before, struct snapshot *now)
{
	double started = clock_monotonic_seconds();

	snapshot_clear(now);
	snprintf(now->schema, sizeof(now->schema), "%s", SNAPSHOT_SCHEMA);
	now->time = clock_realtime_seconds();
	now->interval = before != NULL ? started - o->sampled_at : NAN;
	o->context.glanced = o->glance.at > o->sampled_at;
	o->sampled_at = started;
	collect_host(now);
	now->host.lab = o->settings.lab;
	enforcement_follow_keeper(o);
	enforcement_follow(o);
	event_ring_drain(&o->context.ring);
	for (uint32_t i = 0; i < o->n_programs; i++)
		sample_program(&o->programs[i], before, now);
	links_sample(&o->context, before, now);
	neighbours_sample(o->neighbours, now);
	orchestrator_apply_due(o);
	orchestrator_end_trials(o);
	watch_sample(&o->context, now);
	event_ring_sample(&o->context.ring, before, now);
	event_log_copy(&o->context.log, now);
	complete(o, now);
	snprintf(now->mapek.state, sizeof(now->mapek.state), "off");
	now->mapek.relief = NAN;
	if (o->thinker.think != NULL)
		o->thinker.think(o->thinker.data, now);
	collect_self(before, now);
	now->self.readonly = o->readonly_reason[0] != '\0';
	alert_log_sample(&o->alerts, now);
	now->self.sample_ms = (clock_monotonic_seconds() - started) * 1000;
}
