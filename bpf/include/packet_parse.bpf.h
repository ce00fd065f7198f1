/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Parses the headers of a frame, for XDP and TC programs; tests compile it natively.
 *
 * - Skips at most PACKET_VLAN_TAGS_MAX VLAN tags; a frame with more has network protocol
 *   NETWORK_OTHER, and `ethertype` is that of the next tag.
 * - Skips at most PACKET_EXTENSIONS_MAX IPv6 extension headers; a frame with more has transport
 *   TRANSPORT_OTHER, and `protocol` is the next extension header.
 * - A later fragment has no transport header: its transport comes from the IP header, its ports are
 *   unknown, so it is never TRANSPORT_MESH.
 * - A frame is malformed when a header is cut short, by the end of the frame or by the length in
 *   the IP header, or contradicts itself: IP version, IHL below 5, IPv4 total length below the
 *   header's, TCP data offset below 5, UDP length below 8. Such a frame keeps what was read before
 *   (network protocol, source address, ports) and has TRANSPORT_NONE.
 * - An IP length beyond the end of the frame is not malformed. An IP or UDP length of 0 means
 *   unknown (RFC 2675 jumbograms, BIG TCP): the frame's length counts instead.
 */
#ifndef X0_PACKET_PARSE_BPF_H
#define X0_PACKET_PARSE_BPF_H

#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#ifdef __bpf__
#include <bpf/bpf_helpers.h>
#endif
#include <bpf/bpf_endian.h>

#include "packet_headers.h"
#include "packet_ports.bpf.h"
#include "xdp_chain.h"

#define PACKET_VLAN_TAGS_MAX  4
#define PACKET_EXTENSIONS_MAX 8
#define PACKET_OFFSET_MASK    0x7fff /* 8 extension headers end below 16.5 KB */
#define PACKET_FLAGS_MASK     0x1ff
#define ICMPV6_DISCOVERY      133 /* the first of 4 types */
#define VLAN_ID_MASK	      0xfff

/* IPv6 extension headers that are followed by another header. */
enum {
	EXTENSION_HOP_BY_HOP = 0,
	EXTENSION_ROUTING = 43,
	EXTENSION_FRAGMENT = 44,
	EXTENSION_AUTHENTICATION = 51,
	EXTENSION_DESTINATION = 60,
	EXTENSION_MOBILITY = 135,
	EXTENSION_HIP = 139,
	EXTENSION_SHIM6 = 140,
};

/*
 * An extension header has 8 bytes, plus as many units as its second byte says (RFC 8200, RFC 4302
 * section 2.2); fragment headers ignore that byte. A table holds the size of a unit: the verifier
 * would follow each branch of comparisons in each turn of the loop.
 */
#define EXTENSION_UNIT	 0x0f
#define EXTENSION_HEADER 0x80 /* else the protocol is no extension header */

static const volatile __u8 packet_extensions[256] = {
	[EXTENSION_HOP_BY_HOP] = EXTENSION_HEADER | 8,
	[EXTENSION_ROUTING] = EXTENSION_HEADER | 8,
	[EXTENSION_FRAGMENT] = EXTENSION_HEADER | 0,
	[EXTENSION_AUTHENTICATION] = EXTENSION_HEADER | 4,
	[EXTENSION_DESTINATION] = EXTENSION_HEADER | 8,
	[EXTENSION_MOBILITY] = EXTENSION_HEADER | 8,
	[EXTENSION_HIP] = EXTENSION_HEADER | 8,
	[EXTENSION_SHIM6] = EXTENSION_HEADER | 8,
};

/* Holds the longest header that is read at once. */
struct packet_copy {
	__u64 bytes[sizeof(struct ipv6hdr) / sizeof(__u64)];
};

/*
 * Position of the parser. Reads headers in place; copies one that is outside the linear part of a
 * TC program's skb (bpf_skb_pull_data would change the skb). The copy is not part of the cursor, so
 * that clang keeps the cursor in registers.
 */
struct packet_cursor {
	const void *data;
	const void *data_end;
	void *skb; /* struct __sk_buff; NULL: the whole frame lies between data and data_end */
	struct packet_copy *copy; /* with skb, and in the native build */
	__u64 limit; /* readable bytes from `data`: the frame's, or fewer by the IP length */
	__u64 offset; /* of the next header */
};

/* Returns the `size` bytes at the cursor, valid until the next call, or NULL when cut short. */
static __always_inline const void *packet_peek(struct packet_cursor *cursor, const __u64 size)
{
	const void *at = cursor->data + cursor->offset;

	if (cursor->offset + size > cursor->limit)
		return NULL;
	/* Keep clang from computing the pointer twice: the verifier knows only the checked one. */
	asm volatile("" : "+r"(at));
#ifdef __bpf__
	if (at + size <= cursor->data_end)
		return at;
	if (cursor->skb && !bpf_skb_load_bytes(cursor->skb, cursor->offset, cursor->copy, size))
		return cursor->copy;
#else
	if (at + size <=
		cursor->data_end) /* C wants headers aligned, unless a test builds it otherwise */
		return cursor->copy ? __builtin_memcpy(cursor->copy, at, size) : at;
#endif
	return NULL;
}

/*
 * Hides `value` from the verifier, except that it lies within `mask`, which covers all its values.
 * Paths that differ only in it are then walked once: a tenth of the work. (To the verifier, an
 * unknown number minus itself is unknown.)
 */
static __always_inline __u64 packet_forget(
	const struct packet_cursor *cursor, __u64 value, const __u64 mask)
{
#ifdef __bpf__
	__u64 zero;

	asm volatile("%0 = %1\n\t%0 -= %1" : "=&r"(zero) : "r"(cursor->limit));
#else
	const __u64 zero = 0;

	(void)cursor;
#endif
	return (value + zero) & mask;
}

/* Moves the cursor forward. */
static __always_inline void packet_advance(struct packet_cursor *cursor, __u64 bytes)
{
	cursor->offset = packet_forget(cursor, cursor->offset + bytes, PACKET_OFFSET_MASK);
}

/* Limits reading to `bytes` after the cursor, if that is within the frame. 0 means unknown. */
static __always_inline void packet_limit(struct packet_cursor *cursor, __u64 bytes)
{
	if (bytes && cursor->offset + bytes < cursor->limit)
		cursor->limit = cursor->offset + bytes;
}

static __always_inline bool packet_is_vlan(__be16 ethertype)
{
	return ethertype == bpf_htons(ETH_P_8021Q) || ethertype == bpf_htons(ETH_P_8021AD);
}

static __always_inline bool packet_parse_ethernet(
	struct packet_cursor *cursor, struct packet_headers *headers)
{
	const struct ethhdr *ethernet = packet_peek(cursor, sizeof(*ethernet));

	if (!ethernet)
		return false;
	__builtin_memcpy(headers->source_mac, ethernet->h_source, ETH_ALEN);
	headers->flags |= PACKET_MAC;
	headers->ethertype = ethernet->h_proto;
	packet_advance(cursor, sizeof(*ethernet));

	for (int i = 0; i < PACKET_VLAN_TAGS_MAX; i++) {
		const struct {
			__be16 control;
			__be16 ethertype;
		} * tag;

		if (!packet_is_vlan(headers->ethertype))
			break;
		tag = packet_peek(cursor, sizeof(*tag));
		if (!tag)
			return false;
		if (!(headers->flags & PACKET_VLAN))
			headers->vlan = bpf_ntohs(tag->control) & VLAN_ID_MASK;
		headers->flags |= PACKET_VLAN;
		headers->ethertype = tag->ethertype;
		packet_advance(cursor, sizeof(*tag));
	}
	return true;
}

static __always_inline bool packet_parse_raw_ip(
	struct packet_cursor *cursor, struct packet_headers *headers)
{
	const __u8 *version = packet_peek(cursor, 1);

	if (version && *version >> 4 == 4)
		headers->ethertype = bpf_htons(ETH_P_IP);
	else if (version && *version >> 4 == 6)
		headers->ethertype = bpf_htons(ETH_P_IPV6);
	else
		return false;
	return true;
}

/* RFC 826. linux/if_arp.h would include the C library's headers. */
struct arp_header {
	__be16 hardware_type;
	__be16 protocol_type;
	__u8 hardware_length;
	__u8 protocol_length;
	__be16 operation;
};

/* RFC 826: two hardware and two protocol addresses of the stated lengths follow 8 bytes. */
static __always_inline bool packet_parse_arp(struct packet_cursor *cursor)
{
	const struct arp_header *arp = packet_peek(cursor, sizeof(*arp));

	return arp && cursor->offset + sizeof(*arp) +
				      2ULL * (arp->hardware_length + arp->protocol_length) <=
			      cursor->limit;
}

static __always_inline bool packet_parse_tcp(struct packet_cursor *cursor)
{
	const struct tcphdr *tcp = packet_peek(cursor, sizeof(*tcp));

	return tcp && tcp->doff >= 5 && cursor->offset + tcp->doff * 4 <= cursor->limit;
}

static __always_inline bool packet_parse_udp(
	struct packet_cursor *cursor, struct packet_headers *headers)
{
	const struct udphdr *udp = packet_peek(cursor, sizeof(*udp));

	if (!udp || (udp->len && bpf_ntohs(udp->len) < sizeof(*udp)))
		return false;
	if (packet_is_mesh(headers->source_port, headers->destination_port))
		headers->transport = TRANSPORT_MESH;
	return true;
}

/* Returns PACKET_DHCP for a destination port of DHCP, or 0: by arithmetic, as in packet_parse_icmp(). */
static __always_inline __u32 packet_dhcp(__be16 port, bool ipv4)
{
	return PACKET_DHCP * ((__u32)(bpf_ntohs(port) - (ipv4 ? 67 : 546)) < 2);
}

/* Reads the ports first: a first fragment that ends after them must not hide them. */
static __always_inline bool packet_parse_ports(
	struct packet_cursor *cursor, struct packet_headers *headers)
{
	const __be16 *ports = packet_peek(cursor, 2 * sizeof(*ports));

	if (!ports)
		return false;
	headers->source_port = ports[0];
	headers->destination_port = ports[1];
	headers->flags |= PACKET_PORTS;
	if (headers->transport == TRANSPORT_UDP)
		headers->flags |= packet_dhcp(ports[1], headers->network == NETWORK_IPV4);
	return headers->transport == TRANSPORT_TCP ? packet_parse_tcp(cursor)
						   : packet_parse_udp(cursor, headers);
}

/* The fixed part of every ICMP and ICMPv6 message. */
static __always_inline bool packet_parse_icmp(
	struct packet_cursor *cursor, struct packet_headers *headers)
{
	const __u8 *icmp = packet_peek(cursor, 8);

	if (!icmp)
		return false;
	/* By arithmetic: the verifier would walk the rest twice. */
	headers->flags |= PACKET_DISCOVERY * (((__u32)(icmp[0] - ICMPV6_DISCOVERY) < 4) &
						     (headers->transport == TRANSPORT_ICMPV6));
	return true;
}

/* `later`: not the first fragment, so without a transport header. */
static __always_inline bool packet_parse_transport(
	struct packet_cursor *cursor, struct packet_headers *headers, bool later)
{
	bool ipv4 = headers->network == NETWORK_IPV4;

	if (headers->protocol == IPPROTO_TCP)
		headers->transport = TRANSPORT_TCP;
	else if (headers->protocol == IPPROTO_UDP)
		headers->transport = TRANSPORT_UDP;
	else if (headers->protocol == IPPROTO_ICMP && ipv4)
		headers->transport = TRANSPORT_ICMP;
	else if (headers->protocol == IPPROTO_ICMPV6 && !ipv4)
		headers->transport = TRANSPORT_ICMPV6;
	else
		headers->transport = TRANSPORT_OTHER;

	if (later || headers->transport == TRANSPORT_OTHER)
		return true;
	if (headers->transport == TRANSPORT_TCP || headers->transport == TRANSPORT_UDP)
		return packet_parse_ports(cursor, headers);
	return packet_parse_icmp(cursor, headers);
}

static __always_inline bool packet_parse_ipv4(
	struct packet_cursor *cursor, struct packet_headers *headers)
{
	const struct iphdr *ip = packet_peek(cursor, sizeof(*ip));
	__u64 length, total;
	__u16 fragment;

	headers->network = NETWORK_IPV4;
	if (!ip || ip->version != 4 || ip->ihl < 5)
		return false;
	length = ip->ihl * 4;
	total = bpf_ntohs(ip->tot_len);
	if ((total && total < length) || cursor->offset + length > cursor->limit)
		return false;
	headers->source4 = ip->saddr;
	headers->destination4 = ip->daddr;
	headers->protocol = ip->protocol;
	headers->dscp = ip->tos >> 2;
	headers->flags |= PACKET_ADDRESS;
	fragment = bpf_ntohs(ip->frag_off) & 0x3fff; /* more fragments, offset */
	if (fragment)
		headers->flags |= PACKET_FRAGMENT;
	packet_limit(cursor, total);
	packet_advance(cursor, length);
	return packet_parse_transport(cursor, headers, fragment & 0x1fff);
}

/* Skips extension headers. Sets *later for a fragment other than the first. */
static __always_inline bool packet_parse_extensions(
	struct packet_cursor *cursor, struct packet_headers *headers, bool *later)
{
	for (int i = 0; i < PACKET_EXTENSIONS_MAX; i++) {
		const __u8 *extension;
		__u8 protocol = headers->protocol;
		__u8 kind = packet_extensions[protocol];
		__u64 length;

		if (!kind)
			return true;
		extension = packet_peek(cursor, 8); /* none is shorter */
		if (!extension)
			return false;
		length = 8 + extension[1] * (kind & EXTENSION_UNIT);
		if (cursor->offset + length > cursor->limit)
			return false;
		headers->protocol = extension[0];
		packet_advance(cursor, length);
		if (protocol != EXTENSION_FRAGMENT)
			continue;
		if (extension[2] || extension[3] & 0xf9) /* offset, more fragments */
			headers->flags |= PACKET_FRAGMENT;
		*later = extension[2] || extension[3] & 0xf8;
		if (*later)
			return true;
	}
	return true;
}

static __always_inline bool packet_parse_ipv6(
	struct packet_cursor *cursor, struct packet_headers *headers)
{
	const struct ipv6hdr *ip = packet_peek(cursor, sizeof(*ip));
	bool later = false;

	headers->network = NETWORK_IPV6;
	if (!ip || ip->version != 6)
		return false;
	__builtin_memcpy(headers->source6, &ip->saddr, sizeof(headers->source6));
	__builtin_memcpy(headers->destination6, &ip->daddr, sizeof(headers->destination6));
	headers->protocol = ip->nexthdr;
	headers->dscp = ip->priority << 2 | ip->flow_lbl[0] >> 6;
	headers->flags |= PACKET_ADDRESS;
	if (ip->payload_len)
		packet_limit(cursor, sizeof(*ip) + bpf_ntohs(ip->payload_len));
	packet_advance(cursor, sizeof(*ip));
	if (!packet_parse_extensions(cursor, headers, &later))
		return false;
	return packet_parse_transport(cursor, headers, later);
}

static __always_inline bool packet_parse_network(
	struct packet_cursor *cursor, struct packet_headers *headers)
{
	switch (headers->ethertype) {
	case bpf_htons(ETH_P_IP):
		return packet_parse_ipv4(cursor, headers);
	case bpf_htons(ETH_P_IPV6):
		return packet_parse_ipv6(cursor, headers);
	case bpf_htons(ETH_P_ARP):
		headers->network = NETWORK_ARP;
		return packet_parse_arp(cursor);
	case bpf_htons(ETH_P_BATMAN):
		headers->network = NETWORK_MESH;
		return true;
	default:
		return true;
	}
}

/*
 * Returns whether addresses or ports of a packet are hidden: behind more VLAN tags or IPv6 extension
 * headers than are parsed, in an IP header that is cut short or contradicts itself, or beyond the end
 * of the packet. Whoever forwards or reassembles it may find them, so such a packet could get around
 * a rule. RFC 8504 section 5.3 lets hosts refuse so many extension headers, RFC 1858 and RFC 7112
 * fragments without ports; Linux takes twenty of the former, and of the latter those that end within
 * the extension headers (seen on 6.18), before 5.11 all of IPv6.
 */
static __always_inline bool packet_hides(const struct packet_headers *headers)
{
	bool malformed = headers->flags & PACKET_MALFORMED;

	if (packet_is_vlan(headers->ethertype))
		return true;
	if (!(headers->flags & PACKET_ADDRESS))
		return malformed && headers->network != NETWORK_ARP;
	if (headers->flags & PACKET_PORTS)
		return false;
	if (malformed && (headers->protocol == IPPROTO_UDP || headers->protocol == IPPROTO_TCP))
		return true;
	return headers->network == NETWORK_IPV6 && packet_extensions[headers->protocol];
}

#define PACKET_USUAL_UDP (ETH_HLEN + sizeof(struct iphdr) + sizeof(struct udphdr))
#define PACKET_USUAL_TCP (ETH_HLEN + sizeof(struct iphdr) + sizeof(struct tcphdr))

/*
 * Parses a usual frame at one look: Ethernet, IPv4 without options or fragments, a whole UDP or TCP header.
 * `length`: the frame's. Writes all of *headers but the interface. Returns false, with *headers untouched,
 * for other frames, which are for packet_parse(): it reads the same from this one, in three times the time.
 */
static __always_inline bool packet_parse_usual(
	const void *data, const void *data_end, __u64 length, struct packet_headers *headers)
{
	const struct ethhdr *ethernet = data;
	const struct iphdr *ip = data + ETH_HLEN;
	const struct udphdr *udp = data + ETH_HLEN + sizeof(*ip);
	const struct tcphdr *tcp = (const void *)udp;
	const __u16 *source_mac = (const void *)ethernet->h_source; /* read by words */
	__u64 total, flags = PACKET_MAC | PACKET_ADDRESS | PACKET_PORTS, transport;

	if (data + PACKET_USUAL_UDP > data_end || ethernet->h_proto != bpf_htons(ETH_P_IP) ||
		*(const __u8 *)ip != 0x45 || ip->frag_off & bpf_htons(0x3fff))
		return false;
	total = bpf_ntohs(ip->tot_len);
	if (ETH_HLEN + total > length)
		return false;
	if (ip->protocol == IPPROTO_UDP) {
		if (total < sizeof(*ip) + sizeof(*udp) ||
			(udp->len && bpf_ntohs(udp->len) < sizeof(*udp)))
			return false;
		transport = packet_is_mesh(udp->source, udp->dest) ? TRANSPORT_MESH : TRANSPORT_UDP;
		flags |= packet_dhcp(udp->dest, true);
	} else if (ip->protocol == IPPROTO_TCP) {
		if (data + PACKET_USUAL_TCP > data_end || tcp->doff < 5 ||
			total < sizeof(*ip) + tcp->doff * 4)
			return false;
		transport = TRANSPORT_TCP;
	} else {
		return false;
	}
	/* By words, as flows are looked for: a load that spans several stores has to wait for them. */
	headers->words[0] = flags | (__u64)NETWORK_IPV4 << 16 | transport << 24 |
			    (__u64)bpf_htons(ETH_P_IP) << 32 | (__u64)ip->protocol << 48 |
			    (__u64)(ip->tos >> 2) << 56;
	headers->words[1] = udp->source | (__u64)udp->dest << 16 | (__u64)headers->ifindex << 32;
	headers->words[2] = source_mac[0] | (__u64)source_mac[1] << 16 | (__u64)source_mac[2] << 32;
	headers->words[3] = ip->saddr;
	headers->words[4] = 0;
	headers->words[5] = ip->daddr;
	headers->words[6] = 0;
	return true;
}

/* Parses a frame from its Ethernet header or, if `raw_ip`, from its IP header. */
static __always_inline void packet_parse(
	struct packet_cursor *cursor, bool raw_ip, struct packet_headers *headers)
{
	/* Ethernet first: to the verifier, what raw IP leaves behind is a case of that. */
	bool sound = __builtin_expect(!raw_ip, 1) ? packet_parse_ethernet(cursor, headers)
						  : packet_parse_raw_ip(cursor, headers);

	if (!sound || !packet_parse_network(cursor, headers)) {
		headers->flags |= PACKET_MALFORMED;
		headers->transport = TRANSPORT_NONE;
	}
	headers->flags = packet_forget(cursor, headers->flags, PACKET_FLAGS_MASK);
	if (packet_hides(headers))
		headers->flags =
			packet_forget(cursor, headers->flags | PACKET_HIDING, PACKET_FLAGS_MASK);
}

#endif
