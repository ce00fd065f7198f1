// SPDX-License-Identifier: BSD-2-Clause
#include "model/fields.h"

#include "model/names.h"
#include "model/quantile.h"
#include "model/snapshot.h"

/* Names of structs and members cannot be in parentheses. NOLINTBEGIN(bugprone-macro-parentheses) */
#define SIZE_OF(owner, member) sizeof(((struct owner *)NULL)->member)
#define COUNT(owner, member)   (SIZE_OF(owner, member) / SIZE_OF(owner, member[0]))
#define PLACE(owner, member)   .name = #member, .offset = offsetof(struct owner, member)

/* One row of a table each. `owner` is the struct, `member` names the field in it and in JSON. */
#define TEXT(owner, member)                                                              \
	{                                                                                \
		PLACE(owner, member), .type = FIELD_TEXT, .size = SIZE_OF(owner, member) \
	}
#define NUMBER(owner, member, kind)                                                \
	{                                                                          \
		PLACE(owner, member), .type = kind, .size = SIZE_OF(owner, member) \
	}
#define ENUM(owner, member, words)                                                        \
	{                                                                                 \
		PLACE(owner, member), .type = FIELD_ENUM, .size = SIZE_OF(owner, member), \
				      .names = words                                      \
	}
#define STRUCT(owner, member, table)                                                        \
	{                                                                                   \
		PLACE(owner, member), .type = FIELD_STRUCT, .size = SIZE_OF(owner, member), \
				      .fields = table                                       \
	}
#define LIST(owner, member, table)                                                           \
	{                                                                                    \
		PLACE(owner, member), .type = FIELD_LIST, .size = SIZE_OF(owner, member[0]), \
				      .count = COUNT(owner, member),                         \
				      .n_offset = offsetof(struct owner, n_##member),        \
				      .fields = table                                        \
	}
#define KEYED(owner, member, words, table)                                                    \
	{                                                                                     \
		PLACE(owner, member), .type = FIELD_KEYED, .size = SIZE_OF(owner, member[0]), \
				      .count = COUNT(owner, member), .names = words,          \
				      .fields = table                                         \
	}
#define HISTOGRAM(owner, member, end)                                                             \
	{                                                                                         \
		PLACE(owner, member), .type = FIELD_HISTOGRAM, .size = SIZE_OF(owner, member[0]), \
				      .count = COUNT(owner, member), .bound = end                 \
	}
#define END                  \
	{                    \
		.name = NULL \
	}

#define COUNTER(owner, member) STRUCT(owner, member, counter_fields)
#define TRAFFIC(owner, member) STRUCT(owner, member, traffic_fields)

static double latency_bucket_upper(uint32_t bucket)
{
	return latency_bucket_lower(bucket + 1);
}

const struct field counter_fields[] = {
	NUMBER(counter, total, FIELD_UINT64),
	NUMBER(counter, rate, FIELD_DOUBLE),
	END,
};

const struct field traffic_fields[] = {
	COUNTER(traffic, packets),
	COUNTER(traffic, bytes),
	END,
};

static const struct field host_fields[] = {
	TEXT(snapshot_host, name),
	TEXT(snapshot_host, kernel),
	TEXT(snapshot_host, machine),
	NUMBER(snapshot_host, cpus, FIELD_UINT32),
	NUMBER(snapshot_host, uptime_s, FIELD_DOUBLE),
	NUMBER(snapshot_host, load1, FIELD_DOUBLE),
	NUMBER(snapshot_host, lab, FIELD_BOOL),
	END,
};

static const struct field program_fields[] = {
	TEXT(snapshot_program, name),
	TEXT(snapshot_program, kind),
	TEXT(snapshot_program, attached),
	ENUM(snapshot_program, state, program_state_names),
	NUMBER(snapshot_program, enforcer, FIELD_BOOL),
	NUMBER(snapshot_program, enforcing, FIELD_BOOL),
	NUMBER(snapshot_program, pinned, FIELD_BOOL),
	NUMBER(snapshot_program, adopted, FIELD_BOOL),
	COUNTER(snapshot_program, runs),
	NUMBER(snapshot_program, timed, FIELD_BOOL),
	NUMBER(snapshot_program, ns_per_run, FIELD_DOUBLE),
	NUMBER(snapshot_program, load_ms, FIELD_DOUBLE),
	NUMBER(snapshot_program, map_bytes, FIELD_UINT64),
	NUMBER(snapshot_program, verified_instructions, FIELD_UINT32),
	TEXT(snapshot_program, reason),
	TEXT(snapshot_program, remedy),
	END,
};

#define PACKET_COUNTS                                                                             \
	TRAFFIC(snapshot_packets_interface, all),                                                 \
		KEYED(snapshot_packets_interface, verdicts, xdp_verdict_names, traffic_fields),   \
		KEYED(snapshot_packets_interface, networks, network_protocol_names,               \
			traffic_fields),                                                          \
		KEYED(snapshot_packets_interface, transports, transport_protocol_names,           \
			traffic_fields),                                                          \
		KEYED(snapshot_packets_interface, frame_sizes, frame_size_names, counter_fields), \
		COUNTER(snapshot_packets_interface, fragments),                                   \
		COUNTER(snapshot_packets_interface, malformed),                                   \
		COUNTER(snapshot_packets_interface, vlan)

static const struct field packets_sum_fields[] = { PACKET_COUNTS, END };

static const struct field packets_interface_fields[] = {
	TEXT(snapshot_packets_interface, name),
	NUMBER(snapshot_packets_interface, ifindex, FIELD_UINT32),
	ENUM(snapshot_packets_interface, mode, xdp_mode_names),
	TEXT(snapshot_packets_interface, problem),
	NUMBER(snapshot_packets_interface, uncovered, FIELD_BOOL),
	PACKET_COUNTS,
	END,
};

static const struct field left_out_fields[] = {
	TEXT(snapshot_left_out, name),
	TEXT(snapshot_left_out, reason),
	NUMBER(snapshot_left_out, uncovered, FIELD_BOOL),
	END,
};

static const struct field packets_fields[] = {
	NUMBER(snapshot_packets, available, FIELD_BOOL),
	STRUCT(snapshot_packets, sum, packets_sum_fields),
	LIST(snapshot_packets, interfaces, packets_interface_fields),
	LIST(snapshot_packets, left_out, left_out_fields),
	END,
};

static const struct field rule_fields[] = {
	NUMBER(snapshot_rule, number, FIELD_UINT32),
	ENUM(snapshot_rule, match, mesh_match_names),
	ENUM(snapshot_rule, action, mesh_action_names),
	TEXT(snapshot_rule, key),
	NUMBER(snapshot_rule, enabled, FIELD_BOOL),
	TRAFFIC(snapshot_rule, traffic),
	END,
};

static const struct field mesh_fields[] = {
	NUMBER(snapshot_mesh, available, FIELD_BOOL),
	NUMBER(snapshot_mesh, enforcing, FIELD_BOOL),
	TRAFFIC(snapshot_mesh, no_match),
	TRAFFIC(snapshot_mesh, passed),
	TRAFFIC(snapshot_mesh, dropped),
	TRAFFIC(snapshot_mesh, spared),
	LIST(snapshot_mesh, rules, rule_fields),
	END,
};

static const struct field class_fields[] = {
	KEYED(snapshot_class, directions, traffic_direction_names, traffic_fields),
	END,
};

static const struct field tc_interface_fields[] = {
	TEXT(snapshot_tc_interface, name),
	NUMBER(snapshot_tc_interface, ifindex, FIELD_UINT32),
	TEXT(snapshot_tc_interface, attached),
	TEXT(snapshot_tc_interface, problem),
	KEYED(snapshot_tc_interface, classes, traffic_class_names, class_fields),
	END,
};

static const struct field tc_fields[] = {
	NUMBER(snapshot_tc, available, FIELD_BOOL),
	KEYED(snapshot_tc, classes, traffic_class_names, class_fields),
	LIST(snapshot_tc, interfaces, tc_interface_fields),
	END,
};

static const struct field net_interface_fields[] = {
	TEXT(snapshot_net_interface, name),
	NUMBER(snapshot_net_interface, ifindex, FIELD_UINT32),
	TRAFFIC(snapshot_net_interface, transmitted),
	TRAFFIC(snapshot_net_interface, received),
	COUNTER(snapshot_net_interface, transmit_errors),
	END,
};

static const struct field drop_fields[] = {
	TEXT(snapshot_drop, reason),
	COUNTER(snapshot_drop, packets),
	END,
};

static const struct field event_fields[] = {
	NUMBER(snapshot_event, number, FIELD_UINT64),
	NUMBER(snapshot_event, time, FIELD_DOUBLE),
	ENUM(snapshot_event, kind, event_kind_names),
	TEXT(snapshot_event, text),
	END,
};

static const struct field net_events_fields[] = {
	NUMBER(snapshot_net_events, available, FIELD_BOOL),
	LIST(snapshot_net_events, interfaces, net_interface_fields),
	COUNTER(snapshot_net_events, dropped),
	LIST(snapshot_net_events, drops, drop_fields),
	COUNTER(snapshot_net_events, tcp_retransmits),
	COUNTER(snapshot_net_events, tcp_resets_sent),
	COUNTER(snapshot_net_events, tcp_resets_received),
	LIST(snapshot_net_events, events, event_fields),
	END,
};

static const struct field quantiles_fields[] = {
	NUMBER(quantiles, p50, FIELD_DOUBLE),
	NUMBER(quantiles, p90, FIELD_DOUBLE),
	NUMBER(quantiles, p99, FIELD_DOUBLE),
	NUMBER(quantiles, p999, FIELD_DOUBLE),
	END,
};

static const struct field syscall_fields[] = {
	TEXT(snapshot_syscall, name),
	COUNTER(snapshot_syscall, calls),
	COUNTER(snapshot_syscall, errors),
	NUMBER(snapshot_syscall, mean_ns, FIELD_DOUBLE),
	NUMBER(snapshot_syscall, max_ns, FIELD_DOUBLE),
	STRUCT(snapshot_syscall, recent, quantiles_fields),
	STRUCT(snapshot_syscall, overall, quantiles_fields),
	HISTOGRAM(snapshot_syscall, buckets, latency_bucket_upper),
	END,
};

static const struct field slow_call_fields[] = {
	NUMBER(snapshot_slow_call, time, FIELD_DOUBLE),
	TEXT(snapshot_slow_call, name),
	NUMBER(snapshot_slow_call, pid, FIELD_UINT32),
	NUMBER(snapshot_slow_call, thread, FIELD_UINT32),
	TEXT(snapshot_slow_call, command),
	NUMBER(snapshot_slow_call, latency_ns, FIELD_DOUBLE),
	NUMBER(snapshot_slow_call, result, FIELD_INT64),
	END,
};

static const struct field syscalls_fields[] = {
	NUMBER(snapshot_syscalls, available, FIELD_BOOL),
	TEXT(snapshot_syscalls, attached),
	LIST(snapshot_syscalls, calls, syscall_fields),
	LIST(snapshot_syscalls, slowest, slow_call_fields),
	END,
};

static const struct field syscall_secure_fields[] = {
	TEXT(snapshot_syscall_secure, name),
	COUNTER(snapshot_syscall_secure, calls),
	COUNTER(snapshot_syscall_secure, errors),
	NUMBER(snapshot_syscall_secure, p50, FIELD_DOUBLE),
	NUMBER(snapshot_syscall_secure, p90, FIELD_DOUBLE),
	NUMBER(snapshot_syscall_secure, p99, FIELD_DOUBLE),
	HISTOGRAM(snapshot_syscall_secure, buckets, coarse_bucket_upper),
	END,
};

static const struct field syscalls_secure_fields[] = {
	NUMBER(snapshot_syscalls_secure, available, FIELD_BOOL),
	TEXT(snapshot_syscalls_secure, attached),
	NUMBER(snapshot_syscalls_secure, step, FIELD_UINT32),
	NUMBER(snapshot_syscalls_secure, epsilon, FIELD_DOUBLE),
	LIST(snapshot_syscalls_secure, calls, syscall_secure_fields),
	END,
};

static const struct field pqc_port_fields[] = {
	NUMBER(snapshot_pqc_port, number, FIELD_UINT32),
	END,
};

static const struct field pqc_node_fields[] = {
	TEXT(snapshot_pqc_node, name),
	TEXT(snapshot_pqc_node, node),
	ENUM(snapshot_pqc_node, set, pqc_set_names),
	NUMBER(snapshot_pqc_node, authenticated_until, FIELD_DOUBLE),
	NUMBER(snapshot_pqc_node, last_time, FIELD_DOUBLE),
	NUMBER(snapshot_pqc_node, sequence, FIELD_UINT64),
	COUNTER(snapshot_pqc_node, good),
	END,
};

static const struct field pqc_session_fields[] = {
	TEXT(snapshot_pqc_session, name),
	TEXT(snapshot_pqc_session, node),
	TEXT(snapshot_pqc_session, session),
	NUMBER(snapshot_pqc_session, began, FIELD_DOUBLE),
	NUMBER(snapshot_pqc_session, expires, FIELD_DOUBLE),
	TRAFFIC(snapshot_pqc_session, traffic),
	COUNTER(snapshot_pqc_session, replayed),
	END,
};

static const struct field pqc_fields[] = {
	NUMBER(snapshot_pqc, available, FIELD_BOOL),
	TEXT(snapshot_pqc, state),
	ENUM(snapshot_pqc, mode, pqc_mode_names),
	LIST(snapshot_pqc, ports, pqc_port_fields),
	KEYED(snapshot_pqc, results, pqc_result_names, counter_fields),
	COUNTER(snapshot_pqc, verifications),
	COUNTER(snapshot_pqc, undelivered),
	STRUCT(snapshot_pqc, times, quantiles_fields),
	HISTOGRAM(snapshot_pqc, buckets, octave_bucket_upper),
	NUMBER(snapshot_pqc, budget_used, FIELD_DOUBLE),
	NUMBER(snapshot_pqc, budget_rate, FIELD_DOUBLE),
	LIST(snapshot_pqc, nodes, pqc_node_fields),
	NUMBER(snapshot_pqc, sessions_total, FIELD_UINT32),
	LIST(snapshot_pqc, sessions, pqc_session_fields),
	END,
};

static const struct field mapek_fields[] = {
	NUMBER(snapshot_mapek, available, FIELD_BOOL),
	TEXT(snapshot_mapek, state),
	END,
};

static const struct field loss_fields[] = {
	TEXT(snapshot_loss, what),
	COUNTER(snapshot_loss, count),
	END,
};

/* The offsets are those of the snapshot, since `interval` stands beside `self`. */
#define SELF(member, kind)                                                                       \
	{                                                                                        \
		.name = #member, .type = kind, .offset = offsetof(struct snapshot, self.member), \
		.size = SIZE_OF(snapshot, self.member)                                           \
	}

static const struct field self_fields[] = {
	NUMBER(snapshot, interval, FIELD_DOUBLE),
	SELF(pid, FIELD_UINT32),
	SELF(cpu_percent, FIELD_DOUBLE),
	SELF(cpu_seconds, FIELD_DOUBLE),
	SELF(memory_bytes, FIELD_UINT64),
	{ .name = "wakeups",
		.type = FIELD_STRUCT,
		.offset = offsetof(struct snapshot, self.wakeups),
		.size = sizeof(struct counter),
		.fields = counter_fields },
	SELF(sample_ms, FIELD_DOUBLE),
	SELF(readonly, FIELD_BOOL),
	{ .name = "losses",
		.type = FIELD_LIST,
		.offset = offsetof(struct snapshot, self.losses),
		.size = sizeof(struct snapshot_loss),
		.count = LOSSES_MAX,
		.n_offset = offsetof(struct snapshot, self.n_losses),
		.fields = loss_fields },
	END,
};

const struct field snapshot_fields[] = {
	TEXT(snapshot, schema),
	NUMBER(snapshot, time, FIELD_DOUBLE),
	STRUCT(snapshot, host, host_fields),
	LIST(snapshot, programs, program_fields),
	STRUCT(snapshot, packets, packets_fields),
	STRUCT(snapshot, mesh, mesh_fields),
	STRUCT(snapshot, tc, tc_fields),
	STRUCT(snapshot, net_events, net_events_fields),
	STRUCT(snapshot, syscalls, syscalls_fields),
	STRUCT(snapshot, syscalls_secure, syscalls_secure_fields),
	STRUCT(snapshot, pqc, pqc_fields),
	STRUCT(snapshot, mapek, mapek_fields),
	{ .name = "self",
		.type = FIELD_STRUCT,
		.offset = 0, /* `interval` stands beside it, and JSON has it inside */
		.size = sizeof(struct snapshot),
		.fields = self_fields },
	END,
};
/* NOLINTEND(bugprone-macro-parentheses) */
