/* SPDX-License-Identifier: BSD-2-Clause */
/* The busiest flows and sources in a snapshot: what the mesh filter's flow table has of them. */
#ifndef X0_MODEL_SNAPSHOT_TALKERS_H
#define X0_MODEL_SNAPSHOT_TALKERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "model/counter.h"

enum {
	TALKERS_SHOWN = 64, /* flows, and as many sources */
	TALKER_ADDRESS_LEN = 48,
	TALKER_TEXT_LEN = 64,
};

struct snapshot_flow {
	char source[TALKER_ADDRESS_LEN], destination[TALKER_ADDRESS_LEN]; /* empty: no IP */
	uint32_t source_port, destination_port; /* 0: none */
	char protocol[NAME_LEN]; /* "udp", "47", without IP "arp", "0x88cc" */
	uint32_t ethertype;
	char mac[18]; /* of the source; empty without Ethernet */
	uint32_t vlan; /* 0: none */
	char interface[NAME_LEN];
	uint32_t action; /* enum mesh_rule_action, of its last packet */
	uint64_t rule; /* number of the rule that decided; COUNT_UNKNOWN: the default */
	bool unreadable; /* its headers hide addresses or ports from rules */
	struct traffic traffic; /* while somebody looks */
};

struct snapshot_source {
	char address
		[TALKER_ADDRESS_LEN]; /* or the MAC address of frames without one, and of senders */
	struct traffic traffic;
};

struct snapshot_talkers {
	bool available; /* flows are listed */
	char reason[REASON_LEN]; /* why they are not; empty: nobody looks */
	char remedy[REASON_LEN];
	double interval; /* s over which the rates are: since anything last read them */
	double source_entropy,
		port_entropy; /* bits; NAN: unknown, or no packets: model/entropy.h */
	struct traffic lost; /* replaced in the kernel's table before a sample read them */
	uint32_t n_flows, n_sources, n_senders;
	struct snapshot_flow flows[TALKERS_SHOWN];
	struct snapshot_source sources[TALKERS_SHOWN];
	struct snapshot_source
		senders[TALKERS_SHOWN]; /* by MAC address: neighbours, whatever they forward */
};

extern const struct field talkers_fields[];

/* Write where a flow is from and to, "10.1.0.7:53" or "[fd00::7]:53", without IP the MAC address or "-"; and
 * the decision about it, "drop by rule 3". Return `text`. */
const char *talker_source(const struct snapshot_flow *flow, char text[TALKER_TEXT_LEN]);
const char *talker_destination(const struct snapshot_flow *flow, char text[TALKER_TEXT_LEN]);
const char *talker_decision(const struct snapshot_flow *flow, char text[TALKER_TEXT_LEN]);

#endif
