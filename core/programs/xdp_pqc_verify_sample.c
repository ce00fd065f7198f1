// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_pqc_verify_sample.h"
#include "model/names.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "kernel/map_value.h"
#include "model/format.h"
#include "model/quantile.h"
#include "model/rate.h"
#include "peer/message.h"
#include "programs/event_text.h"

/* Sessions per system call: few, since each comes with its keys. */
enum { SESSIONS_READ = 32 };

/* --- names ---------------------------------------------------------------------------------------- */

static const struct node_name *find_name(
	const struct node_names *names, const uint8_t node[PQC_NODE_LEN])
{
	for (uint32_t i = 0; i < names->n; i++)
		if (memcmp(names->nodes[i].node, node, PQC_NODE_LEN) == 0)
			return &names->nodes[i];
	return NULL;
}

/* --- clocks --------------------------------------------------------------------------------------- */

/* Converts a time of CLOCK_BOOTTIME to seconds since 1970. */
static double since_1970(uint64_t boottime_ns)
{
	return (double)boottime_ns / 1e9 + clock_realtime_seconds() - clock_boottime_seconds();
}

/* --- mode, results, budget ------------------------------------------------------------------------ */

static void collect_ports(const struct pqc_control *control, struct snapshot *now)
{
	for (uint32_t word = 0; word < 65536 / 64; word++)
		for (uint64_t bits = control->protected_ports[word]; bits != 0; bits &= bits - 1) {
			struct snapshot_pqc_port *port = SNAPSHOT_ADD(now, &now->pqc, ports);
			if (port != NULL)
				port->number = word * 64 + (uint32_t)__builtin_ctzll(bits);
		}
}

static void collect_results(const struct percpu *percpu, const struct map_registry *maps,
	const struct snapshot *before, struct snapshot *now)
{
	struct snapshot_pqc *pqc = &now->pqc;
	const struct snapshot_pqc *old = before != NULL ? &before->pqc : NULL;
	struct pqc_stats stats;
	uint32_t zero = 0;

	percpu_sum(percpu, map_registry_fd(maps, "pqc_stats"), &zero, &stats, sizeof(stats));
	for (int i = 0; i < PQC_RESULTS; i++)
		counter_update(&pqc->results[i], old ? &old->results[i] : NULL, stats.results[i],
			now->interval);
	counter_update(&pqc->verifications, old ? &old->verifications : NULL, stats.verifications,
		now->interval);
	for (int i = 0; i < PQC_TIME_BUCKETS; i++)
		pqc->buckets[i] = stats.times[i];
	pqc->verification_ns = stats.verification_ns;
	quantiles_of_octaves(pqc->buckets, PQC_TIME_BUCKETS, &pqc->times);
	counter_update(&pqc->undelivered, old ? &old->undelivered : NULL, stats.undelivered,
		now->interval);
}

static void collect_budget(
	const struct pqc_budget *budget, const struct map_registry *maps, struct snapshot_pqc *pqc)
{
	double now_ns = (double)clock_boottime_ns();
	double whole_ns = (double)budget->burst * (double)budget->interval_ns;
	struct pqc_common common;
	uint32_t zero = 0;

	if (budget->interval_ns > 0)
		pqc->budget_rate = 1e9 / (double)budget->interval_ns;
	if (map_value_read_with(map_registry_fd(maps, "pqc_common"), &zero, &common, sizeof(common),
		    BPF_F_LOCK) < 0)
		return;
	double used_ns = fmax((double)common.bucket.full_at_ns - now_ns, 0);
	if (whole_ns > 0)
		pqc->budget_used = used_ns < whole_ns ? used_ns / whole_ns : 1;
}

/* --- values of another version's maps ------------------------------------------------------------- */

/* No map in force has larger ones: map_registry_fit.c. */
#define VALUE_MAX(type) (sizeof(type) + MAP_VALUE_GROWTH_MAX)

static bool find_size(int map, size_t known, size_t *size)
{
	return map_value_size(map, known, size) == 0 && *size <= known + MAP_VALUE_GROWTH_MAX;
}

/* Takes what is known of a value of `size` bytes; what that lacks is zero. */
static void take_value(void *state, size_t known, const char *value, size_t size)
{
	memset(state, 0, known);
	memcpy(state, value, size < known ? size : known);
}

/* --- nodes ---------------------------------------------------------------------------------------- */

/* Reads a small map by one system call. Returns the number of elements, 0 on an error. */
static uint32_t read_all(int map, void *keys, void *values, uint32_t room, uint64_t flags)
{
	LIBBPF_OPTS(bpf_map_batch_opts, options, .elem_flags = flags);
	uint32_t next, n = room;

	/* ENOENT: the last element was among them. */
	if (bpf_map_lookup_batch(map, NULL, &next, keys, values, &n, &options) < 0 &&
		errno != ENOENT)
		return 0;
	return n;
}

static void set_name(const struct node_names *names, const uint8_t node[PQC_NODE_LEN],
	char name[PQC_NAME_LEN], uint32_t *set)
{
	const struct node_name *known = find_name(names, node);

	if (known == NULL)
		return;
	snprintf(name, PQC_NAME_LEN, "%s", known->name);
	if (set != NULL)
		*set = known->set;
}

static const struct snapshot_pqc_node *find_node(const struct snapshot *before, const char *node)
{
	for (uint32_t i = 0; before != NULL && i < before->pqc.n_nodes; i++)
		if (strcmp(before->pqc.nodes[i].node, node) == 0)
			return &before->pqc.nodes[i];
	return NULL;
}

static void add_node(const struct node_names *names, const uint8_t id[PQC_NODE_LEN],
	const struct pqc_node *state, const struct snapshot *before, struct snapshot *now)
{
	struct snapshot_pqc_node *node = SNAPSHOT_ADD(now, &now->pqc, nodes);

	if (node == NULL)
		return;
	hex_format(id, PQC_NODE_LEN, node->node);
	set_name(names, id, node->name, &node->set);
	fields_set_unknown(pqc_node_fields, node);
	if (state->authenticated_until > 0)
		node->authenticated_until = (double)state->authenticated_until;
	if (state->verified_ns > 0) {
		node->last_time = since_1970(state->verified_ns);
		node->sequence = state->sequence;
	}
	const struct snapshot_pqc_node *old = find_node(before, node->node);
	counter_update(&node->good, old ? &old->good : NULL, state->good, now->interval);
	counter_update(&node->refused, old ? &old->refused : NULL, state->refused, now->interval);
	counter_update(&node->refused_there, old ? &old->refused_there : NULL, state->refused_there,
		now->interval);
}

/* Adds nodes in the order of their slots, the order in which they became known. */
static void collect_nodes(const struct map_registry *maps, const struct node_names *names,
	const struct snapshot *before, struct snapshot *now)
{
	uint8_t ids[PQC_NODES_DEFAULT][PQC_NODE_LEN];
	uint32_t slots[PQC_NODES_DEFAULT], keys[PQC_NODES_DEFAULT];
	char values[PQC_NODES_DEFAULT * VALUE_MAX(struct pqc_node)];
	const int map = map_registry_fd(maps, "pqc_nodes");
	uint32_t n =
		read_all(map_registry_fd(maps, "pqc_node_slots"), ids, slots, PQC_NODES_DEFAULT, 0);
	size_t size;

	if (n == 0 || !find_size(map, sizeof(struct pqc_node), &size))
		return;
	uint32_t known = read_all(map, keys, values, PQC_NODES_DEFAULT, BPF_F_LOCK);
	for (uint32_t slot = 0; slot < known; slot++) {
		struct pqc_node state;
		take_value(&state, sizeof(state), values + slot * size, size);
		for (uint32_t i = 0; i < n; i++)
			if ((slots[i] & PQC_SLOT_MASK) == slot)
				add_node(names, ids[i], &state, before, now);
	}
}

/* --- sessions ------------------------------------------------------------------------------------- */

/* Finds a session in the last sample. The order is mostly the same, so it searches from *at on. */
static const struct snapshot_pqc_session *find_session(
	const struct snapshot *before, uint32_t *at, const struct snapshot_pqc_session *session)
{
	uint32_t n = before != NULL ? before->pqc.n_sessions : 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct snapshot_pqc_session *old = &before->pqc.sessions[(*at + i) % n];
		if (strcmp(old->session, session->session) != 0 ||
			strcmp(old->node, session->node) != 0)
			continue;
		*at = (*at + i + 1) % n;
		return old;
	}
	return NULL;
}

static void add_session(const struct node_names *names, const struct pqc_session_key *key,
	const struct pqc_session *state, const struct snapshot *before, uint32_t *at,
	struct snapshot *now)
{
	struct snapshot_pqc_session *session = SNAPSHOT_ADD(now, &now->pqc, sessions);
	const struct traffic_count good = { state->good, state->bytes };

	hex_format(key->node, PQC_NODE_LEN, session->node);
	set_name(names, key->node, session->name, NULL);
	snprintf(session->session, sizeof(session->session), "%08x", ntohl(key->session));
	session->began = since_1970(state->began_ns);
	session->expires = since_1970(state->expires_ns);
	const struct snapshot_pqc_session *old = find_session(before, at, session);
	traffic_update(&session->traffic, old ? &old->traffic : NULL, &good, now->interval);
	counter_update(
		&session->replayed, old ? &old->replayed : NULL, state->replayed, now->interval);
}

static void collect_sessions(const struct map_registry *maps, const struct node_names *names,
	const struct snapshot *before, struct snapshot *now)
{
	LIBBPF_OPTS(bpf_map_batch_opts, options, .elem_flags = BPF_F_LOCK);
	struct pqc_session_key keys[SESSIONS_READ];
	int map = map_registry_fd(maps, "pqc_sessions"), error;
	uint32_t next, at = 0;
	char values[SESSIONS_READ * VALUE_MAX(struct pqc_session)];
	struct pqc_session state;
	bool first = true;
	size_t size;

	if (!find_size(map, sizeof(state), &size))
		return;
	now->pqc.sessions_total = 0;
	do {
		uint32_t n = SESSIONS_READ;
		error = bpf_map_lookup_batch(
			map, first ? NULL : &next, &next, keys, values, &n, &options);
		if (error < 0 && errno != ENOENT)
			break;
		first = false;
		now->pqc.sessions_total += n;
		/* The rest is in sessions_total. */
		for (uint32_t i = 0; i < n && now->pqc.n_sessions < PQC_SESSIONS_SHOWN; i++) {
			take_value(&state, sizeof(state), values + i * size, size);
			add_session(names, &keys[i], &state, before, &at, now);
		}
	} while (error == 0);
	explicit_bzero(values, sizeof(values));
	explicit_bzero(&state, sizeof(state));
}

/* -------------------------------------------------------------------------------------------------- */

int collect_signatures(const struct percpu *percpu, const struct map_registry *maps,
	const struct node_names *names, const struct snapshot *before, struct snapshot *now)
{
	struct pqc_control control;
	uint32_t zero = 0;
	int error = map_value_read(
		map_registry_fd(maps, "pqc_control"), &zero, &control, sizeof(control));

	if (error < 0)
		return error;
	now->pqc.available = true;
	now->pqc.mode = control.mode <= PQC_ENFORCE ? control.mode : PQC_OFF;
	collect_ports(&control, now);
	collect_results(percpu, maps, before, now);
	collect_budget(&control.common_budget, maps, &now->pqc);
	collect_nodes(maps, names, before, now);
	collect_sessions(maps, names, before, now);
	return 0;
}

/* IPv4 comes in its mapped form. */
static void write_address(const struct peer_address *from, char *text, size_t size)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&from->storage;
	bool mapped = IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);

	if (from->length < sizeof(*v6) || v6->sin6_family != AF_INET6)
		return;
	if (inet_ntop(mapped ? AF_INET : AF_INET6, &v6->sin6_addr.s6_addr[mapped ? 12 : 0], text,
		    (socklen_t)size) == NULL)
		text[0] = '\0';
}

void collect_addresses(const struct host_node *node, struct snapshot *now)
{
	const struct peer_remote_state *remote;
	char id[PQC_NODE_TEXT_LEN];

	for (uint32_t i = 0; (remote = host_node_remote(node, i)) != NULL; i++) {
		hex_format(remote->node, PQC_NODE_LEN, id);
		for (uint32_t at = 0; at < now->pqc.n_nodes; at++)
			if (strcmp(now->pqc.nodes[at].node, id) == 0)
				write_address(&remote->address, now->pqc.nodes[at].address,
					sizeof(now->pqc.nodes[at].address));
	}
}

void pqc_take_event(struct event_log *log, const struct node_names *names,
	const struct event *event, double time)
{
	static const uint8_t unread[PQC_NODE_LEN];
	char where[EVENT_WHERE_LEN], id[PQC_NODE_TEXT_LEN], sequence[FORMAT_LEN];
	uint8_t node[PQC_NODE_LEN];

	if (event->pqc.result >= PQC_RESULTS)
		return;
	memcpy(node, &event->pqc.node, sizeof(node));
	const struct node_name *known = find_name(names, node);
	hex_format(node, sizeof(node), id);
	event_format_where(where, event->ifindex);
	/* Refused before its header was read: nobody knows whose it is. */
	if (event->pqc.sequence == 0 && memcmp(node, unread, sizeof(node)) == 0) {
		event_log_add(log, time, EVENT_KIND_PQC, "%s%s",
			pqc_result_names[event->pqc.result], where);
		return;
	}
	event_log_add(log, time, EVENT_KIND_PQC, "%s: %s, seq %s%s",
		pqc_result_names[event->pqc.result], known != NULL ? known->name : id,
		format_sequence(sequence, event->pqc.sequence), where);
}
