// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "kernel/interface_table.h"
#include "kernel/object.h"
#include "kernel/pins.h"
#include "kernel/replaced.h"
#include "model/names.h"
#include "programs/native.h"
#include "programs/xdp_renew.h"

/* --- attaching ------------------------------------------------------------------------------- */

/* Detaches the chain from devices above `interface`, where the kernel would refuse XDP below them.
 * Returns whether it detached any, to be attached again. */
static bool make_way(struct program_context *context, const struct interface *interface)
{
	bool made = false;

	for (uint32_t slot = 0; slot < context->watch.n_interfaces; slot++) {
		const struct watched_interface *row = &context->watch.interfaces[slot];
		if (!watched_is_here(row) || chain_root(&context->chain, slot)->link_fd < 0 ||
			(row->interface.ifindex != interface->master &&
				row->interface.link != interface->ifindex))
			continue;
		/* A veth reports its peer as its link, which is no lower device. */
		if (row->interface.ifindex == interface->link)
			continue;
		chain_abandon(&context->chain, slot);
		made = true;
	}
	return made;
}

/* Returns whether the counter may leave XDP alone: no stage has anything to look for, and nobody named
 * a mode. */
static bool counts_at_tc(const struct program_context *context)
{
	const struct chain *chain = &context->chain;

	return context->settings->xdp_mode == XDP_WANT_AUTO && !context->pinned &&
	       context->stages_needed == 0 && !chain->tc_refused;
}

static void attach_xdp(struct program_context *context, uint32_t slot)
{
	struct watched_interface *row = &context->watch.interfaces[slot];
	int folder = context->pinned ? context->pins->folder : -1;

	/* An enforced interface returns from another namespace with its link. */
	if (folder >= 0 && chain_adopt(&context->chain, slot, &row->interface, folder) == 0)
		return;
	if (chain_attach(&context->chain, slot, &row->interface, context->settings->xdp_mode,
		    &row->xdp_failure) == 0 &&
		chain_root(&context->chain, slot)->mode == XDP_MODE_NATIVE)
		event_log_add(&context->log, 0, EVENT_KIND_PROGRAM, "native XDP on %s: %s",
			row->interface.name, native_effect(&row->interface));
}

/* Attaches the counter at TC; falls back to XDP for all interfaces where the kernel lacks TC. */
static void attach_tc(struct program_context *context, uint32_t slot)
{
	struct watched_interface *row = &context->watch.interfaces[slot];
	struct chain *chain = &context->chain;

	if (chain->counter.fds[TC_HOOK_INGRESS] < 0) {
		chain_detach(chain, slot);
		return;
	}
	if (chain_count_at_tc(chain, slot, &row->interface, watch_tc_kind(&context->watch),
		    &row->xdp_failure) == 0)
		return;
	chain->tc_refused = row->xdp_failure.error != -ENODEV;
	attach_xdp(context, slot);
}

/* Returns whether the interface is attached as it is to be. */
static bool is_attached(const struct program_context *context, uint32_t slot)
{
	const struct chain_root *root = chain_root(&context->chain, slot);

	if (!counts_at_tc(context))
		return root->link_fd >= 0;
	return context->chain.counter.fds[TC_HOOK_INGRESS] < 0 ? root->mode == XDP_MODE_OFF
							       : root->mode == XDP_MODE_TC;
}

/* Returns whether it detached a device that must be attached again. */
static bool attach_all(struct program_context *context, bool again)
{
	bool made_way = false;

	for (uint32_t slot = 0; slot < context->watch.n_interfaces; slot++) {
		struct watched_interface *row = &context->watch.interfaces[slot];
		if (!watched_is_here(row) || is_attached(context, slot) ||
			(again && row->xdp_failure.error < 0))
			continue;
		row->xdp_failure.error = 0;
		if (counts_at_tc(context)) {
			attach_tc(context, slot);
			continue;
		}
		made_way |= make_way(context, &row->interface);
		attach_xdp(context, slot);
	}
	return made_way;
}

/* Says once why it is refused. */
static void follow_handed_back(struct program_context *context)
{
	struct chain *chain = &context->chain;

	chain_follow_handed_back(chain);
	if (chain->handed_back_refused.error < 0 && !chain->handed_back_told)
		event_log_add(&context->log, 0, EVENT_KIND_PROGRAM,
			"what an ifb hands back is judged twice: %.140s",
			chain->handed_back_refused.what);
	chain->handed_back_told = chain->handed_back_refused.error < 0;
}

static void attach_chain(struct program_context *context)
{
	enum { LEVELS_MAX = 8 }; /* of stacked devices in the kernel */

	for (int pass = 0; pass < LEVELS_MAX && attach_all(context, pass > 0); pass++)
		;
	follow_handed_back(context);
}

static void detach_chain(struct program_context *context)
{
	for (uint32_t slot = 0; slot < context->watch.n_interfaces; slot++)
		chain_detach(&context->chain, slot);
	follow_handed_back(context);
}

/* Notes whether the stage has anything to look for. */
static void note_need(const struct program *program)
{
	struct program_context *context = program->context;
	uint32_t bit = 1U << program->type->stage;
	bool on = program->stage_fd >= 0;

	context->stages_needed &= ~bit;
	if (on && (program->enforce_begins ||
			  (program->type->needs_xdp != NULL && program->type->needs_xdp(program))))
		context->stages_needed |= bit;
}

void xdp_stage_interfaces_changed(struct program *program)
{
	struct program_context *context = program->context;

	if (context->look_only)
		return;
	note_need(program);
	if (chain_any_stage(&context->chain))
		attach_chain(context);
}

void xdp_stage_interface_gone(struct program *program, uint32_t slot)
{
	struct program_context *context = program->context;
	int table = map_registry_fd(&context->maps, "xdp_interfaces");

	if (context->look_only) {
		chain_detach(&context->chain, slot);
		return;
	}
	chain_abandon(&context->chain, slot);
	follow_handed_back(context);
	if (table >= 0)
		interface_table_remove(table, context->watch.interfaces[slot].interface.ifindex);
}

/* --- life ------------------------------------------------------------------------------------ */

static int check_wanted(const struct program_context *context, struct failure *failure)
{
	if (context->settings->xdp_mode != XDP_WANT_OFF)
		return 0;
	failure_set(failure, -ENOTSUP, "XDP is turned off by --xdp-mode off");
	return failure_remedy(failure, "Start x0top with --xdp-mode auto");
}

int xdp_stage_may_join(const struct program *program, struct failure *failure)
{
	const struct program_context *context = program->context;
	int error = check_wanted(context, failure);

	if (error == 0 && context->look_only) {
		*failure = context->not_ours;
		error = failure->error;
	}
	return error;
}

int xdp_stage_open(struct program *program, struct bpf_object **object, struct failure *failure)
{
	const struct program_context *context = program->context;
	int error = check_wanted(context, failure);

	if (error < 0)
		return error;
	if (context->look_only && context->pinned && !program->replacing)
		return 0;
	if (context->look_only && !context->pinned) {
		*failure = context->not_ours;
		return failure->error;
	}
	error = program_open_object(program, object, failure);
	if (error == 0 && context->chain.frags)
		object_take_frags(*object);
	return error;
}

void xdp_stage_stop(struct program *program)
{
	struct chain *chain = &program->context->chain;

	if (program->context->look_only)
		return;
	chain_clear_stage(chain, program->type->stage);
	replaced_write(chain->maps, program->type->stage, &(const struct replaced) { 0 });
	fd_close(&program->stage_fd);
	note_need(program);
	if (chain_any_stage(chain))
		attach_chain(program->context);
	else
		detach_chain(program->context);
}

static int enter_chain(struct program *program, int program_fd, struct failure *failure)
{
	int fd = fcntl(program_fd, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return program_cannot_use(program, -errno, failure);
	int error = chain_set_stage(&program->context->chain, program->type->stage, fd);
	if (error < 0) {
		fd_close(&fd);
		return failure_set(failure, error, "Cannot put %s into the XDP chain: %s",
			program->type->name, strerror(-error));
	}
	if (program->on_trial)
		program->trial.stage_fd = program->stage_fd;
	else
		fd_close(&program->stage_fd);
	program->stage_fd = fd;
	return 0;
}

int xdp_stage_enter(struct program *program, struct failure *failure)
{
	int fd = object_program_fd(program->object, program->type->name);

	if (fd < 0)
		return program_cannot_use(program, fd, failure);
	int error = program_prepare_note(program, failure);
	if (error == 0 && map_registry_renews(&program->context->maps)) {
		error = xdp_renew(program, fd, failure);
		follow_handed_back(program->context);
	} else if (error == 0) {
		error = enter_chain(program, fd, failure);
	}
	if (error == 0)
		program_settle_maps(program);
	/* Of one on trial, what is noted stays the old one's. */
	return error < 0 || program->on_trial ? error : program_note_file(program, failure);
}

/* Reports an adopted chain that is attached in another mode than the settings ask for. */
static void check_mode(struct program *program)
{
	static const enum xdp_mode modes[] = {
		[XDP_WANT_NATIVE] = XDP_MODE_NATIVE,
		[XDP_WANT_GENERIC] = XDP_MODE_GENERIC,
	};
	const struct program_context *context = program->context;
	enum xdp_mode_wanted wanted = context->settings->xdp_mode;

	if (!program->adopted || (wanted != XDP_WANT_NATIVE && wanted != XDP_WANT_GENERIC))
		return;
	for (uint32_t slot = 0; slot < context->watch.n_interfaces; slot++) {
		enum xdp_mode mode = chain_root(&context->chain, slot)->mode;
		if (mode == XDP_MODE_OFF || mode == modes[wanted])
			continue;
		failure_set(&program->unmet, -EEXIST,
			"Not in force: XDP mode %s. The adopted chain is attached to %s as %s",
			xdp_mode_names[modes[wanted]],
			context->watch.interfaces[slot].interface.name, xdp_mode_names[mode]);
		failure_remedy(&program->unmet, "Stop enforcing, and start x0top again");
		return;
	}
}

int xdp_stage_join(struct program *program, int program_fd, struct failure *failure)
{
	int error = enter_chain(program, program_fd, failure);

	if (error < 0)
		return error;
	note_need(program);
	attach_chain(program->context);
	check_mode(program);
	return 0;
}

int xdp_stage_start(struct program *program, struct failure *failure)
{
	struct program_context *context = program->context;
	int error = context->look_only ? 0 : xdp_stage_enter(program, failure);

	if (error < 0 || context->look_only)
		return error;
	note_need(program);
	attach_chain(context);
	check_mode(program);
	return 0;
}

int xdp_stage_replace(struct program *program, struct failure *failure)
{
	int error = program_load(program, failure);

	if (error < 0)
		return error;
	error = xdp_stage_enter(program, failure);
	program_close_object(program);
	return error;
}

/* --- samples --------------------------------------------------------------------------------- */

static const char *how_attached(const struct program *program, uint32_t slot)
{
	const struct chain_root *root = chain_root(&program->context->chain, slot);

	/* At TC the counter is alone: a stage without anything to look for needs no packets. */
	if (program->type->needs_xdp != NULL && root->link_fd < 0 && counts_at_tc(program->context))
		return "idle";
	return root->mode == XDP_MODE_OFF ? NULL : xdp_mode_names[root->mode];
}

const struct failure *xdp_stage_why_not(const struct program *program, uint32_t slot)
{
	const struct program_context *context = program->context;
	const struct failure *failure = &context->watch.interfaces[slot].xdp_failure;

	/* One that only looks attaches nothing itself. */
	return failure->error == 0 && context->look_only ? &context->not_ours : failure;
}

void xdp_stage_describe(struct program *program, struct snapshot_program *shown)
{
	program_describe_interfaces(program, how_attached, xdp_stage_why_not, shown);
}

/* Returns how many packets have passed the chain, by its last program; those of the time without the counter are
 * not among them. */
static uint64_t passed_chain(const struct program_context *context)
{
	int map = map_registry_fd(&context->maps, "xdp_counters");
	static const int verdicts[] = { XDP_PASS, XDP_TX, XDP_REDIRECT };
	struct xdp_interface_counters counts;
	uint64_t sum = 0;

	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++) {
		if (percpu_sum(&context->percpu, map, &slot, &counts, sizeof(counts)) < 0)
			break;
		for (int n = 0; n < NETWORK_PROTOCOLS; n++)
			for (int t = 0; t < TRANSPORT_PROTOCOLS; t++)
				for (size_t v = 0; v < sizeof(verdicts) / sizeof(verdicts[0]); v++)
					sum += counts.packets[n][t][verdicts[v]].packets;
	}
	return sum;
}

void xdp_stage_outcome(const struct program *program, struct program_outcome *outcome)
{
	const struct program_context *context = program->context;
	struct xdp_packet packet;
	uint32_t zero = 0;

	/* First what has passed: what comes meanwhile is not counted against the program. */
	outcome->seen[0] = context->chain.stages[XDP_COUNTER] >= 0;
	outcome->passed[0] = outcome->seen[0] ? passed_chain(context) : 0;
	if (percpu_sum(&context->percpu, map_registry_fd(&context->maps, "xdp_packet"), &zero,
		    &packet, sizeof(packet)) == 0)
		outcome->came[0] = packet.stages[XDP_ROOT].runs;
}

void xdp_stage_sample(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown)
{
	uint32_t zero = 0;
	const struct program_context *context = program->context;
	struct xdp_packet sum;

	xdp_stage_describe(program, shown);
	percpu_sum(&context->percpu, map_registry_fd(&context->maps, "xdp_packet"), &zero, &sum,
		sizeof(sum));
	const struct xdp_stage_stats *stats = &sum.stages[program->type->stage];
	struct run_stats runs = { stats->runs, stats->timed_runs, stats->timed_ns, 0, 0 };
	program_set_runs(program, &runs, before, now, shown);
}
