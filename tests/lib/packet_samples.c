// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/packets.h"

#include "xdp_chain.h"

enum {
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_ARP = 0x0806,
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_8021Q = 0x8100,
	ETHERTYPE_8021AD = 0x88a8,
	ETHERTYPE_BATMAN = 0x4305,
	ICMP = 1,
	TCP = 6,
	UDP = 17,
	ESP = 50,
	ICMPV6 = 58,
	NO_NEXT = 59,
};

enum {
	HOP_BY_HOP = 0,
	ROUTING = 43,
	FRAGMENT = 44,
	AUTHENTICATION = 51,
	DESTINATION = 60,
	MOBILITY = 135
};

static void arp(struct frame *frame)
{
	frame_ethernet(frame, ETHERTYPE_ARP);
	frame_arp(frame);
	frame_payload(frame, 18); /* to the 60 bytes of the shortest frame */
}

static void batman(struct frame *frame)
{
	frame_ethernet(frame, ETHERTYPE_BATMAN);
	frame_batman(frame);
}

static void unknown_ethertype(struct frame *frame)
{
	frame_ethernet(frame, 0x88cc); /* LLDP */
	frame_payload(frame, 46);
}

static void length_field(struct frame *frame)
{
	frame_ethernet(frame, 38); /* IEEE 802.3: a length, not a type */
	frame_payload(frame, 46);
}

static void ipv4(struct frame *frame, uint8_t protocol)
{
	frame_ethernet(frame, ETHERTYPE_IPV4);
	frame_ipv4(frame, &(struct frame_ipv4) { .protocol = protocol });
}

static void ipv4_tcp(struct frame *frame)
{
	ipv4(frame, TCP);
	frame_tcp(frame, 40000, 443, 0);
	frame_payload(frame, 100);
}

static void ipv4_tcp_options(struct frame *frame)
{
	frame_ethernet(frame, ETHERTYPE_IPV4);
	frame_ipv4(frame, &(struct frame_ipv4) { .protocol = TCP, .dscp = 46, .options = 40 });
	frame_tcp(frame, 40000, 22, 20);
}

static void ipv4_udp(struct frame *frame)
{
	ipv4(frame, UDP);
	frame_udp(frame, 40000, 53);
	frame_payload(frame, 300);
}

static void ipv4_icmp(struct frame *frame)
{
	ipv4(frame, ICMP);
	frame_icmp(frame, 8);
	frame_payload(frame, 56);
}

static void ipv4_icmpv6(struct frame *frame)
{
	ipv4(frame, ICMPV6);
	frame_icmp(frame, 128);
}

static void ipv4_esp(struct frame *frame)
{
	ipv4(frame, ESP);
	frame_payload(frame, 40);
}

static void ipv4_first_fragment(struct frame *frame)
{
	frame_ethernet(frame, ETHERTYPE_IPV4);
	frame_ipv4(frame, &(struct frame_ipv4) { .protocol = UDP, .fragment = 0x2000 });
	frame_udp(frame, 40000, 6696);
	frame_payload(frame, 1472);
}

static void ipv4_tiny_fragment(struct frame *frame)
{
	frame_ethernet(frame, ETHERTYPE_IPV4);
	frame_ipv4(frame, &(struct frame_ipv4) { .protocol = TCP, .fragment = 0x2000 });
	frame_payload(frame, 8); /* the ports, and the rest of the TCP header in the next one */
}

static void ipv4_later_fragment(struct frame *frame)
{
	frame_ethernet(frame, ETHERTYPE_IPV4);
	frame_ipv4(frame, &(struct frame_ipv4) { .protocol = UDP, .fragment = 185 });
	frame_payload(frame, 4);
}

static void ipv4_babel(struct frame *frame)
{
	ipv4(frame, UDP);
	frame_udp(frame, 6696, 6696);
	frame_payload(frame, 20);
}

static void ipv4_olsr(struct frame *frame)
{
	ipv4(frame, UDP);
	frame_udp(frame, 698, 40000);
	frame_payload(frame, 20);
}

static void ipv4_wireguard(struct frame *frame)
{
	ipv4(frame, UDP);
	frame_udp(frame, 40000, 51820);
	frame_payload(frame, 148);
}

static void ipv4_tcp_mesh_port(struct frame *frame)
{
	ipv4(frame, TCP);
	frame_tcp(frame, 40000, 6696, 0);
}

static void vlan_ipv4_tcp(struct frame *frame)
{
	frame_ethernet(frame, ETHERTYPE_8021Q);
	frame_vlan(frame, ETHERTYPE_IPV4);
	frame_ipv4(frame, &(struct frame_ipv4) { .protocol = TCP });
	frame_tcp(frame, 40000, 80, 0);
}

static void qinq_ipv6_udp(struct frame *frame)
{
	frame_ethernet(frame, ETHERTYPE_8021AD);
	frame_vlan(frame, ETHERTYPE_8021Q);
	frame_vlan(frame, ETHERTYPE_IPV6);
	frame_ipv6(frame, UDP, 10);
	frame_udp(frame, 40000, 123);
	frame_payload(frame, 48);
}

static void vlan_arp(struct frame *frame)
{
	frame_ethernet(frame, ETHERTYPE_8021Q);
	frame_vlan(frame, ETHERTYPE_ARP);
	frame_arp(frame);
}

static void vlan_batman(struct frame *frame)
{
	frame_ethernet(frame, ETHERTYPE_8021Q);
	frame_vlan(frame, ETHERTYPE_BATMAN);
	frame_batman(frame);
}

static void vlans(struct frame *frame, int count)
{
	frame_ethernet(frame, ETHERTYPE_8021AD);
	for (int i = 1; i < count; i++)
		frame_vlan(frame, i % 2 ? ETHERTYPE_8021Q : ETHERTYPE_8021AD);
	frame_vlan(frame, ETHERTYPE_IPV4);
	frame_ipv4(frame, &(struct frame_ipv4) { .protocol = TCP });
	frame_tcp(frame, 40000, 22, 0);
}

static void four_vlans(struct frame *frame)
{
	vlans(frame, 4);
}

static void five_vlans(struct frame *frame)
{
	vlans(frame, 5);
}

static void ipv6(struct frame *frame, uint8_t next)
{
	frame_ethernet(frame, ETHERTYPE_IPV6);
	frame_ipv6(frame, next, 0);
}

static void ipv6_tcp(struct frame *frame)
{
	ipv6(frame, TCP);
	frame_tcp(frame, 40000, 443, 12);
	frame_payload(frame, 500);
}

static void ipv6_udp(struct frame *frame)
{
	ipv6(frame, UDP);
	frame_udp(frame, 40000, 53);
	frame_payload(frame, 30);
}

static void ipv6_icmpv6(struct frame *frame)
{
	ipv6(frame, ICMPV6);
	frame_icmp(frame, 135);
	frame_payload(frame, 24);
}

static void ipv6_icmp(struct frame *frame)
{
	ipv6(frame, ICMP);
	frame_icmp(frame, 8);
}

static void ipv6_no_next(struct frame *frame)
{
	ipv6(frame, NO_NEXT);
}

static void ipv6_mld(struct frame *frame)
{
	ipv6(frame, HOP_BY_HOP);
	frame_extension(frame, HOP_BY_HOP, ICMPV6, 0);
	frame_icmp(frame, 143);
	frame_payload(frame, 20);
}

static void ipv6_chain(struct frame *frame)
{
	ipv6(frame, HOP_BY_HOP);
	frame_extension(frame, HOP_BY_HOP, DESTINATION, 0);
	frame_extension(frame, DESTINATION, ROUTING, 1);
	frame_extension(frame, ROUTING, AUTHENTICATION, 2);
	frame_extension(frame, AUTHENTICATION, TCP, 4);
	frame_tcp(frame, 40000, 22, 0);
}

static void ipv6_long_extension(struct frame *frame)
{
	ipv6(frame, DESTINATION);
	frame_extension(frame, DESTINATION, UDP, 170);
	frame_udp(frame, 40000, 26970);
}

static void ipv6_mobility(struct frame *frame)
{
	ipv6(frame, MOBILITY);
	frame_extension(frame, MOBILITY, NO_NEXT, 1);
}

static void ipv6_extensions(struct frame *frame, int count)
{
	ipv6(frame, DESTINATION);
	for (int i = 1; i < count; i++)
		frame_extension(frame, DESTINATION, DESTINATION, 0);
	frame_extension(frame, DESTINATION, UDP, 0);
	frame_udp(frame, 6696, 40000);
}

static void ipv6_8_extensions(struct frame *frame)
{
	ipv6_extensions(frame, 8);
}

static void ipv6_9_extensions(struct frame *frame)
{
	ipv6_extensions(frame, 9);
}

static void ipv6_first_fragment(struct frame *frame)
{
	ipv6(frame, FRAGMENT);
	frame_fragment(frame, UDP, 1);
	frame_udp(frame, 40000, 6696);
	frame_payload(frame, 1440);
}

static void ipv6_later_fragment(struct frame *frame)
{
	ipv6(frame, FRAGMENT);
	frame_fragment(frame, TCP, 1448);
	frame_payload(frame, 10);
}

static void ipv6_short_fragment(struct frame *frame)
{
	ipv6(frame, FRAGMENT);
	frame_fragment(frame, TCP, 1); /* the ports are in the next one */
}

static void ipv6_fragment_of_a_chain(struct frame *frame)
{
	ipv6(frame, FRAGMENT);
	frame_fragment(frame, DESTINATION, 1);
	frame_extension(frame, DESTINATION, TCP, 1);
	frame->length -= 8; /* the second half is in the next one */
}

static void ipv6_later_fragment_extension(struct frame *frame)
{
	ipv6(frame, FRAGMENT);
	frame_fragment(frame, DESTINATION, 1448 | 1);
	frame_payload(frame, 16);
}

static void ipv6_atomic_fragment(struct frame *frame)
{
	ipv6(frame, FRAGMENT);
	frame_fragment(frame, UDP, 0);
	frame_udp(frame, 40000, 53);
}

const struct frame_sample frame_samples[] = {
	{ "ARP", arp, NETWORK_ARP, TRANSPORT_NONE, 0 },
	{ "batman-adv", batman, NETWORK_MESH, TRANSPORT_NONE, 0 },
	{ "LLDP", unknown_ethertype, NETWORK_OTHER, TRANSPORT_NONE, 0 },
	{ "802.3 length", length_field, NETWORK_OTHER, TRANSPORT_NONE, 0 },
	{ "IPv4 TCP", ipv4_tcp, NETWORK_IPV4, TRANSPORT_TCP, 0 },
	{ "IPv4 options TCP options", ipv4_tcp_options, NETWORK_IPV4, TRANSPORT_TCP, 0 },
	{ "IPv4 UDP", ipv4_udp, NETWORK_IPV4, TRANSPORT_UDP, 0 },
	{ "IPv4 ICMP", ipv4_icmp, NETWORK_IPV4, TRANSPORT_ICMP, 0 },
	{ "IPv4 ICMPv6", ipv4_icmpv6, NETWORK_IPV4, TRANSPORT_OTHER, 0 },
	{ "IPv4 ESP", ipv4_esp, NETWORK_IPV4, TRANSPORT_OTHER, 0 },
	{ "IPv4 first fragment", ipv4_first_fragment, NETWORK_IPV4, TRANSPORT_MESH,
		FRAME_FRAGMENT },
	{ "IPv4 tiny fragment", ipv4_tiny_fragment, NETWORK_IPV4, TRANSPORT_NONE,
		FRAME_FRAGMENT | FRAME_MALFORMED },
	{ "IPv4 later fragment", ipv4_later_fragment, NETWORK_IPV4, TRANSPORT_UDP, FRAME_FRAGMENT },
	{ "Babel", ipv4_babel, NETWORK_IPV4, TRANSPORT_MESH, 0 },
	{ "OLSR", ipv4_olsr, NETWORK_IPV4, TRANSPORT_MESH, 0 },
	{ "WireGuard", ipv4_wireguard, NETWORK_IPV4, TRANSPORT_MESH, 0 },
	{ "TCP to a mesh port", ipv4_tcp_mesh_port, NETWORK_IPV4, TRANSPORT_TCP, 0 },
	{ "VLAN IPv4 TCP", vlan_ipv4_tcp, NETWORK_IPV4, TRANSPORT_TCP, FRAME_VLAN },
	{ "QinQ IPv6 UDP", qinq_ipv6_udp, NETWORK_IPV6, TRANSPORT_UDP, FRAME_VLAN },
	{ "VLAN ARP", vlan_arp, NETWORK_ARP, TRANSPORT_NONE, FRAME_VLAN },
	{ "VLAN batman-adv", vlan_batman, NETWORK_MESH, TRANSPORT_NONE, FRAME_VLAN },
	{ "four VLAN tags", four_vlans, NETWORK_IPV4, TRANSPORT_TCP, FRAME_VLAN },
	{ "five VLAN tags", five_vlans, NETWORK_OTHER, TRANSPORT_NONE, FRAME_VLAN | FRAME_HIDING },
	{ "IPv6 TCP", ipv6_tcp, NETWORK_IPV6, TRANSPORT_TCP, 0 },
	{ "IPv6 UDP", ipv6_udp, NETWORK_IPV6, TRANSPORT_UDP, 0 },
	{ "IPv6 ICMPv6", ipv6_icmpv6, NETWORK_IPV6, TRANSPORT_ICMPV6, 0 },
	{ "IPv6 ICMP", ipv6_icmp, NETWORK_IPV6, TRANSPORT_OTHER, 0 },
	{ "IPv6 no next header", ipv6_no_next, NETWORK_IPV6, TRANSPORT_OTHER, 0 },
	{ "IPv6 MLD", ipv6_mld, NETWORK_IPV6, TRANSPORT_ICMPV6, 0 },
	{ "IPv6 header chain", ipv6_chain, NETWORK_IPV6, TRANSPORT_TCP, 0 },
	{ "IPv6 long extension", ipv6_long_extension, NETWORK_IPV6, TRANSPORT_MESH, 0 },
	{ "IPv6 mobility", ipv6_mobility, NETWORK_IPV6, TRANSPORT_OTHER, 0 },
	{ "IPv6 8 extensions", ipv6_8_extensions, NETWORK_IPV6, TRANSPORT_MESH, 0 },
	{ "IPv6 9 extensions", ipv6_9_extensions, NETWORK_IPV6, TRANSPORT_OTHER, FRAME_HIDING },
	{ "IPv6 first fragment", ipv6_first_fragment, NETWORK_IPV6, TRANSPORT_MESH,
		FRAME_FRAGMENT },
	{ "IPv6 later fragment", ipv6_later_fragment, NETWORK_IPV6, TRANSPORT_TCP, FRAME_FRAGMENT },
	{ "IPv6 later fragment of an extension", ipv6_later_fragment_extension, NETWORK_IPV6,
		TRANSPORT_OTHER, FRAME_FRAGMENT | FRAME_HIDING },
	{ "IPv6 short fragment", ipv6_short_fragment, NETWORK_IPV6, TRANSPORT_NONE,
		FRAME_FRAGMENT | FRAME_MALFORMED | FRAME_HIDING },
	{ "IPv6 fragment of a chain", ipv6_fragment_of_a_chain, NETWORK_IPV6, TRANSPORT_NONE,
		FRAME_FRAGMENT | FRAME_MALFORMED | FRAME_HIDING },
	{ "IPv6 atomic fragment", ipv6_atomic_fragment, NETWORK_IPV6, TRANSPORT_UDP, 0 },
};
const size_t n_frame_samples = sizeof(frame_samples) / sizeof(*frame_samples);

void frame_sample_build(size_t index, struct frame *frame)
{
	frame_samples[index].build(frame);
	frame_finish(frame);
}
