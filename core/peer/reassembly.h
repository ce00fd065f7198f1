/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages of one sender put together from their slices, in any order, in bounded memory: what
 * xdp_pqc_verify does in the kernel, for a host without it. One place is kept for the address that
 * the last good message came from: who sends from elsewhere cannot take it.
 */
#ifndef X0_PEER_REASSEMBLY_H
#define X0_PEER_REASSEMBLY_H

#include <stdbool.h>
#include <stdint.h>

#include "peer/message.h"
#include "xdp_pqc_verify.h"

#define REASSEMBLY_TIMEOUT_NS UINT64_C(1000000000)

struct reassembly_place {
	uint64_t source;
	uint64_t sequence;
	uint64_t began_ns; /* CLOCK_MONOTONIC; 0: free */
	uint32_t total;
	uint32_t received; /* a bit for each slice that is there */
	uint8_t bytes[PQC_MESSAGE_MAX];
};

struct reassembly {
	struct reassembly_place places[PQC_PLACES]; /* the first: see above */
};

/* The slice that arrived: `source` stands for the address it came from. */
struct arrival {
	uint64_t source;
	bool known; /* whether the sender's last good message came from there */
	uint64_t now_ns; /* CLOCK_MONOTONIC; not 0 */
};

/*
 * Takes a slice. Returns PQC_MESSAGE_GOOD when it completes its message, to which *message then points
 * until the next call; PQC_FRAGMENT_KEPT; or the refusal. *timed_out is set when a message was given
 * up for this one.
 */
int reassembly_take(struct reassembly *reassembly, const struct arrival *arrival,
	const struct slice *slice, struct span *message, bool *timed_out);

#endif
