// SPDX-License-Identifier: BSD-2-Clause
/* xdp_pqc_verify: a stage of the chain with a mode, protected ports, and keys that it trusts. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "control/lock.h"
#include "control/state.h"
#include "control/tracing.h"
#include "pqc/pqc_keys.h"

#define NS_PER_S 1000000000

/* The kernel's idea of the wall clock may be off by this much before it is told anew. */
#define CLOCK_TOLERANCE_NS 10000000

_Static_assert(PQC_PORTS_SHOWN == PQC_PORTS_MAX, "every protected port is shown");
_Static_assert(TRUST_KEYS_MAX <= PQC_NODES_DEFAULT, "every trusted node has a name");
_Static_assert(TRUST_NAME_LEN <= PQC_NAME_LEN, "names are shown whole");

/* --- what is done with packets -------------------------------------------------------------------- */

static int read_control(const struct orchestrator *o, struct pqc_control *control)
{
	uint32_t zero = 0;

	if (bpf_map_lookup_elem(map_registry_fd(&o->maps, "pqc_control"), &zero, control) < 0)
		return -errno;
	return 0;
}

/* The policy that is in force. */
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

/* The one that the settings ask for, while it only observes. */
static void policy_asked(const struct settings *settings, struct pqc_policy *policy)
{
	pqc_policy_default(policy);
	policy->mode = PQC_OBSERVE;
	if (settings->n_pqc_ports == 0)
		return;
	policy->n_ports = settings->n_pqc_ports;
	memcpy(policy->ports, settings->pqc_ports, sizeof(policy->ports));
}

int pqc_set_enforce(struct orchestrator *o, bool enforce)
{
	struct pqc_control control;
	struct pqc_policy policy;
	struct failure failure;
	int error = read_control(o, &control);

	if (error < 0)
		return error;
	policy_of(&control, &policy);
	policy.mode = enforce ? PQC_ENFORCE : PQC_OBSERVE;
	return validate_packet_signatures(&o->maps, &policy, &failure);
}

bool pqc_enforced(const struct orchestrator *o)
{
	struct pqc_control control;

	return read_control(o, &control) == 0 && control.mode == PQC_ENFORCE;
}

void pqc_format_ports(const struct orchestrator *o, char *text, size_t size)
{
	struct pqc_control control = { 0 };
	struct pqc_policy policy;

	read_control(o, &control);
	policy_of(&control, &policy);
	size_t length = (size_t)snprintf(text, size, "UDP port%s", policy.n_ports == 1 ? "" : "s");
	for (uint32_t i = 0; i < policy.n_ports && length < size; i++)
		length += (size_t)snprintf(text + length, size - length, " %u", policy.ports[i]);
}

static double clock_ns(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec * NS_PER_S + (double)time.tv_nsec;
}

/*
 * Tells the kernel the wall clock again when that was set. Under the lock, for whoever writes the
 * map writes all of it, and another x0top may be changing the mode.
 */
static void follow_clock(struct orchestrator *o)
{
	double offset = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	struct pqc_control control;
	struct pqc_policy policy;
	struct failure failure;

	if (o->look_only || read_control(o, &control) < 0)
		return;
	double off = offset - (double)control.realtime_offset_ns;
	if (off > -CLOCK_TOLERANCE_NS && off < CLOCK_TOLERANCE_NS)
		return;
	int lock = o->settings.lab ? -1 : lock_change(&failure);
	if ((o->settings.lab || lock >= 0) && read_control(o, &control) == 0) {
		policy_of(&control, &policy);
		validate_packet_signatures(&o->maps, &policy, &failure);
	}
	if (lock >= 0)
		close(lock);
}

/* --- keys ------------------------------------------------------------------------------------------ */

static uint32_t set_of(uint32_t set)
{
	switch (set) {
	case MLDSA_44:
		return PQC_SET_44;
	case MLDSA_65:
		return PQC_SET_65;
	case MLDSA_87:
		return PQC_SET_87;
	default:
		return PQC_SET_UNKNOWN;
	}
}

static void take_names(const struct trust *trust, struct node_names *names)
{
	names->n = trust->n_keys;
	for (uint32_t i = 0; i < trust->n_keys; i++) {
		const struct trusted_key *key = &trust->keys[i];
		struct node_name *name = &names->nodes[i];

		memcpy(name->node, key->node, sizeof(name->node));
		name->set = set_of(key->key.set);
		snprintf(name->name, sizeof(name->name), "%s", key->name);
	}
}

/* Each file that is not used is an event; the first is what the program's line says. */
static void tell_problems(struct orchestrator *o, const char *directory, const struct trust *trust)
{
	uint32_t n = trust->n_problems + trust->problems_left_out;

	for (uint32_t i = 0; i < trust->n_problems; i++)
		event_log_add(
			&o->events, 0, EVENT_KIND_PQC, "key not used: %s", trust->problems[i].what);
	if (n == 0)
		return;
	failure_set(&o->keys_failure, -EBADMSG, "%u file%s of %.80s %s not used: %s", n,
		n == 1 ? "" : "s", directory, n == 1 ? "is" : "are", trust->problems[0].what);
	if (trust->problems[0].remedy[0] != '\0')
		failure_remedy(&o->keys_failure, "%s", trust->problems[0].remedy);
}

/* Whether there is nothing to trust, and nothing was: how a host begins. */
static bool never_trusted(const struct orchestrator *o, int error)
{
	uint8_t node[PQC_NODE_LEN];

	return error == -ENOENT && strcmp(o->settings.trust, TRUST_DIRECTORY) == 0 &&
	       bpf_map_get_next_key(map_registry_fd(&o->maps, "pqc_node_slots"), NULL, node) < 0;
}

/* Lets this host exchange keys with those whom it trusts, if it has an identity. */
static int follow_node(struct orchestrator *o, const struct trust *trust, struct failure *failure)
{
	int error = 0;

	if (o->settings.identity[0] == '\0' || o->look_only)
		return 0;
	if (o->node == NULL) {
		error = node_open(&o->settings, &o->maps, &o->node, failure);
		if (error == 0)
			orchestrator_watch_fd(o, node_fd(o->node));
	}
	return error == 0 ? node_follow_trust(o->node, trust, failure) : error;
}

/*
 * Brings the trust store into the kernel. Returns 0, or a negative errno with *failure set and the
 * kernel's keys as they were, unless it is this host's own identity that is wrong.
 */
static int load_keys(struct orchestrator *o, struct failure *failure)
{
	const char *directory = o->settings.trust;
	struct trust *trust = NULL;
	int error = load_pq_keys(&o->maps, directory, &trust, failure);

	o->keys_failure.error = 0;
	if (error < 0 && never_trusted(o, error))
		return 0;
	if (error < 0) {
		o->keys_failure = *failure;
		return error;
	}
	take_names(trust, &o->node_names);
	tell_problems(o, directory, trust);
	error = follow_node(o, trust, failure);
	if (error < 0)
		o->keys_failure = *failure;
	trust_close(trust);
	return error;
}

/* For one that only looks: what the nodes are called. */
static void read_names(struct orchestrator *o)
{
	struct trust *trust;
	struct failure ignored;

	if (trust_open(o->settings.trust, &trust, &ignored) < 0)
		return;
	take_names(trust, &o->node_names);
	trust_close(trust);
}

int pqc_reload_keys(struct orchestrator *o, struct failure *failure)
{
	const struct program *program = program_find(o, "xdp_pqc_verify");

	if (!program->running) {
		failure_set(failure, -ENOENT, "xdp_pqc_verify is not running");
		return failure_remedy(
			failure, "Switch it on, which loads the keys: program on xdp_pqc_verify");
	}
	return load_keys(o, failure);
}

/* --- life ------------------------------------------------------------------------------------------ */

static int opened(struct bpf_object *object, struct failure *failure)
{
	struct bpf_map *keys = bpf_object__find_map_by_name(object, "mldsa_keys");

	if (keys == NULL || bpf_map__set_max_entries(keys, PQC_NODES_DEFAULT) < 0)
		return failure_set(
			failure, -EBADMSG, "xdp_pqc_verify is not the one of this x0top");
	return 0;
}

/* What enforces, and was adopted, goes on with its policy. Keys that cannot be loaded keep nothing
 * from being verified with those that are there: the program's line says what is wrong. */
static int loaded(struct orchestrator *o, struct failure *failure)
{
	struct pqc_control control;
	struct pqc_policy policy;
	struct failure ignored;
	int error = read_control(o, &control);

	if (error < 0)
		return failure_set(failure, error, "xdp_pqc_verify is not the one of this x0top");
	if (control.mode == PQC_ENFORCE)
		policy_of(&control, &policy);
	else
		policy_asked(&o->settings, &policy);
	error = validate_packet_signatures(&o->maps, &policy, failure);
	if (error < 0)
		return error;
	load_keys(o, &ignored);
	return tracing_open_events(o, failure);
}

static int start(struct orchestrator *o, struct program *program, struct failure *failure)
{
	static const struct xdp_stage_hooks hooks = { opened, loaded };

	if (o->look_only && map_registry_fd(&o->maps, "pqc_control") < 0)
		return enforcement_own(o, failure);
	if (o->look_only)
		read_names(o);
	return xdp_stage_start(o, program, &hooks, failure);
}

static void stop(struct orchestrator *o, struct program *program)
{
	node_close(o->node);
	o->node = NULL;
	xdp_stage_stop(o, program);
}

static void sample(struct orchestrator *o, struct program *program, const struct snapshot *before,
	struct snapshot *now, struct snapshot_program *shown)
{
	xdp_stage_sample(o, program, before, now, shown);
	if (program->state == PROGRAM_ON && o->keys_failure.error < 0) {
		program->state = PROGRAM_PARTLY;
		program->failure = o->keys_failure;
	}
	follow_clock(o);
	collect_signatures(&o->percpu, &o->maps, &o->node_names, before, now);
	shown->enforcing = now->pqc.mode == PQC_ENFORCE;
}

const struct program_driver pqc_driver = {
	.start = start,
	.stop = stop,
	.sample = sample,
};
