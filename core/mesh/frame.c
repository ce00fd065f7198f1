// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/frame.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "mesh/rule.h"

#define PAYLOAD_LEN 64 /* of the network's header: transport header and zeroes */
#define HOPS	    64

static bool has(const struct mesh_rule *packet, enum mesh_dimension dimension)
{
	return packet->conditions >> dimension & 1;
}

/* --- from text ------------------------------------------------------------------------------- */

static bool is_single(const struct mesh_rule *packet)
{
	const struct mesh_prefix *prefixes[] = { &packet->source, &packet->destination };
	const struct mesh_range *ranges[] = { &packet->source_port, &packet->destination_port };

	for (int i = 0; i < 2; i++) {
		uint32_t bits = prefixes[i]->family == 4 ? 32 : 128;
		if ((prefixes[i]->family != 0 && prefixes[i]->length != bits) ||
			ranges[i]->from != ranges[i]->to)
			return false;
	}
	return packet->names[0][0] == '\0' && !has(packet, MESH_BY_READABLE);
}

int frame_parse(const char *text, struct mesh_rule *packet, struct failure *failure)
{
	char rule[512];

	if (snprintf(rule, sizeof(rule), "pass %s", text) >= (int)sizeof(rule))
		return failure_set(failure, -EINVAL, "The packet has too many words");
	int error = rule_parse(rule, packet, failure);
	if (error < 0)
		return error;
	if (!is_single(packet)) {
		failure_set(failure, -EINVAL, "A packet has one address and one port on each side");
		return failure_remedy(failure,
			"Write, for example, 10.1.0.7 to 10.1.0.1 udp 6696 sport 1000 in eth0");
	}
	if (packet->source.family != 0 && packet->destination.family != 0 &&
		packet->source.family != packet->destination.family)
		return failure_set(
			failure, -EINVAL, "Both addresses of a packet are IPv4, or both IPv6");
	return 0;
}

/* --- bytes ----------------------------------------------------------------------------------- */

static size_t put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return 2;
}

static uint8_t protocol_of(const struct mesh_rule *packet)
{
	if (has(packet, MESH_BY_PROTOCOL))
		return packet->protocol;
	return has(packet, MESH_BY_SOURCE_PORT) || has(packet, MESH_BY_DESTINATION_PORT)
		       ? IPPROTO_UDP
		       : 253; /* for experiments: RFC 3692 */
}

static size_t put_ipv4(const struct mesh_rule *packet, uint8_t *at)
{
	struct iphdr header = { .version = 4,
		.ihl = 5,
		.ttl = HOPS,
		.protocol = protocol_of(packet),
		.tot_len = htons(sizeof(header) + PAYLOAD_LEN) };

	memcpy(&header.saddr, packet->source.address, sizeof(header.saddr));
	memcpy(&header.daddr, packet->destination.address, sizeof(header.daddr));
	memcpy(at, &header, sizeof(header));
	return sizeof(header);
}

static size_t put_ipv6(const struct mesh_rule *packet, uint8_t *at)
{
	struct ip6_hdr header = { 0 };

	header.ip6_flow = htonl(6U << 28);
	header.ip6_plen = htons(PAYLOAD_LEN);
	header.ip6_nxt = protocol_of(packet);
	header.ip6_hops = HOPS;
	memcpy(&header.ip6_src, packet->source.address, sizeof(header.ip6_src));
	memcpy(&header.ip6_dst, packet->destination.address, sizeof(header.ip6_dst));
	memcpy(at, &header, sizeof(header));
	return sizeof(header);
}

/* Ports are in the same place in UDP, TCP and SCTP; the length of UDP's header covers all. */
static void put_transport(const struct mesh_rule *packet, uint8_t *at)
{
	put16(at, packet->source_port.from);
	put16(at + 2, packet->destination_port.from);
	if (protocol_of(packet) == IPPROTO_UDP)
		put16(at + 4, PAYLOAD_LEN);
	else if (protocol_of(packet) == IPPROTO_TCP)
		at[12] = 5 << 4; /* words of its header */
}

/* Returns the family of the packet's addresses; 0: it is no IP packet. */
static int family_of(const struct mesh_rule *packet)
{
	int family =
		packet->source.family != 0 ? packet->source.family : packet->destination.family;
	bool other = has(packet, MESH_BY_ETHERTYPE) && packet->ethertype != ETH_P_IP &&
		     packet->ethertype != ETH_P_IPV6;

	if (family != 0 || other)
		return family;
	return has(packet, MESH_BY_ETHERTYPE) && packet->ethertype == ETH_P_IPV6 ? 6 : 4;
}

size_t frame_make(const struct mesh_rule *packet, uint8_t frame[MESH_FRAME_MAX])
{
	int family = family_of(packet);
	size_t at = 2 * ETH_ALEN;

	memset(frame, 0, MESH_FRAME_MAX);
	memcpy(frame + ETH_ALEN, packet->mac, ETH_ALEN);
	if (has(packet, MESH_BY_VLAN)) {
		at += put16(frame + at, ETH_P_8021Q);
		at += put16(frame + at, packet->vlan);
	}
	at += put16(frame + at, family == 0   ? packet->ethertype
				: family == 4 ? ETH_P_IP
					      : ETH_P_IPV6);
	if (family != 0) {
		at += family == 4 ? put_ipv4(packet, frame + at) : put_ipv6(packet, frame + at);
		put_transport(packet, frame + at);
	}
	return at + PAYLOAD_LEN;
}
