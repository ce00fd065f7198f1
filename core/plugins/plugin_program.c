// SPDX-License-Identifier: BSD-2-Clause
/* The life of a plugin as a program. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "kernel/kprobe.h"
#include "kernel/messages.h"
#include "kernel/object.h"
#include "kernel/tracepoint.h"
#include "model/rate.h"
#include "plugins/plugin_load.h"
#include "plugins/plugin_maps.h"
#include "plugins/plugin_program.h"
#include "plugins/plugin_tc.h"
#include "programs/xdp_stage.h"

#define KERNEL_ENOTSUPP 524 /* the kernel's own ENOTSUPP, which user space has no name for */

struct running {
	struct plugin_loaded loaded;
	uint32_t n_links;
	struct bpf_link *links[PLUGIN_OBJECT_PROGRAMS];
	char attached[TEXT_LEN]; /* the tracing programs */
	int tracepoints[PLUGIN_OBJECT_PROGRAMS]; /* numbers, by place in the object; 0: not read */
	struct plugin_tc tc;
	struct plugin_maps maps;
};

/* --- tracing --------------------------------------------------------------------------------- */

static void detach(struct running *running)
{
	while (running->n_links > 0)
		bpf_link__destroy(running->links[--running->n_links]);
}

static int cannot_attach(const struct program *program, const struct bpf_program *each, int error,
	struct failure *failure)
{
	const char *section = bpf_program__section_name(each);

	failure_set(failure, error, "Cannot attach %s to %.80s: %s", program->type->name, section,
		error == -ENOENT ? "this kernel has none of that name" : strerror(-error));
	if (bpf_program__type(each) == BPF_PROG_TYPE_TRACEPOINT && error == -ENODEV) {
		failure_set(failure, error, "Cannot attach %s to %.80s: tracefs is not mounted",
			program->type->name, section);
		failure_remedy(failure, "As root: mount -t tracefs tracefs /sys/kernel/tracing");
	}
	/* arm64 before 6.4 loads them and has no trampolines to attach them by. */
	if (bpf_program__type(each) == BPF_PROG_TYPE_TRACING && error == -KERNEL_ENOTSUPP)
		failure_set(failure, -EOPNOTSUPP,
			"Cannot attach %s to %.80s: this kernel has no fentry and fexit on this machine",
			program->type->name, section);
	if (bpf_program__type(each) == BPF_PROG_TYPE_KPROBE && kprobe_probe() == -EOPNOTSUPP)
		failure_set(failure, -EOPNOTSUPP,
			"Cannot attach %s to %.80s: this kernel has no kprobes",
			program->type->name, section);
	return failure_cause(failure, "%s", messages_text());
}

static void note_attached(struct running *running, const char *section)
{
	const char *slash = strchr(section, '/');
	size_t length = strlen(running->attached);

	snprintf(running->attached + length, sizeof(running->attached) - length, "%s%.60s",
		length > 0 ? ", " : "", slash != NULL ? slash + 1 : section);
}

/* Reads a tracepoint's number once: x0top may have given up the right to by the time it is switched on again. */
static struct bpf_link *attach_one(const struct bpf_program *each, int *tracepoint)
{
	if (bpf_program__type(each) != BPF_PROG_TYPE_TRACEPOINT)
		return bpf_program__attach(each);
	if (*tracepoint <= 0)
		*tracepoint = tracepoint_number(strchr(bpf_program__section_name(each), '/') + 1);
	if (*tracepoint > 0)
		return tracepoint_attach(each, *tracepoint);
	errno = -*tracepoint;
	return NULL;
}

static int attach(struct program *program, struct running *running, struct failure *failure)
{
	struct bpf_program *each;
	uint32_t place = 0;

	messages_clear();
	running->attached[0] = '\0';
	bpf_object__for_each_program (each, running->loaded.object) {
		const struct plugin_section *section =
			plugin_section(bpf_program__section_name(each));
		if (section == NULL || section->hook != PLUGIN_TRACE ||
			!bpf_program__autoload(each))
			continue;
		struct bpf_link *link = attach_one(each, &running->tracepoints[place++]);
		if (link == NULL) {
			cannot_attach(program, each, -errno, failure);
			detach(running);
			return failure->error;
		}
		running->links[running->n_links++] = link;
		note_attached(running, bpf_program__section_name(each));
	}
	return 0;
}

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

/* Puts its XDP program into the chain, if it has one. */
static int enter_chain(struct program *program, struct running *running, struct failure *failure)
{
	struct bpf_program *each;

	bpf_object__for_each_program (each, running->loaded.object)
		if (bpf_program__type(each) == BPF_PROG_TYPE_XDP)
			return xdp_stage_join(program, bpf_program__fd(each), failure);
	return 0;
}

static bool is_tc(const struct program *program)
{
	return plugin_of(program)->hooks & 1U << PLUGIN_TC;
}

static void unload(struct running *running)
{
	detach(running);
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
	struct running *running = program->state;
	double started = clock_monotonic_seconds();
	int error = is_stage(program) ? xdp_stage_may_join(program, failure) : 0;

	if (error == 0)
		error = plugin_load(program, &running->loaded, failure);
	if (error < 0)
		return error;
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
	error = attach(program, running, failure);
	if (error == 0 && is_tc(program))
		error = plugin_tc_start(program, &running->tc, running->loaded.object, failure);
	if (error == 0 && is_stage(program) && (error = enter_chain(program, running, failure)) < 0)
		plugin_tc_stop(&running->tc);
	if (error < 0)
		unload(running);
	else /* it works without, if there is no memory for that */
		plugin_maps_open(&running->maps, running->loaded.object, program->type->name);
	return error;
}

static void stop(struct program *program)
{
	struct running *running = program->state;

	if (is_stage(program))
		xdp_stage_stop(program);
	plugin_tc_stop(&running->tc);
	unload(running);
}

static bool needs_xdp(const struct program *program)
{
	return is_stage(program);
}

static void interfaces_changed(struct program *program)
{
	struct running *running = program->state;

	if (!program->running)
		return;
	if (is_stage(program))
		xdp_stage_interfaces_changed(program);
	plugin_tc_attach(program, &running->tc);
}

static void interface_gone(struct program *program, uint32_t slot)
{
	struct running *running = program->state;

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
	snprintf(row->file, sizeof(row->file), "%s", plugin_of(program)->path);
	snprintf(row->signer, sizeof(row->signer), "%s", plugin_of(program)->signer);
	snprintf(row->behind, sizeof(row->behind), "%s", plugin_of(program)->behind);
	row->drops = drops(program);
	row->passed.rate = row->dropped.rate = row->sent.rate = row->aborted.rate = NAN;
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
	const struct running *running = program->state;

	return plugin_tc_how(&running->tc, slot);
}

static const struct failure *why_not_tc(const struct program *program, uint32_t slot)
{
	const struct running *running = program->state;

	return plugin_tc_why(&running->tc, slot);
}

static void sample(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown)
{
	struct running *running = program->state;
	struct plugin_counts counts;

	program->failure.error = 0;
	program->status = PROGRAM_ON;
	if (is_stage(program))
		xdp_stage_describe(program, shown);
	if (is_tc(program) && program->status == PROGRAM_ON)
		program_describe_interfaces(program, how_tc, why_not_tc, shown);
	size_t length = strlen(shown->attached);
	snprintf(shown->attached + length, sizeof(shown->attached) - length, "%s%s",
		length > 0 && running->attached[0] != '\0' ? ", " : "", running->attached);
	plugin_counts(program->context, &running->loaded, &counts);
	program_set_runs(program, &counts.runs, before, now, shown);
	sample_verdicts(program, &counts, before, now);
	plugin_maps_sample(&running->maps, program->context->looks, &program->context->sort,
		&program->context->log, now);
}

/* Of one that runs, sample() has shown all. */
static void describe(const struct program *program, struct snapshot *now)
{
	if (!program->running)
		add_row(program, now);
}

const struct program_type plugin_type = {
	.kind = "plugin",
	.state_size = sizeof(struct running),
	.open = open_plugin,
	.start = start,
	.stop = stop,
	.sample = sample,
	.describe = describe,
	.needs_xdp = needs_xdp,
	.interfaces_changed = interfaces_changed,
	.interface_gone = interface_gone,
	.drops = drops,
};
