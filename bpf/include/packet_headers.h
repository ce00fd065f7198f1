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
	PACKET_DHCP = 1 << 7, /* UDP to the ports 67 and 68 over IPv4, 546 and 547 over IPv6 */
	PACKET_HIDING = 1 << 8, /* see packet_hides() */
};

/* Calls X(number, argument) for the UDP ports of mesh protocols: Babel (RFC 8966), OLSR (RFC 3626), x0top's
 * signatures, WireGuard. */
#define MESH_PORT_LIST(X, argument) \
	X(6696, argument) X(698, argument) X(26970, argument) X(51820, argument)

#define PACKET_WORDS 7

/* Contents of a frame's headers. A field without its flag is 0. */
struct packet_headers {
	union {
		struct {
			__u16 flags; /* enum packet_flag */
			__u8 network; /* enum network_protocol */
			__u8 transport; /* enum transport_protocol */
			__be16 ethertype; /* after the VLAN tags; for raw IP the one that Ethernet
					     would carry */
			__u8 protocol; /* IPPROTO_*: the last one known */
			__u8 dscp;
			__be16 source_port;
			__be16 destination_port;
			__u32 ifindex; /* where the frame came in; 0: not known */
			__u8 source_mac[ETH_ALEN];
			__u16 vlan; /* identifier of the outermost tag, host byte order; with
				       PACKET_VLAN */
			union {
				__be32 source4;
				__u32 source6[4];
			};
			union {
				__be32 destination4;
				__u32 destination6[4];
			};
		};
		__u64 words[PACKET_WORDS]; /* the same */
	};
};

#endif
