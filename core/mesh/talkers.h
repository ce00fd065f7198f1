/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Adds up what the kernel's flow table (bpf/include/mesh_tables.h) says, sample by sample: flows, and their
 * sources. Has room for so many; the ones that were quiet the longest make way. Allocates when opened.
 */
#ifndef X0_MESH_TALKERS_H
#define X0_MESH_TALKERS_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/if_ether.h>

#include "xdp_mesh_filter.h"

enum talker_kind {
	TALKER_NONE, /* the place is free */
	TALKER_FLOW, /* the key is as flow_key_read() reads it */
	TALKER_SOURCE, /* by address, or by the MAC of frames without one: talkers_source() */
	TALKER_MAC, /* by MAC, also that of a source by address */
};

struct talker {
	__u64 key[MESH_FLOW_WORDS];
	struct traffic_count total; /* since the first sample */
	struct traffic_count now; /* see talkers_now() */
	uint32_t sample; /* of `now` */
	uint32_t generation; /* of the rules that decided */
	uint16_t id; /* of the rule that decided, or MESH_NO_RULE */
	uint8_t action;
	uint8_t kind; /* enum talker_kind */
};

struct talkers;

/* `places`: of the flow table, on all CPUs; `room`: flows to remember, a power of two. Returns 0 with
 * *talkers to be closed by the caller, or a negative errno. */
int talkers_open(uint32_t places, uint32_t room, struct talkers **talkers);

/* Accepts NULL. */
void talkers_close(struct talkers *talkers);

/* Begins a sample. Then each place with a flow is to be added, by its number. The first sample counts nothing:
 * what is there may be old. */
void talkers_begin(struct talkers *talkers);
void talkers_add(struct talkers *talkers, uint32_t place, const struct mesh_flow *flow);

/*
 * Ends a sample. `replaced`: of the whole table, read before its first place; what of it no sample has seen
 * is lost.
 */
void talkers_end(struct talkers *talkers, const struct traffic_count *replaced);

/* Returns what was lost since the first sample: rising. */
const struct traffic_count *talkers_lost(const struct talkers *talkers);

/* Lists the busiest flows or sources, by packets since the sample before, then by all. Returns how many. */
uint32_t talkers_busiest(const struct talkers *talkers, enum talker_kind kind, uint32_t room,
	const struct talker *list[]);

/* Returns what of its total came since the sample before. */
struct traffic_count talkers_now(const struct talkers *talkers, const struct talker *talker);

/* Return the entropy in bits (model/entropy.h) of the packets since the sample before, by source and by
 * destination port; NAN if there were none. */
double talkers_source_entropy(const struct talkers *talkers);
double talkers_port_entropy(const struct talkers *talkers);

/* Returns the talker with that address of a network protocol (enum network_protocol: IPv4 or IPv6), or that
 * MAC, as its source; or NULL. */
const struct talker *talkers_by_address(
	const struct talkers *talkers, uint32_t network, const uint8_t *address);
const struct talker *talkers_by_mac(const struct talkers *talkers, const uint8_t mac[ETH_ALEN]);

/* Writes the source of a talker that is one: its address, or its MAC. Returns the network protocol, 0 for a
 * MAC. */
uint32_t talkers_source(const struct talker *talker, uint8_t source[16]);

#endif
