// SPDX-License-Identifier: BSD-2-Clause
#include "program_details.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/estimate.h"
#include "model/names.h"

static const struct state_look state_looks[PROGRAM_STATES] = {
	[PROGRAM_NOT_BUILT] = { GLYPH_NOT_BUILT, STYLE_DIM },
	[PROGRAM_OFF] = { GLYPH_OFF, STYLE_DIM },
	[PROGRAM_ON] = { GLYPH_ON, STYLE_GOOD },
	[PROGRAM_PARTLY] = { GLYPH_PARTLY, STYLE_WARN },
	[PROGRAM_FAILED] = { GLYPH_FAILED, STYLE_BAD },
};

const struct state_look *program_state_look(const struct snapshot_program *program)
{
	return &state_looks[program->state < PROGRAM_STATES ? program->state : PROGRAM_FAILED];
}

const char *program_state_word(const struct snapshot_program *program)
{
	if (program->state == PROGRAM_ON && program->enforcer)
		return program->enforcing ? "enforcing" : "observing";
	return program->state < PROGRAM_STATES ? program_state_names[program->state] : "unknown";
}

char *program_cost(char text[FORMAT_LEN], const struct snapshot_program *program)
{
	double samples = program->cpu_percent > 0 ? program->timed_runs : INFINITY;

	return estimate_format(text, program->cpu_percent, samples, format_core);
}

static void add_lifetime(struct details *details, const struct snapshot_program *program)
{
	const char *lifetime =
		program->pinned ? "pinned: keeps running after x0top exits" : "ends with x0top";

	details_add(details, STYLE_TEXT, "Lifetime", "%s%s", lifetime,
		program->adopted ? "; adopted from an earlier x0top with its counters" : "");
}

static void add_object(struct details *details, const struct snapshot_program *program)
{
	const char *tag = program->tag;

	if (program->replaced_by[0] != '\0')
		details_add(details, STYLE_STRONG, "Replaced by", "%s", program->replaced_by);
	if (program->canary_left > 0)
		details_add(details, STYLE_WARN, "On trial",
			"%.0f s: taken back if more goes wrong", program->canary_left);
	if (tag[0] != '\0')
		details_add(details, STYLE_TEXT, "Tag", "%s", tag);
}

static void add_cost(struct details *details, const struct snapshot_program *program)
{
	char one[FORMAT_LEN], core[FORMAT_LEN], load[FORMAT_LEN], maps[FORMAT_LEN];

	details_add_counter(details, "Runs", &program->runs);
	details_add(details, STYLE_TEXT, "Time per run", "%s, %s of one core, by %.0f timed %s",
		estimate_format(one, program->ns_per_run, program->timed_runs, format_ns),
		program_cost(core, program), program->timed_runs,
		round(program->timed_runs) == 1 ? "run" : "runs");
	details_add(details, STYLE_TEXT, "Loaded in", "%s", format_ms(load, program->load_ms));
	details_add(
		details, STYLE_TEXT, "Maps", "%s", format_bytes(maps, (double)program->map_bytes));
	if (program->verified_instructions != COUNT_UNKNOWN)
		details_add(details, STYLE_TEXT, "Verifier", "%" PRIu64 " instructions processed",
			program->verified_instructions);
}

const struct snapshot_plugin_program *program_plugin(
	const struct snapshot *snapshot, const char *name)
{
	for (uint32_t i = 0; i < snapshot->n_plugin_programs; i++)
		if (strcmp(snapshot->plugin_programs[i].name, name) == 0)
			return &snapshot->plugin_programs[i];
	return NULL;
}

static void add_plugin(struct details *details, const struct snapshot_plugin_program *plugin)
{
	const bool is_signed = plugin->signer[0] != '\0';

	details_add(details, STYLE_TEXT, "Plugin", "%s%s%s", plugin->file,
		is_signed ? ", signed by " : "", plugin->signer);
	if (plugin->behind[0] != '\0')
		details_add(
			details, STYLE_TEXT, "Place", "behind %s in the XDP chain", plugin->behind);
}

/* Those that see no packets have no verdicts. */
static void add_verdicts(struct details *details, const struct snapshot_plugin_program *plugin)
{
	const struct {
		const char *label;
		const struct counter *counter;
	} verdicts[] = {
		{ "Passed", &plugin->passed },
		{ "Dropped", &plugin->dropped },
		{ "Sent on", &plugin->sent },
		{ "Errors", &plugin->aborted },
	};

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (verdicts[i].counter->total > 0)
			details_add_counter(details, verdicts[i].label, verdicts[i].counter);
}

static const char *enforcer_words(
	const struct snapshot_program *program, const struct snapshot_plugin_program *plugin)
{
	if (!program->enforcer)
		return ", observes only";
	return plugin != NULL ? ", can drop packets" : ", drops packets when enforcing";
}

void program_details(const struct snapshot *snapshot, uint32_t row, struct details *details)
{
	const struct snapshot_program *program = &snapshot->programs[row];
	const struct snapshot_plugin_program *plugin = program_plugin(snapshot, program->name);

	snprintf(details->title, sizeof(details->title), "%s", program->name);
	details_add(details, program_state_look(program)->style, "State", "%s",
		program_state_word(program));
	if (program->reason[0] != '\0')
		details_add(details, program_state_look(program)->style, "Reason", "%s",
			program->reason);
	if (program->remedy[0] != '\0')
		details_add(details, STYLE_STRONG, "Remedy", "%s", program->remedy);
	details_add(details, STYLE_TEXT, "Kind", "%s%s", program->kind,
		enforcer_words(program, plugin));
	if (plugin != NULL)
		add_plugin(details, plugin);
	if (program->state != PROGRAM_ON && program->state != PROGRAM_PARTLY)
		return;
	details_add(details, STYLE_TEXT, "Attached", "%s", program->attached);
	if (plugin != NULL)
		add_verdicts(details, plugin);
	add_object(details, program);
	add_lifetime(details, program);
	add_cost(details, program);
}
