/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of the lab's traffic: services of nodes, and flows between nodes with their rates. */
#ifndef X0_LAB_FLOWS_H
#define X0_LAB_FLOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/topology.h"

enum lab_service {
	SERVICE_NONE,
	SERVICE_VOICE,
	SERVICE_SHELL,
	SERVICE_ROUTING,
	SERVICE_WEB,
	SERVICE_BACKUP,
	SERVICE_QUERY,
	SERVICE_LOG,
	SERVICE_TELNET,
	LAB_SERVICES,
};

/* Every node serves all of them. */
struct service {
	uint8_t protocol; /* IPPROTO_TCP or IPPROTO_UDP */
	uint16_t port;
	uint8_t dscp; /* of requests and answers */
	bool echo; /* sends data back; otherwise only receives it */
	bool lossy; /* loses one segment in 32 before TCP sees it: senders retransmit */
	bool closed; /* has no listener */
};

extern const struct service lab_services[LAB_SERVICES];

enum flow_kind {
	FLOW_DATAGRAM, /* UDP to a service */
	FLOW_STREAM, /* TCP to a service, one long connection */
	FLOW_REQUEST, /* TCP to a service, a connection each time */
	FLOW_PING, /* ICMP or ICMPv6 echo */
	FLOW_HELLO, /* Babel Hello on all links (RFC 8966) */
	FLOW_ORIGINATOR, /* batman-adv originator message on all links */
	FLOW_FORGED, /* originator message from an unused MAC address */
	FLOW_TAGGED, /* UDP over IPv4 in an 802.1Q frame, to a neighbour's log service */
	FLOW_SCAN_TCP, /* SYN to consecutive ports, over IPv4 */
	FLOW_SCAN_UDP,
	FLOW_CLOCK_STEP, /* of the sender's peer: lab/peers.h */
	FLOW_FLOOD_UDP, /* from forged addresses, over IPv4 */
	FLOW_FLOOD_SYN, /* the same to the web service */
	/* To the protected port, made from captured packets of ATTACK_VICTIM: lab/attacks.h. */
	FLOW_ATTACKS,
	FLOW_FORGED_TAG = FLOW_ATTACKS, /* data */
	FLOW_FORGED_SESSION,
	FLOW_FORGED_NODE, /* a message */
	FLOW_FORGED_HEADER, /* data */
	FLOW_CUT_DATA,
	FLOW_FLIPPED_BIT, /* in the signed part */
	FLOW_FLIPPED_HINT, /* in the signature: it is malformed */
	FLOW_REPLAYED_DATA,
	FLOW_REPLAYED_MESSAGE,
	FLOW_FLOOD, /* announcements with a wrong signature */
	FLOW_PARTIAL, /* slices of messages that never complete */
	FLOW_EXPIRED, /* its own announcement, expired */
	FLOW_EARLY, /* its own announcement, not yet valid */
	FLOW_FUTURE, /* a message with a sequence far ahead of the clock */
	FLOW_KINDS,
};

/* The MAC address of FLOW_FORGED. */
#define FORGED_MAC                                 \
	{                                          \
		0x02, 0x66, 0x66, 0x66, 0x66, 0x66 \
	}

struct flow {
	uint8_t kind; /* enum flow_kind */
	uint8_t from, to; /* enum lab_node; kinds that go to all links ignore `to` */
	uint8_t service; /* enum lab_service, if the kind has one */
	uint8_t version; /* of IP: 4 or 6 */
	uint16_t size; /* payload bytes per packet, at most FLOW_SIZE_MAX */
	uint16_t burst; /* packets per period */
	uint16_t period_ms; /* mean; each period is up to a quarter longer or shorter */
};

#define FLOW_SIZE_MAX 1200

extern const struct flow lab_flows[];
extern const size_t n_lab_flows;

/* A flow of a scene. */
struct scene_flow {
	uint8_t scene; /* enum scene */
	uint16_t sources; /* forged addresses that it is sent from; 0: the node's own */
	struct flow flow;
};

extern const struct scene_flow scene_flows[];
extern const size_t n_scene_flows;

#endif
