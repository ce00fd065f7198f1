// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_mesh_filter_check.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "kernel/map_value.h"
#include "kernel/object.h"
#include "mesh/rules.h"
#include "programs/programs.h"
#include "xdp_chain.h"

#define FLOW_BITS 1 /* each frame is a flow of its own */

/* What the second filter has in common with the one in force. */
static const char *const shared[] = { "mesh_near", "mesh_lines", "mesh_shorts", "mesh_disabled" };

/* --- the second filter --------------------------------------------------------------------------- */

static int share(const struct program_context *context, struct bpf_object *object)
{
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(object, shared[i]);
		int fd = map_registry_fd(&context->maps, shared[i]);
		int error = map == NULL || fd < 0 ? -ENOENT : bpf_map__reuse_fd(map, fd);
		if (error < 0)
			return error;
	}
	return 0;
}

static int prepare(
	const struct program_context *context, struct bpf_object *object, uint32_t ifindex)
{
	const uint32_t bits = FLOW_BITS;
	struct bpf_map *flows = bpf_object__find_map_by_name(object, "mesh_flows");
	int error = flows == NULL ? -ENOENT : bpf_map__set_max_entries(flows, 1 << bits);

	if (error == 0)
		error = object_set_constant(object, "mesh_flows_bits", &bits, sizeof(bits));
	if (error == 0)
		error = object_set_constant(object, "mesh_interface", &ifindex, sizeof(ifindex));
	return error == 0 ? share(context, object) : error;
}

/* Copies the state that decides with the rules: which are on, and how much of the limits is used up. */
static int copy_state(const struct program_context *context, const struct bpf_object *object,
	const struct rule_table *table)
{
	int limits = map_registry_fd(&context->maps, "mesh_limits");
	int control = map_registry_fd(&context->maps, "mesh_filter_control");
	struct mesh_filter_control state;
	uint32_t zero = 0;

	int error = map_value_read(control, &zero, &state, sizeof(state));
	if (error < 0)
		return error;
	state.enforce = 1;
	if (bpf_map_update_elem(
		    object_map_fd(object, "mesh_filter_control"), &zero, &state, BPF_ANY) < 0)
		return -errno;
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		const struct mesh_rule *rule = &table->rules[i];
		uint32_t id = rule->id;
		struct gcra limit;
		if (rule->match == MESH_MATCH_NONE || rule->action != MESH_LIMIT)
			continue;
		if (map_value_read(limits, &id, &limit, sizeof(limit)) < 0 ||
			bpf_map_update_elem(
				object_map_fd(object, "mesh_limits"), &id, &limit, BPF_ANY) < 0)
			return -errno;
	}
	return 0;
}

/* --- what it said -------------------------------------------------------------------------------- */

static int read_rules(const struct program_context *context, const struct bpf_object *object,
	const struct rule_table *table, struct mesh_verdict *verdict)
{
	int map = object_map_fd(object, "mesh_rule_counts");

	verdict->rule = -ENOENT;
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		const struct mesh_rule *rule = &table->rules[i];
		struct mesh_rule_counts counts;
		uint32_t id = rule->id;
		if (rule->match == MESH_MATCH_NONE)
			continue;
		int error = percpu_sum(&context->percpu, map, &id, &counts, sizeof(counts));
		if (error < 0)
			return error;
		if (counts.decided.packets == 0)
			continue;
		if (rule->action != MESH_COUNT)
			verdict->rule = (int)i;
		else if (verdict->n_counted < MESH_COUNTS_MAX)
			verdict->counted[verdict->n_counted++] = i;
	}
	return 0;
}

static int read_verdict(const struct program_context *context, const struct bpf_object *object,
	const struct rule_table *table, struct mesh_verdict *verdict)
{
	struct mesh_filter_totals totals;
	struct xdp_packet packet;
	uint32_t zero = 0;
	int error = percpu_sum(&context->percpu, object_map_fd(object, "mesh_filter_totals"), &zero,
		&totals, sizeof(totals));

	if (error == 0) /* it ran on one CPU: the sum is what is there */
		error = percpu_sum(&context->percpu, object_map_fd(object, "xdp_packet"), &zero,
			&packet, sizeof(packet));
	if (error < 0)
		return error;
	verdict->headers = packet.headers;
	verdict->unreadable = totals.unreadable.packets > 0;
	verdict->enforcing = rules_enforced(&context->maps);
	return read_rules(context, object, table, verdict);
}

static int run(const struct bpf_object *object, const void *frame, size_t size,
	struct mesh_verdict *verdict)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = (__u32)size,
		.repeat = 1);

	if (bpf_prog_test_run_opts(
		    object_program_fd(object, program_xdp_mesh_filter.name), &options) < 0)
		return -errno;
	verdict->dropped = options.retval == XDP_DROP;
	return 0;
}

int mesh_check_frame(const struct program_context *context, const struct rule_table *table,
	const void *frame, size_t size, uint32_t ifindex, struct mesh_verdict *verdict,
	struct failure *failure)
{
	const char *name = program_xdp_mesh_filter.name;
	struct bpf_object *object;
	int error = object_open(name, context->settings->objects, &object, failure);

	if (error < 0)
		return error;
	memset(verdict, 0, sizeof(*verdict));
	error = prepare(context, object, ifindex);
	if (error == 0)
		error = object_load(object, name, failure);
	else
		failure_set(failure, error, "Cannot prepare a second mesh filter: %s",
			strerror(-error));
	if (error < 0)
		goto close;
	error = copy_state(context, object, table);
	if (error == 0)
		error = run(object, frame, size, verdict);
	if (error == 0)
		error = read_verdict(context, object, table, verdict);
	if (error < 0)
		failure_set(failure, error, "The kernel does not judge the packet: %s",
			strerror(-error));
close:
	bpf_object__close(object);
	return error;
}
