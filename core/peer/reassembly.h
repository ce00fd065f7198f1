/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reassembles messages of one sender from their slices, in any order, in bounded memory, as
 * xdp_pqc_verify does in the kernel. Places are reserved for the sources of the sender's good
 * messages: nobody else can take them.
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
	uint64_t began_ns; /* CLOCK_BOOTTIME; 0: free */
	uint32_t total;
	uint32_t received; /* a bit for each slice */
	uint8_t bytes[PQC_MESSAGE_MAX];
};

struct reassembly {
	struct reassembly_place places[PQC_PLACES]; /* the first PQC_SOURCES are reserved */
};

/* How a slice arrived. */
struct arrival {
	uint64_t source; /* hash of the address: address_hash() */
	int known; /* the sender's source that it is, in struct pqc_sources; -1: none */
	uint64_t now_ns; /* CLOCK_BOOTTIME; not 0 */
};

/*
 * Takes a slice. Returns PQC_MESSAGE_ACCEPTED if it completes a message, and points *message to it
 * until the next call; PQC_FRAGMENT_BUFFERED; or the refusal. Sets *timed_out if the slice displaced a
 * message.
 */
int reassembly_take(struct reassembly *reassembly, const struct arrival *arrival,
	const struct slice *slice, struct span *message, bool *timed_out);

#endif
