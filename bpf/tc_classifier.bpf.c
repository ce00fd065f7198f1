// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counts packets by traffic class: see tc_classifier.h. Never changes traffic. */
#include "tc_classifier.h"
#include "interfaces.bpf.h"
#include "license.bpf.h"
#include "run_stats.bpf.h"
#include "tc_parse.bpf.h"

#include <linux/pkt_cls.h>

INTERFACES_TABLE(tc_interfaces);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct class_table);
} class_table SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CLASS_PORTS_MAX);
	__type(key, struct class_port);
	__type(value, __u8);
} class_ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CLASS_ETHERTYPES_MAX);
	__type(key, __be16);
	__type(value, __u8);
} class_ethertypes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, INTERFACE_SLOTS_MIN);
	__type(key, __u32);
	__type(value, struct tc_interface_counters);
} tc_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct run_stats);
} tc_runs SEC(".maps");

/*
 * Masks an index where it is used: verifiers of 5.10 and 6.1 forget the bounds of values that clang
 * keeps on the stack meanwhile.
 */
static __always_inline __u64 bounded(__u64 index, const __u64 size)
{
	asm volatile("" : "+r"(index));
	return index & (size - 1);
}

static __always_inline __u8 class_of_port(
	const struct class_table *table, const struct packet_headers *headers, __be16 port)
{
	struct class_port key = { .port = port, .protocol = headers->protocol };
	__u64 number = bpf_ntohs(port);
	const __u8 *class;

	if (!(table->ports[bounded(number / 64, CLASS_PORT_WORDS)] >> number % 64 & 1))
		return CLASS_NONE;
	class = bpf_map_lookup_elem(&class_ports, &key);
	return class ? *class : CLASS_NONE;
}

static __always_inline __u8 class_of_ports(
	const struct class_table *table, const struct packet_headers *headers)
{
	__u8 class = class_of_port(table, headers, headers->destination_port);

	return class ? class : class_of_port(table, headers, headers->source_port);
}

static __always_inline __u8 class_of_ethertype(const struct class_table *table, __be16 ethertype)
{
	const __u8 *class;

	if (ethertype == bpf_htons(ETH_P_IP))
		return table->ipv4;
	if (ethertype == bpf_htons(ETH_P_IPV6))
		return table->ipv6;
	class = bpf_map_lookup_elem(&class_ethertypes, &ethertype);
	return class ? *class : CLASS_NONE;
}

static __always_inline __u8 class_of_ip(
	const struct class_table *table, const struct packet_headers *headers)
{
	__u8 class = table->dscp[bounded(headers->dscp, sizeof(table->dscp))];

	return class ? class : table->protocol[bounded(headers->protocol, sizeof(table->protocol))];
}

static __always_inline __u8 class_of(const struct packet_headers *headers)
{
	__u32 zero = 0;
	const struct class_table *table = bpf_map_lookup_elem(&class_table, &zero);
	__u8 class;

	if (!table)
		return CLASS_NONE;
	class = class_of_ethertype(table, headers->ethertype);
	if (!class && headers->flags & PACKET_PORTS)
		class = class_of_ports(table, headers);
	if (!class && headers->flags & PACKET_ADDRESS)
		class = class_of_ip(table, headers);
	return class;
}

/*
 * Counts sent packets with the headers of each later GSO segment, received ones as they are: there
 * wire_len lacks the Ethernet header, and GRO has removed the other headers.
 */
static __always_inline __u32 frame_bytes(struct __sk_buff *skb, enum traffic_direction direction)
{
	return direction == DIRECTION_EGRESS ? skb->wire_len : skb->len;
}

static __always_inline void classify(struct __sk_buff *skb, enum traffic_direction direction)
{
	const struct interface_entry *interface = interfaces_lookup(&tc_interfaces, skb->ifindex);
	struct packet_headers headers = {};
	struct tc_interface_counters *counters;
	struct traffic_count *count;
	__u64 class, packets;
	__u32 slot;

	if (!interface)
		return;
	slot = interface->slot;
	tc_parse(skb, interface->flags & INTERFACE_RAW_IP, &headers);
	class = class_of(&headers);
	if (class == CLASS_NONE)
		class = CLASS_BEST_EFFORT;
	/* Keeps clang from folding the two checks into one without bounds for the verifier. */
	asm volatile("" : "+r"(class));
	if (class >= TRAFFIC_CLASSES)
		class = CLASS_BEST_EFFORT;
	counters = bpf_map_lookup_elem(&tc_counters, &slot);
	if (!counters)
		return;
	count = &counters->classes[direction][class];
	packets = skb->gso_segs ? skb->gso_segs : 1;
	if (skb->vlan_present || headers.flags & PACKET_VLAN)
		counters->vlan[direction] += packets;
	count->packets += packets;
	count->bytes += frame_bytes(skb, direction);
}

static __always_inline int run(struct __sk_buff *skb, enum traffic_direction direction)
{
	struct run_stats *runs = bpf_map_lookup_elem(&tc_runs, &(__u32) { 0 });

	if (!runs)
		return TC_ACT_UNSPEC;
	run_begin(runs);
	classify(skb, direction);
	run_end(runs);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int tc_ingress(struct __sk_buff *skb)
{
	return run(skb, DIRECTION_INGRESS);
}

SEC("tc")
int tc_egress(struct __sk_buff *skb)
{
	return run(skb, DIRECTION_EGRESS);
}
