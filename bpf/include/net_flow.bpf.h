/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads the flow of a packet or a TCP socket in a tracing program. */
#ifndef X0_NET_FLOW_BPF_H
#define X0_NET_FLOW_BPF_H

#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "events.h"
#include "net_structs.bpf.h"

#define AF_INET	  2
#define AF_INET6  10
#define IP_OFFSET 0x1fff

/* Reads `size` bytes at an offset of the packet's linear part; false when they lie beyond it. */
static __always_inline bool packet_read(
	const struct sk_buff___x0 *packet, __u32 offset, void *to, __u32 size)
{
	if (offset + size > packet->tail)
		return false;
	return bpf_probe_read_kernel(to, size, packet->head + offset) == 0;
}

static __always_inline void flow_ports(
	struct event_flow *flow, const struct sk_buff___x0 *packet, __u32 offset)
{
	__be16 ports[2];

	if (flow->protocol != IPPROTO_TCP && flow->protocol != IPPROTO_UDP)
		return;
	if (!packet_read(packet, offset, ports, sizeof(ports)))
		return;
	flow->source_port = ports[0];
	flow->destination_port = ports[1];
}

static __always_inline void flow_from_ipv4(
	struct event_flow *flow, const struct sk_buff___x0 *packet, __u32 offset)
{
	struct iphdr ip;

	if (!packet_read(packet, offset, &ip, sizeof(ip)) || ip.ihl < 5)
		return;
	flow->family = AF_INET;
	flow->protocol = ip.protocol;
	__builtin_memcpy(flow->source, &ip.saddr, sizeof(ip.saddr));
	__builtin_memcpy(flow->destination, &ip.daddr, sizeof(ip.daddr));
	if (!(ip.frag_off & bpf_htons(IP_OFFSET)))
		flow_ports(flow, packet, offset + ip.ihl * 4);
}

/* Reads ports only right after the IP header: does not walk extension headers. */
static __always_inline void flow_from_ipv6(
	struct event_flow *flow, const struct sk_buff___x0 *packet, __u32 offset)
{
	struct ipv6hdr ip;

	if (!packet_read(packet, offset, &ip, sizeof(ip)))
		return;
	flow->family = AF_INET6;
	flow->protocol = ip.nexthdr;
	__builtin_memcpy(flow->source, &ip.saddr, sizeof(flow->source));
	__builtin_memcpy(flow->destination, &ip.daddr, sizeof(flow->destination));
	flow_ports(flow, packet, offset + sizeof(ip));
}

/* Reads a packet's flow at any point of the stack; the family stays 0 if it is unknown. */
static __always_inline void flow_from_packet(
	struct event_flow *flow, const struct sk_buff___x0 *packet)
{
	__u32 offset = packet->network_header;
	__u8 version;

	if (!offset || offset == NO_HEADER || !packet_read(packet, offset, &version, 1))
		return;
	if (version >> 4 == 4)
		flow_from_ipv4(flow, packet, offset);
	else if (version >> 4 == 6)
		flow_from_ipv6(flow, packet, offset);
}

static __always_inline void flow_from_socket(
	struct event_flow *flow, const struct sock___x0 *socket)
{
	const struct sock_common___x0 *common = &socket->__sk_common;

	flow->family = common->skc_family;
	flow->protocol = IPPROTO_TCP;
	flow->source_port = bpf_htons(common->skc_num);
	/* A socket closed by a reset has released its port already. */
	if (!flow->source_port)
		flow->source_port =
			BPF_CORE_READ((const struct inet_sock___x0 *)socket, inet_sport);
	flow->destination_port = common->skc_dport;
	if (flow->family == AF_INET6) {
		bpf_probe_read_kernel(flow->source, 16,
			__builtin_preserve_access_index(&common->skc_v6_rcv_saddr));
		bpf_probe_read_kernel(flow->destination, 16,
			__builtin_preserve_access_index(&common->skc_v6_daddr));
		return;
	}
	*(__be32 *)flow->source = common->skc_rcv_saddr;
	*(__be32 *)flow->destination = common->skc_daddr;
}

static __always_inline void flow_turn(struct event_flow *flow)
{
	struct event_flow turned = *flow;

	turned.source_port = flow->destination_port;
	turned.destination_port = flow->source_port;
	__builtin_memcpy(turned.source, flow->destination, sizeof(turned.source));
	__builtin_memcpy(turned.destination, flow->source, sizeof(turned.destination));
	*flow = turned;
}

#endif
