/* SPDX-License-Identifier: BSD-2-Clause */
/* Where floods meet honest traffic: frames through the veth pair of the benchmarks, in batches of a millisecond. */
#ifndef X0_BENCH_RANGE_H
#define X0_BENCH_RANGE_H

#include "bench.h"
#include "tests/lib/packets.h"

#define BATCH_NS     1000000
#define BATCH	     30 /* frames a millisecond */
#define HONEST_EVERY 5 /* ms */
#define MANY	     10000 /* addresses */

/* A kind of traffic beside the honest. */
struct kind {
	const char *what;
	bool tcp, many;
	size_t payload; /* bytes; 0: the least */
};

struct range {
	int sends, receives; /* packet sockets */
	int totals; /* map */
	struct frame flood[BATCH];
	struct frame honest;
	uint32_t sources; /* of floods so far */
	uint32_t victim; /* address, in host order; 0: that of every frame */
	uint64_t sent, received; /* honest frames */
	uint64_t ticks; /* ms of traffic */
};

/* Opens the packet sockets. Returns 0, or -1 without them. */
int range_open(struct range *range);
void range_close(struct range *range);

/* Makes a frame from an address of a neighbour to the victim, in host order. */
void range_make(const struct range *range, struct frame *frame, const struct kind *kind,
	uint8_t neighbour, uint32_t source);

/* Makes the next batch of the flood number range->sources; range_send() sends it. */
void range_make_flood(struct range *range, const struct kind *kind, uint32_t batch);
void range_send(struct range *range);

/* Sends an honest frame, if it is time for one, and counts those that arrived. */
void range_be_honest(struct range *range);
void range_be_honest_for(struct range *range, uint64_t ns);
void range_receive(struct range *range);

/* Forgets the honest frames so far. */
void range_forget(struct range *range);

/* Returns the share of the honest frames that arrived. */
double range_share(const struct range *range);

void sleep_until(uint64_t ns);

#endif
