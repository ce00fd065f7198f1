// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Counts network events of one namespace at tracepoints: packets sent and received by interface,
 * drops by reason, TCP retransmits and resets.
 *
 * The tracepoints are BTF typed: they attach like raw ones, need no tracefs, and read the kernel's
 * structs by plain loads that yield zero where a pointer is bad. Their arguments must be those of
 * the running kernel, hence the twins for drops.
 *
 * Counts packets as the stack handles them: before GSO splits them, after GRO merged them. Bytes
 * include the link-layer header in both directions, but no VLAN tag kept beside the packet.
 *
 * Counts only packets of the watched namespace: that of the packet's socket, else of its interface.
 * Leaves out packets with neither (rare, already torn down), and those of AF_UNIX and netlink
 * sockets, which the kernel frees by the same function.
 */
#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "events.bpf.h"
#include "license.bpf.h"
#include "run_stats.bpf.h"
#include "tracepoint_net.h"

#define AF_UNIX	     1
#define AF_INET	     2
#define AF_INET6     10
#define AF_NETLINK   16
#define NO_HEADER    0xffff /* mac_header, transport_header not set */
#define IP_OFFSET    0x1fff
#define SECOND_SHIFT 30 /* 1.07 seconds */

#define CORE __attribute__((preserve_access_index))

struct ns_common___x0 {
	unsigned int inum;
} CORE;

struct net___x0 {
	struct ns_common___x0 ns;
} CORE;

struct possible_net___x0 {
	struct net___x0 *net;
} CORE;

struct net_device___x0 {
	int ifindex;
	struct possible_net___x0 nd_net;
} CORE;

struct in6_addr___x0 {
	__u8 bytes[16];
};

struct sock_common___x0 {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num; /* host byte order */
	unsigned short skc_family;
	unsigned char skc_state;
	struct possible_net___x0 skc_net;
	struct in6_addr___x0 skc_v6_daddr;
	struct in6_addr___x0 skc_v6_rcv_saddr;
} CORE;

struct sock___x0 {
	struct sock_common___x0 __sk_common;
} CORE;

struct inet_sock___x0 {
	__be16 inet_sport;
} CORE;

struct sk_buff___x0 {
	struct net_device___x0 *dev;
	struct sock___x0 *sk;
	unsigned int len;
	__u16 transport_header;
	__u16 network_header;
	__u16 mac_header;
	unsigned int tail; /* an offset from head on 64-bit machines */
	unsigned char *head;
	unsigned char *data;
} CORE;

const volatile __u32 netns_inum = 0;

/* By the running kernel's enum skb_drop_reason: enum drop_kind. */
const volatile __u8 drop_kinds[DROP_REASONS_MAX];

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, NET_INTERFACES_MAX);
	__type(key, __u32);
	__type(value, struct net_interface_counts);
} net_interfaces SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct net_counts);
} net_counts SEC(".maps");

struct event_budget {
	__u64 second;
	__u64 sent;
};

/* By enum event_type. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, EVENT_TYPES);
	__type(key, __u32);
	__type(value, struct event_budget);
} net_event_budgets SEC(".maps");

static __always_inline struct net_counts *counts(void)
{
	return bpf_map_lookup_elem(&net_counts, &(__u32) { 0 });
}

/* Defines a program, whose body follows, with counted and sampled runs. */
#define PROGRAM(tracepoint, name)                                                       \
	static __always_inline void name##_run(__u64 *context, struct net_counts *all); \
	SEC("tp_btf/" tracepoint)                                                       \
	int name(__u64 *context)                                                        \
	{                                                                               \
		struct net_counts *all = counts();                                      \
                                                                                        \
		if (!all)                                                               \
			return 0;                                                       \
		run_begin(&all->runs);                                                  \
		name##_run(context, all);                                               \
		run_end(&all->runs);                                                    \
		return 0;                                                               \
	}                                                                               \
	static __always_inline void name##_run(__u64 *context, struct net_counts *all)

/*
 * For each loaded pointer that is followed, the verifier searches the kernel's whole BTF four times
 * (btf_nested_type_is_trusted(), seen on 6.18): 5 ms per pointer at load time. Programs that run
 * per packet accept that; the others follow pointers by bpf_probe_read_kernel().
 */
static __always_inline bool device_is_watched(const struct net_device___x0 *device)
{
	return device && device->nd_net.net->ns.inum == netns_inum;
}

static __always_inline bool socket_is_watched(const struct sock___x0 *socket)
{
	return socket && BPF_CORE_READ(socket, __sk_common.skc_net.net, ns.inum) == netns_inum;
}

/* Returns the ifindex of a packet, if it belongs to the watched namespace; else 0. */
static __always_inline __u32 watched_ifindex(const struct sk_buff___x0 *packet)
{
	const struct net_device___x0 *device = BPF_CORE_READ(packet, dev);

	if (!device || BPF_CORE_READ(device, nd_net.net, ns.inum) != netns_inum)
		return 0;
	return BPF_CORE_READ(device, ifindex);
}

/* --- packets by interface ---------------------------------------------------------------------- */

static __always_inline struct net_interface_counts *interface_counts(
	struct net_counts *all, __u32 ifindex)
{
	struct net_interface_counts *found = bpf_map_lookup_elem(&net_interfaces, &ifindex);
	struct net_interface_counts empty = {};

	if (found)
		return found;
	bpf_map_update_elem(&net_interfaces, &ifindex, &empty, BPF_NOEXIST);
	found = bpf_map_lookup_elem(&net_interfaces, &ifindex);
	if (!found)
		all->interfaces_full++;
	return found;
}

static __always_inline void traffic_add(struct traffic_count *traffic, __u32 bytes)
{
	traffic->packets++;
	traffic->bytes += bytes;
}

/* Arguments: packet (may be freed), result, device, length. A driver's refusal is an error. */
PROGRAM("net_dev_xmit", transmit)
{
	const struct net_device___x0 *device = (const void *)context[2];
	struct net_interface_counts *interface;

	if (!device_is_watched(device))
		return;
	interface = interface_counts(all, device->ifindex);
	if (!interface)
		return;
	if ((int)context[1] == 0)
		traffic_add(&interface->transmitted, (__u32)context[3]);
	else
		interface->transmit_errors++;
}

/* The link-layer header was pulled: it lies between the MAC header's offset and the data. */
static __always_inline __u32 frame_length(const struct sk_buff___x0 *packet)
{
	__u64 data = packet->data - packet->head;
	__u16 mac = packet->mac_header;

	return packet->len + (mac != NO_HEADER && mac < data ? data - mac : 0);
}

PROGRAM("netif_receive_skb", receive)
{
	const struct sk_buff___x0 *packet = (const void *)context[0];
	const struct net_device___x0 *device = packet->dev;
	struct net_interface_counts *interface;

	if (!device_is_watched(device))
		return;
	interface = interface_counts(all, device->ifindex);
	if (interface)
		traffic_add(&interface->received, frame_length(packet));
}

/* --- events -------------------------------------------------------------------------------------- */

/* Reserves a record for an event, unless this CPU has sent enough of its kind in this second. */
static __always_inline struct event *net_event(struct net_counts *all, __u32 type)
{
	struct event_budget *budget = bpf_map_lookup_elem(&net_event_budgets, &type);
	__u64 second = bpf_ktime_get_ns() >> SECOND_SHIFT;

	if (!budget)
		return NULL;
	if (budget->second != second) {
		budget->second = second;
		budget->sent = 0;
	}
	if (budget->sent >= NET_EVENTS_PER_SECOND) {
		all->events_withheld++;
		return NULL;
	}
	budget->sent++;
	return event_reserve(EVENT_SOURCE_NET, type);
}

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

/* --- drops --------------------------------------------------------------------------------------- */

static __always_inline bool drop_is_watched(const struct sk_buff___x0 *packet, __u32 ifindex)
{
	const struct sock___x0 *socket = BPF_CORE_READ(packet, sk);
	__u16 family;

	if (!socket)
		return ifindex != 0;
	family = BPF_CORE_READ(socket, __sk_common.skc_family);
	return family != AF_UNIX && family != AF_NETLINK && socket_is_watched(socket);
}

/* The barrier keeps the compiler from using the unmasked value, which has no bounds. */
static __always_inline __u32 drop_index(__u32 reason)
{
	__u32 index = reason < DROP_REASONS_MAX ? reason : DROP_REASONS_MAX - 1;

	barrier_var(index);
	return index & (DROP_REASONS_MAX - 1);
}

static __always_inline void drop(
	struct net_counts *all, const struct sk_buff___x0 *packet, __u32 reason, __u8 kind)
{
	__u32 ifindex = watched_ifindex(packet);
	struct event *event;

	if (!drop_is_watched(packet, ifindex))
		return;
	all->drops[drop_index(reason)]++;
	if (kind != DROP_NOTABLE)
		return;
	event = net_event(all, EVENT_DROP);
	if (!event)
		return;
	event->net.reason = reason;
	event->net.bytes = packet->len;
	event->ifindex = ifindex;
	flow_from_packet(&event->net.flow, packet);
	event_submit(event);
}

/* Since 5.17. Arguments: packet, location, reason. */
PROGRAM("kfree_skb", drop_with_reason)
{
	__u32 reason = (__u32)context[2];
	__u8 kind = drop_kinds[drop_index(reason)];

	if (kind != DROP_NONE)
		drop(all, (const void *)context[0], reason, kind);
}

/* Before 5.17, drops and leftovers of closed sockets look alike: counts them, sends no event. */
PROGRAM("kfree_skb", drop_without_reason)
{
	drop(all, (const void *)context[0], 0, DROP_ROUTINE);
}

/* --- TCP ----------------------------------------------------------------------------------------- */

/* Arguments: socket, packet. */
PROGRAM("tcp_retransmit_skb", retransmit)
{
	const struct sock___x0 *socket = (const void *)context[0];
	const struct sk_buff___x0 *packet = (const void *)context[1];
	struct event *event;

	if (!socket_is_watched(socket))
		return;
	all->tcp_retransmits++;
	event = net_event(all, EVENT_TCP_RETRANSMIT);
	if (!event)
		return;
	if (packet)
		event->net.bytes = packet->len;
	flow_from_socket(&event->net.flow, socket);
	event_submit(event);
}

/*
 * Arguments: socket, answered packet; either may be missing. Before 6.10 the kernel does not report
 * resets without a socket.
 */
PROGRAM("tcp_send_reset", reset_sent)
{
	const struct sock___x0 *socket = (const void *)context[0];
	const struct sk_buff___x0 *packet = (const void *)context[1];
	struct event *event;

	if (!(socket ? socket_is_watched(socket) : packet && watched_ifindex(packet)))
		return;
	all->tcp_resets_sent++;
	event = net_event(all, EVENT_TCP_RESET_SENT);
	if (!event)
		return;
	if (packet) {
		flow_from_packet(&event->net.flow, packet);
		flow_turn(&event->net.flow);
	} else if (socket) {
		flow_from_socket(&event->net.flow, socket);
	}
	event_submit(event);
}

/* Argument: socket. The flow is the reset's: from the peer to us. */
PROGRAM("tcp_receive_reset", reset_received)
{
	const struct sock___x0 *socket = (const void *)context[0];
	struct event *event;

	if (!socket_is_watched(socket))
		return;
	all->tcp_resets_received++;
	event = net_event(all, EVENT_TCP_RESET_RECEIVED);
	if (!event)
		return;
	flow_from_socket(&event->net.flow, socket);
	flow_turn(&event->net.flow);
	event_submit(event);
}
