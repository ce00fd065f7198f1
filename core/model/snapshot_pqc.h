/* SPDX-License-Identifier: BSD-2-Clause */
/* xdp_pqc_verify in a snapshot: signed packets, nodes and sessions. */
#ifndef X0_MODEL_SNAPSHOT_PQC_H
#define X0_MODEL_SNAPSHOT_PQC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "model/counter.h"
#include "xdp_pqc_verify.h"

enum {
	PQC_NAME_LEN = 2 * NAME_LEN, /* of a node, as the trust store has it */
	PQC_NODE_TEXT_LEN = 2 * PQC_NODE_LEN + 1, /* a node's id in hexadecimal */
	PQC_PORTS_SHOWN = 16,
	PQC_SESSIONS_SHOWN = 256,
};

struct snapshot_pqc_port {
	uint32_t number; /* UDP */
};

struct snapshot_pqc_node {
	char name[PQC_NAME_LEN]; /* in the trust store; empty once its key has left the store */
	char node[PQC_NODE_TEXT_LEN];
	uint32_t set; /* enum pqc_set */
	double authenticated_until; /* seconds since 1970; NAN before its first good message */
	double last_time; /* of the last good message, seconds since 1970; NAN: none yet */
	uint64_t sequence; /* of that message; COUNT_UNKNOWN: none yet */
	struct counter good; /* messages */
	char address[48]; /* source of that message; empty: unknown, x0top exchanges no keys */
	struct counter refused; /* packets that bear its id, whoever sent them */
	struct counter
		refused_there; /* of these, those from where its last good message came from */
};

struct snapshot_pqc_session {
	char name[PQC_NAME_LEN]; /* of the sender, as above */
	char node[PQC_NODE_TEXT_LEN];
	char session[9]; /* in hexadecimal */
	double began, expires; /* seconds since 1970 */
	struct traffic traffic; /* accepted; bytes of payload */
	struct counter replayed;
};

/* The parameter set of a node's key. */
enum pqc_set {
	PQC_SET_UNKNOWN,
	PQC_SET_44,
	PQC_SET_65,
	PQC_SET_87,
	PQC_SETS,
};

struct snapshot_pqc {
	bool available;
	char state[NAME_LEN]; /* of the program: "not built", "off", "failed", "observing", ... */
	uint32_t mode; /* enum pqc_mode */
	uint32_t n_ports;
	uint32_t n_nodes;
	uint32_t n_sessions;
	uint64_t
		sessions_total; /* of which the list holds PQC_SESSIONS_SHOWN at most; or COUNT_UNKNOWN */
	struct counter results[PQC_RESULTS]; /* packets by enum pqc_result */
	struct counter verifications; /* of signatures */
	struct counter undelivered; /* good messages that the ring buffer had no room for */
	struct quantiles times; /* of a verification, since start */
	uint64_t verification_ns; /* of all verifications; or COUNT_UNKNOWN */
	uint64_t buckets[PQC_TIME_BUCKETS]; /* the same */
	double budget_used; /* 0 to 1, of the budget that unknown senders have in common; NAN: unknown */
	double budget_rate; /* verifications a second that this budget allows; NAN: unknown */
	struct snapshot_pqc_port ports[PQC_PORTS_SHOWN]; /* the protected ones */
	struct snapshot_pqc_node nodes[PQC_NODES_DEFAULT];
	struct snapshot_pqc_session sessions[PQC_SESSIONS_SHOWN];
};

/* Adds up data and messages that were accepted; pieces of a message do not count. */
struct counter pqc_accepted(const struct snapshot_pqc *pqc);

/* Adds up the results that refuse a packet, PQC_REFUSED and all after it. */
struct counter pqc_refused(const struct snapshot_pqc *pqc);

extern const struct field pqc_node_fields[];
extern const struct field pqc_fields[];

#endif
