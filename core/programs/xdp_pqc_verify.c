// SPDX-License-Identifier: BSD-2-Clause
/* xdp_pqc_verify: verifies signatures as a stage of the chain, by mode, ports and trusted keys. */
#include "xdp_pqc_verify.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "crypto/verifier_keys.h"
#include "crypto/verifier_policy.h"
#include "kernel/lock.h"
#include "kernel/map_value.h"
#include "kernel/object.h"
#include "model/names.h"
#include "peer/host_node.h"
#include "programs/programs.h"
#include "programs/xdp_pqc_verify_carry.h"
#include "programs/xdp_pqc_verify_interfaces.h"
#include "programs/xdp_pqc_verify_keys.h"
#include "programs/xdp_pqc_verify_sample.h"
#include "programs/xdp_stage.h"

_Static_assert(PQC_PORTS_SHOWN == PQC_PORTS_MAX, "every protected port is shown");

/* --- policy ---------------------------------------------------------------------------------------- */

static int read_control(const struct program *program, struct pqc_control *control)
{
	uint32_t zero = 0;

	return map_value_read(map_registry_fd(&program->context->maps, "pqc_control"), &zero,
		control, sizeof(*control));
}

/* Reads the policy in force. */
static void policy_of(const struct pqc_control *control, struct pqc_policy *policy)
{
	*policy = (struct pqc_policy) {
		.mode = control->mode,
		.reassembly_timeout_ns = control->reassembly_timeout_ns,
		.node_budget = control->node_budget,
		.common_budget = control->common_budget,
	};
	for (uint32_t port = 1; port <= UINT16_MAX && policy->n_ports < PQC_PORTS_MAX; port++)
		if (control->protected_ports[port / 64] >> port % 64 & 1)
			policy->ports[policy->n_ports++] = (uint16_t)port;
}

/* Reads the policy of the settings, observing. */
static void policy_asked(const struct settings *settings, struct pqc_policy *policy)
{
	pqc_policy_default(policy);
	policy->mode = PQC_OBSERVE;
	if (settings->n_pqc_ports == 0)
		return;
	policy->n_ports = settings->n_pqc_ports;
	memcpy(policy->ports, settings->pqc_ports, sizeof(policy->ports));
}

/* Returns whether each port of the first list is in the second. */
static bool all_among(const uint16_t *ports, uint32_t n, const uint16_t *others, uint32_t n_others)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < n; i++)
		for (uint32_t j = 0; j < n_others; j++)
			if (ports[i] == others[j]) {
				found++;
				break;
			}
	return found == n;
}

static int enforce(struct program *program, bool on)
{
	struct pqc_control control;
	struct pqc_policy policy;
	struct failure failure;
	int error = read_control(program, &control);

	if (error < 0)
		return error;
	policy_of(&control, &policy);
	policy.mode = on ? PQC_ENFORCE : PQC_OBSERVE;
	return validate_packet_signatures(&program->context->maps, &policy, &failure);
}

static bool enforced(const struct program *program)
{
	struct pqc_control control;

	return read_control(program, &control) == 0 && control.mode == PQC_ENFORCE;
}

static bool enforce_asked(const struct settings *settings)
{
	return settings->pqc_mode == PQC_ENFORCE;
}

/* "UDP port 26970" */
static void format_ports(const struct program *program, char *text, size_t size)
{
	struct pqc_control control = { 0 };
	struct pqc_policy policy;

	read_control(program, &control);
	policy_of(&control, &policy);
	size_t length = (size_t)snprintf(text, size, "UDP port%s", policy.n_ports == 1 ? "" : "s");
	for (uint32_t i = 0; i < policy.n_ports && length < size; i++)
		length += (size_t)snprintf(text + length, size - length, " %u", policy.ports[i]);
}

/* Reports ports of the settings that differ from those of a verifier that was found enforcing. */
static void check_ports(struct program *program, const struct pqc_policy *kept)
{
	const struct settings *settings = program->context->settings;
	const uint16_t *asked = settings->pqc_ports;
	uint32_t n = settings->n_pqc_ports;
	char ports[TEXT_LEN];

	if (n == 0 || (all_among(asked, n, kept->ports, kept->n_ports) &&
			      all_among(kept->ports, kept->n_ports, asked, n)))
		return;
	format_ports(program, ports, sizeof(ports));
	failure_set(&program->unmet, -EEXIST,
		"Not in force: the ports of the settings. The adopted verifier keeps %s", ports);
	failure_remedy(&program->unmet, "Stop enforcing, and start x0top again with these ports");
}

static bool enforce_question(struct program *program, char *sentence, size_t size)
{
	const struct verifier *verifier = program->state;
	char ports[TEXT_LEN];

	format_ports(program, ports, sizeof(ports));
	if (verifier->names.n == 0)
		snprintf(sentence, size,
			"No key is trusted: enforcing drops everything that arrives on %s. Continue?",
			ports);
	else
		snprintf(sentence, size,
			"Drop unverified packets on %s? It keeps dropping after x0top exits, until "
			"you turn it off.",
			ports);
	return false; /* no operator works over these ports */
}

/*
 * Updates the kernel's wall clock after it was set. Holds the change lock: the write replaces the whole
 * map entry, and another x0top may be changing the mode.
 */
static void follow_clock(struct program *program)
{
	struct pqc_control control;
	struct pqc_policy policy;
	struct failure failure;

	if (program->context->look_only || read_control(program, &control) < 0 ||
		pqc_clock_is_right(&control))
		return;
	bool lab = program->context->settings->lab;
	int lock = lab ? -1 : lock_change(&failure);
	if ((lab || lock >= 0) && read_control(program, &control) == 0) {
		policy_of(&control, &policy);
		validate_packet_signatures(&program->context->maps, &policy, &failure);
	}
	fd_close(&lock);
}

/* --- events ---------------------------------------------------------------------------------------- */

static void take_event(void *context, const struct event *event, double time)
{
	const struct verifier *verifier = context;

	pqc_take_event(verifier->log, &verifier->names, event, time);
}

/* --- life ------------------------------------------------------------------------------------------ */

/* Leaves out the parameter sets that no key has, in the trust store or in the kernel. */
static int prepare(struct program *program, struct bpf_object *object, struct failure *failure)
{
	const struct program_context *context = program->context;
	struct bpf_map *keys = bpf_object__find_map_by_name(object, "mldsa_keys");
	struct bpf_map *places = bpf_object__find_map_by_name(object, "pqc_reassembly");
	struct bpf_map *sessions = bpf_object__find_map_by_name(object, "pqc_sessions");
	struct bpf_map *messages = bpf_object__find_map_by_name(object, "pqc_messages");
	bool small = context->settings->small;
	uint32_t nodes = small ? PQC_NODES_SMALL : PQC_NODES_DEFAULT;
	struct verifier *verifier = program->state;
	uint32_t sets = verifier_sets_trusted(context->settings->trust) |
			verifier_sets_loaded(&context->maps);

	verifier->sets_opened = sets;
	bool has_tai =
		libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_ktime_get_tai_ns, NULL) == 1;

	if (keys == NULL || places == NULL || sessions == NULL || messages == NULL ||
		bpf_map__set_max_entries(keys, nodes) < 0 ||
		bpf_map__set_max_entries(places, nodes * PQC_PLACES) < 0 ||
		bpf_map__set_max_entries(sessions, small ? PQC_SESSIONS_SMALL : PQC_SESSIONS_MAX) <
			0 ||
		bpf_map__set_max_entries(
			messages, small ? PQC_MESSAGES_SMALL : PQC_MESSAGES_BYTES) < 0 ||
		object_set_constant(object, "has_tai", &has_tai, sizeof(has_tai)) < 0 ||
		object_set_constant(object, "mldsa_sets", &sets, sizeof(sets)) < 0)
		return program_cannot_use(program, -ENOENT, failure);
	return 0;
}

static int open_object(struct program *program, struct bpf_object **object, struct failure *failure)
{
	const struct program_context *context = program->context;

	if (context->look_only && map_registry_fd(&context->maps, "pqc_control") < 0) {
		*failure = context->not_ours;
		return failure->error;
	}
	int error = xdp_stage_open(program, object, failure);
	if (error < 0 || *object == NULL)
		return error;
	error = prepare(program, *object, failure);
	if (error < 0) {
		bpf_object__close(*object);
		*object = NULL;
	}
	return error;
}

/* Sets the policy; an adopted enforcer keeps its own. If the trust store cannot be loaded, the kernel's
 * keys stay, and the program's line shows the failure. */
static int begin(struct program *program, struct failure *failure)
{
	struct verifier *verifier = program->state;
	struct pqc_control control;
	struct pqc_policy policy;
	struct failure ignored;

	int error = read_control(program, &control);
	if (error < 0)
		return program_cannot_use(program, error, failure);
	if (control.mode == PQC_ENFORCE) {
		policy_of(&control, &policy);
		check_ports(program, &policy);
	} else {
		policy_asked(program->context->settings, &policy);
	}
	error = validate_packet_signatures(&program->context->maps, &policy, failure);
	if (error < 0)
		return error;
	verifier->sets = verifier->sets_opened;
	verifier_follow_interfaces(program->context);
	verifier_load_keys(program, &ignored);
	return program_open_events(program->context, failure);
}

static void interfaces_changed(struct program *program)
{
	verifier_follow_interfaces(program->context);
	xdp_stage_interfaces_changed(program);
}

static int start(struct program *program, struct failure *failure)
{
	struct program_context *context = program->context;
	struct verifier *verifier = program->state;
	int error = 0;

	if (context->look_only)
		verifier_read_names(program);
	else
		error = begin(program, failure);
	if (error == 0)
		error = xdp_stage_start(program, failure);
	if (error < 0)
		return error;
	verifier->log = &context->log;
	event_ring_register(&context->ring, EVENT_PQC, take_event, verifier);
	return 0;
}

static void renewed(struct program *program)
{
	struct verifier *verifier = program->state;

	verifier->sets = verifier->sets_opened;
}

static int replace(struct program *program, struct failure *failure)
{
	int error = xdp_stage_replace(program, failure);

	if (error == 0)
		renewed(program);
	return error;
}

static void close_node(struct program *program)
{
	struct verifier *verifier = program->state;

	event_ring_register(&program->context->ring, EVENT_PQC, NULL, NULL);
	verifier_follow_sessions(program);
	host_node_close(verifier->node);
	verifier->node = NULL;
}

static void stop(struct program *program)
{
	close_node(program);
	xdp_stage_stop(program);
}

static void handle(struct program *program)
{
	const struct verifier *verifier = program->state;

	if (verifier->node != NULL) {
		verifier_follow_sessions(program);
		host_node_handle(verifier->node);
	}
}

/* Without a key it can verify nothing. */
static bool needs_xdp(const struct program *program)
{
	const struct verifier *verifier = program->state;

	return verifier->sets != 0;
}

static bool wanted(const struct settings *settings)
{
	return settings->pqc_mode != PQC_OFF;
}

/* --- samples --------------------------------------------------------------------------------------- */

static void sample(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown)
{
	const struct verifier *verifier = program->state;
	const struct program_context *context = program->context;

	xdp_stage_sample(program, before, now, shown);
	if (program->status == PROGRAM_ON && verifier->keys_failure.error < 0) {
		program->status = PROGRAM_PARTLY;
		program->failure = verifier->keys_failure;
	}
	follow_clock(program);
	collect_signatures(&context->percpu, &context->maps, &verifier->names, before, now);
	if (verifier->node != NULL)
		collect_addresses(verifier->node, now);
	shown->enforcing = now->pqc.mode == PQC_ENFORCE;
}

/* Names the state of verification in one word. */
static void describe(const struct program *program, struct snapshot *now)
{
	static const char *const words[] = { "off", "observing", "enforcing" };

	snprintf(now->pqc.state, sizeof(now->pqc.state), "%s",
		now->pqc.available ? words[now->pqc.mode] : program_state_names[program->status]);
}

#define COPIED(type) .pinned = true, .copied = sizeof(type)

static const struct shared_map maps[] = {
	{ .name = "pqc_control", COPIED(struct pqc_control) },
	{ .name = "pqc_node_slots", .pinned = true },
	{ .name = "pqc_nodes", COPIED(struct pqc_node), .merging = &pqc_node_merging },
	{ .name = "pqc_common", COPIED(struct pqc_common), .merging = &pqc_common_merging },
	/* Without the slices that came during the change: their message is sent again. */
	{ .name = "pqc_reassembly",
		COPIED(struct pqc_reassembly),
		.entries = { PQC_NODES_SMALL * PQC_PLACES, PQC_NODES_DEFAULT *PQC_PLACES } },
	{ .name = "pqc_sessions",
		COPIED(struct pqc_session),
		.merging = &pqc_session_merging,
		.entries = { PQC_SESSIONS_SMALL, PQC_SESSIONS_MAX } },
	{ .name = "pqc_interfaces", COPIED(struct pqc_interface), .by_slot = true },
	{ .name = "pqc_messages",
		.pinned = true,
		.entries = { PQC_MESSAGES_SMALL, PQC_MESSAGES_BYTES } },
	{ .name = "pqc_stats",
		.pinned = true,
		.counts = sizeof(struct pqc_stats),
		.apart = { .first = offsetof(struct pqc_stats, event_ns) / sizeof(uint64_t),
			.n = PQC_RESULTS,
			.largest = true } },
	{ .name = "mldsa_keys",
		COPIED(struct mldsa_key),
		.entries = { PQC_NODES_SMALL, PQC_NODES_DEFAULT } },
	{ .name = NULL },
};

const struct program_type program_xdp_pqc_verify = {
	.name = "xdp_pqc_verify",
	.kind = "XDP",
	.capabilities = NETWORK_CAPABILITIES,
	.stage = XDP_PQC_VERIFY,
	.maps = maps,
	.verbs = pqc_verify_verbs,
	.glanced = GLANCED_WATCHED,
	.parts = { PROGRAM_PART(pqc) },
	.state_size = sizeof(struct verifier),
	.wanted = wanted,
	.open = open_object,
	.start = start,
	.stop = stop,
	.replace = replace,
	.renewed = renewed,
	.close = close_node,
	.sample = sample,
	.describe = describe,
	.interfaces_changed = interfaces_changed,
	.interface_gone = xdp_stage_interface_gone,
	.handle = handle,
	.needs_xdp = needs_xdp,
	.outcome = xdp_stage_outcome,
	.handles = "packets",
	.wrong = "did not pass",
	.enforce = enforce,
	.enforced = enforced,
	.enforce_asked = enforce_asked,
	.enforce_question = enforce_question,
};
