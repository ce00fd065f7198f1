/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the parser of packet_parse.bpf.h reads from a frame: a plain struct. */
#ifndef X0_PACKET_HEADERS_H
#define X0_PACKET_HEADERS_H

#include <linux/if_ether.h>
#include <linux/types.h>

enum packet_flag {
	PACKET_MAC = 1 << 0, /* source_mac is set */
	PACKET_VLAN = 1 << 1, /* at least one whole VLAN tag */
	PACKET_ADDRESS = 1 << 2, /* a sound IP header: source, dscp and protocol are set */
	PACKET_FRAGMENT = 1 << 3, /* part of a datagram; an IPv6 "atomic fragment" is whole */
	PACKET_PORTS = 1 << 4, /* source_port and destination_port are set */
	PACKET_MALFORMED = 1 << 5, /* see above */
	PACKET_DISCOVERY = 1 << 6, /* of IPv6 neighbours and routers: ICMPv6 types 133 to 136 */
};

/* Contents of a frame's headers. A field without its flag is 0. */
struct packet_headers {
	__u32 network; /* enum network_protocol */
	__u32 transport; /* enum transport_protocol */
	__u32 flags; /* enum packet_flag */
	__be16 ethertype; /* after the VLAN tags; for raw IP the one that Ethernet would carry */
	__u8 protocol; /* IPPROTO_*: the last one known */
	__u8 dscp;
	__be16 source_port;
	__be16 destination_port;
	__u8 source_mac[ETH_ALEN];
	__u16 vlan; /* identifier of the outermost tag, host byte order; with PACKET_VLAN */
	__u32 reserved; /* 0: what follows is aligned to 8 bytes */
	union {
		__be32 source4;
		__u32 source6[4];
	};
	union {
		__be32 destination4;
		__u32 destination6[4];
	};
} __attribute__((aligned(8)));

#endif
