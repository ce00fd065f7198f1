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
 * Counts only packets of the watched namespace: that of the packet's interface, else of its socket.
 * Leaves out packets with neither (rare, already torn down), and those of AF_UNIX and netlink
 * sockets, which the kernel frees by the same function.
 */
#include <stdbool.h>

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "class_dropped.bpf.h"
#include "events.bpf.h"
#include "handed_back.bpf.h"
#include "license.bpf.h"
#include "net_flow.bpf.h"
#include "net_structs.bpf.h"
#include "run_stats.bpf.h"
#include "tracepoint_net.h"
#include "xdp_packet.bpf.h"

#define AF_UNIX	     1
#define AF_NETLINK   16
#define SECOND_SHIFT 30 /* 1.07 seconds */

/* Numbers of namespaces: that of the first is fixed since 6.18, others begin at 0xf0000000. */
#define NETNS_FIRST 0xefffff00
#define NETNS_LAST  0xf0ffffff

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
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct net_places);
} net_places SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct net_counts);
} net_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, NET_DROPS_MAX);
	__type(key, struct net_drop);
	__type(value, __u64);
} net_drops SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, NET_DROPS_MAX);
	__type(key, __u64);
	__type(value, struct net_function);
} net_functions SEC(".maps");

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

/*
 * Defines a program, whose body follows, with counted and sampled runs. What is attached to its tracepoint only calls
 * what is in its slot: another program there counts from the next event on, and each event is counted by one of them.
 * Each has a slot of its own: the kernel, from 6.12 on, lets a slot hold programs of one tracepoint alone.
 */
#define PROGRAM(tracepoint, name)                                                       \
	static __always_inline void name##_run(__u64 *context, struct net_counts *all); \
	struct {                                                                        \
		__uint(type, BPF_MAP_TYPE_PROG_ARRAY);                                  \
		__uint(max_entries, 1);                                                 \
		__uint(key_size, sizeof(__u32));                                        \
		__uint(value_size, sizeof(__u32));                                      \
	} name##_slot SEC(".maps");                                                     \
                                                                                        \
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
                                                                                        \
	SEC("tp_btf/" tracepoint)                                                       \
	int call_##name(__u64 *context)                                                 \
	{                                                                               \
		bpf_tail_call_static(context, &name##_slot, 0);                         \
		return 0;                                                               \
	}                                                                               \
                                                                                        \
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

struct whereabouts {
	__u32 netns;
	__u32 ifindex; /* 0 when unknown */
};

/*
 * Where a packet is: in the namespace of its device. Its socket may be in another one, as veth keeps
 * the sender's until ip_rcv(); so that tells only where there is no device. `dev` shares its place:
 * with figures while the packet lies in a UDP socket's queue, which are no kernel address, and with a
 * node of a tree in queues of TCP and of fragments, where no namespace is found.
 */
static __always_inline struct whereabouts whereabouts(const struct sk_buff___x0 *packet)
{
	const struct net_device___x0 *device = BPF_CORE_READ(packet, dev);
	struct whereabouts where = {};
	const struct sock___x0 *socket;
	__u16 family;

	if ((__u64)device >> 56 == 0xff) {
		where.netns = BPF_CORE_READ(device, nd_net.net, ns.inum);
		if (where.netns >= NETNS_FIRST && where.netns <= NETNS_LAST) {
			where.ifindex = BPF_CORE_READ(device, ifindex);
			return where;
		}
	}
	where.netns = 0;
	socket = BPF_CORE_READ(packet, sk);
	if (!socket)
		return where;
	family = BPF_CORE_READ(socket, __sk_common.skc_family);
	if (family != AF_UNIX && family != AF_NETLINK)
		where.netns = BPF_CORE_READ(socket, __sk_common.skc_net.net, ns.inum);
	return where;
}

/* --- packets by interface ---------------------------------------------------------------------- */

static __always_inline struct net_interface_counts *interface_counts(
	struct net_counts *all, __u32 ifindex)
{
	const struct net_places *places = bpf_map_lookup_elem(&net_places, &(__u32) { 0 });
	struct net_interface_counts *found, empty = {};
	__u32 place = ifindex;

	barrier_var(place); /* as in drop_index() */
	place &= NET_PLACES - 1;
	if (places && places->ifindexes[place] == ifindex)
		return &all->interfaces[place];
	found = bpf_map_lookup_elem(&net_interfaces, &ifindex);
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
	if (!interface)
		return;
	if (is_handed_back(packet)) {
		interface->handed_back++;
		return;
	}
	traffic_add(&interface->received, frame_length(packet));
	if (skips_tc(packet))
		all->hidden_from_tc++;
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

/* --- drops --------------------------------------------------------------------------------------- */

/* The barrier keeps the compiler from using the unmasked value, which has no bounds. */
static __always_inline __u32 drop_index(__u32 reason)
{
	__u32 index = reason < DROP_REASONS_MAX ? reason : DROP_REASONS_MAX - 1;

	barrier_var(index);
	return index & (DROP_REASONS_MAX - 1);
}

/* Returns whether this is no packet: a driver that adds a NAPI, as veth does for native XDP, frees an empty
 * one to see where it lies (napi_get_frags_check()). */
static __always_inline bool is_empty(const struct sk_buff___x0 *packet)
{
	return !BPF_CORE_READ(packet, len) && !BPF_CORE_READ(packet, protocol);
}

/* Returns whether the last packet that was dropped on this CPU, whose first byte was at *data, is this one. */
static __always_inline bool is_last(const struct sk_buff___x0 *packet, __u64 *data)
{
	__u64 head;

	if (!*data)
		return false;
	head = (__u64)BPF_CORE_READ(packet, head);
	if (*data < head || *data - head > BPF_CORE_READ(packet, end))
		return false;
	*data = 0;
	return true;
}

/*
 * Returns whether x0top's XDP chain dropped this packet, or its classifier: the kernel frees it on the same CPU
 * right after, as an sk_buff around the frame that they saw.
 */
static __always_inline bool x0top_dropped(const struct sk_buff___x0 *packet)
{
	struct xdp_packet *chain = bpf_map_lookup_elem(&xdp_packet, &(__u32) { 0 });
	struct class_dropped *class = bpf_map_lookup_elem(&class_dropped, &(__u32) { 0 });

	return (chain && is_last(packet, &chain->dropped)) ||
	       (class && is_last(packet, &class->data));
}

/* Keeps the name of the function at an address, which only the kernel may read. */
static __always_inline void name_function(__u64 location)
{
	static const char format[] = "%ps";
	struct net_function function = {};

	bpf_snprintf(function.name, sizeof(function.name), format, &location, sizeof(location));
	bpf_map_update_elem(&net_functions, &location, &function, BPF_NOEXIST);
}

static __always_inline void count_drop(
	struct net_counts *all, __u32 reason, __u64 location, const bool named)
{
	struct net_drop drop = { .location = location, .reason = drop_index(reason) };
	__u64 *packets = bpf_map_lookup_elem(&net_drops, &drop), none = 0;

	if (!packets) {
		bpf_map_update_elem(&net_drops, &drop, &none, BPF_NOEXIST);
		packets = bpf_map_lookup_elem(&net_drops, &drop);
		if (packets && named)
			name_function(location);
	}
	if (packets)
		(*packets)++;
	else
		all->drops_elsewhere[drop_index(
			reason)]++; /* before 6.13, no bounds survive in `drop` */
}

static __always_inline void drop_event(struct net_counts *all, const struct sk_buff___x0 *packet,
	__u32 reason, const struct whereabouts *where)
{
	struct event *event = net_event(all, EVENT_DROP);

	if (!event)
		return;
	event->net.reason = reason;
	event->net.bytes = packet->len;
	event->ifindex = where->ifindex;
	flow_from_packet(&event->net.flow, packet);
	event_submit(event);
}

/* Since 5.17. Arguments: packet, location, reason. */
PROGRAM("kfree_skb", drop_with_reason)
{
	const struct sk_buff___x0 *packet = (const void *)context[0];
	__u32 reason = (__u32)context[2];
	__u8 kind = drop_kinds[drop_index(reason)];
	struct whereabouts where;

	if (kind == DROP_NONE || is_empty(packet))
		return;
	where = whereabouts(packet);
	if (where.netns != netns_inum)
		return;
	if (x0top_dropped(packet)) {
		all->dropped_by_x0top++;
		return;
	}
	count_drop(all, reason, context[1], true);
	if (kind == DROP_NOTABLE)
		drop_event(all, packet, reason, &where);
}

/*
 * Before 5.17, drops and leftovers of closed sockets look alike: counts them, sends no event. Names no
 * function: bpf_snprintf() is there since 5.13.
 */
PROGRAM("kfree_skb", drop_without_reason)
{
	const struct sk_buff___x0 *packet = (const void *)context[0];

	if (is_empty(packet) || whereabouts(packet).netns != netns_inum)
		return;
	if (x0top_dropped(packet))
		all->dropped_by_x0top++;
	else
		count_drop(all, 0, context[1], false);
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

	if (!(socket ? socket_is_watched(socket)
		     : packet && whereabouts(packet).netns == netns_inum))
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
