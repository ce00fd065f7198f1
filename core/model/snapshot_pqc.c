// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot_pqc.h"

#include "model/field_rows.h"
#include "model/names.h"
#include "model/quantile.h"
#include "model/rate.h"

struct counter pqc_accepted(const struct snapshot_pqc *pqc)
{
	struct counter sum = pqc->results[PQC_DATA_ACCEPTED];

	counter_add(&sum, &pqc->results[PQC_MESSAGE_ACCEPTED]);
	return sum;
}

struct counter pqc_refused(const struct snapshot_pqc *pqc)
{
	struct counter sum = { 0 };

	for (int i = PQC_REFUSED; i < PQC_RESULTS; i++)
		counter_add(&sum, &pqc->results[i]);
	return sum;
}

static const struct field pqc_port_fields[] = {
	NUMBER(snapshot_pqc_port, number, FIELD_UINT32, "Number of the UDP port", .label = "port"),
	END,
};

const struct field pqc_node_fields[] = {
	TEXT(snapshot_pqc_node, name,
		"Name in the trust store; empty once its key has left the store", .info = true),
	TEXT(snapshot_pqc_node, node, "Id of the node, in hexadecimal", .label = "node"),
	ENUM(snapshot_pqc_node, set, pqc_set_names, "Parameter set of its key", .info = true),
	NUMBER(snapshot_pqc_node, authenticated_until, FIELD_DOUBLE,
		"End of its validity; null before its first good message", .nullable = true,
		.unit = "s since 1970"),
	NUMBER(snapshot_pqc_node, last_time, FIELD_DOUBLE,
		"Time of its last good message; null before the first", .nullable = true,
		.unit = "s since 1970"),
	NUMBER(snapshot_pqc_node, sequence, FIELD_UINT64,
		"Sequence number of that message; null without", .nullable = true),
	COUNTER(snapshot_pqc_node, good, "messages", "Messages accepted"),
	TEXT(snapshot_pqc_node, address,
		"Source of that message; empty: unknown, for lack of this host's identity"),
	COUNTER(snapshot_pqc_node, refused, "packets",
		"Refused packets that bear its id, whoever sent them"),
	COUNTER(snapshot_pqc_node, refused_there, "packets",
		"Of these, those from where its last good message came from"),
	END,
};

static const struct field pqc_session_fields[] = {
	TEXT(snapshot_pqc_session, name,
		"Name of the sender in the trust store; empty once its key has left the store"),
	TEXT(snapshot_pqc_session, node, "Id of the sender, in hexadecimal", .label = "node"),
	TEXT(snapshot_pqc_session, session, "Id of the session, in hexadecimal",
		.label = "session"),
	NUMBER(snapshot_pqc_session, began, FIELD_DOUBLE, "Begin", .unit = "s since 1970"),
	NUMBER(snapshot_pqc_session, expires, FIELD_DOUBLE, "End", .unit = "s since 1970"),
	TRAFFIC(snapshot_pqc_session, traffic, "Packets accepted, and bytes of their payload"),
	COUNTER(snapshot_pqc_session, replayed, "packets", "Packets refused as replays"),
	END,
};

const struct field pqc_fields[] = {
	NUMBER(snapshot_pqc, available, FIELD_BOOL, "Whether the verifier runs"),
	TEXT(snapshot_pqc, state, "State of the verifier in a word"),
	ENUM(snapshot_pqc, mode, pqc_mode_names, "Mode of the verifier"),
	LIST(snapshot_pqc, ports, pqc_port_fields, "The protected ports"),
	KEYED(snapshot_pqc, results, pqc_result_names, "result", counter_fields,
		"Packets on the protected ports by result", .unit = "packets"),
	COUNTER(snapshot_pqc, verifications, "verifications", "Signatures verified",
		.title = "signatures verified"),
	COUNTER(snapshot_pqc, undelivered, "messages",
		"Good messages that the ring buffer had no room for",
		.title = "messages lost by a full buffer"),
	STRUCT(snapshot_pqc, times, quantiles_fields, "Time of a verification since start"),
	NUMBER(snapshot_pqc, verification_ns, FIELD_UINT64, "Time of all verifications since start",
		.nullable = true, .unit = "ns", .metric = ""),
	HISTOGRAM(snapshot_pqc, buckets, octave_bucket_upper, "verifications",
		"Verifications since start by time",
		.n_offset = offsetof(struct snapshot_pqc, verification_ns),
		.metric = "verification"),
	NUMBER(snapshot_pqc, budget_used, FIELD_DOUBLE,
		"Share in use of the budget that unknown senders have in common", .nullable = true,
		.unit = "ratio"),
	NUMBER(snapshot_pqc, budget_rate, FIELD_DOUBLE, "Verifications that the budget allows",
		.nullable = true, .unit = "1/s"),
	LIST(snapshot_pqc, nodes, pqc_node_fields, "The nodes whose keys are loaded"),
	NUMBER(snapshot_pqc, sessions_total, FIELD_UINT64,
		"Sessions in the kernel, of which the list holds a part", .nullable = true,
		.unit = "sessions", .metric = "sessions"),
	LIST(snapshot_pqc, sessions, pqc_session_fields, "The sessions"),
	END,
};
