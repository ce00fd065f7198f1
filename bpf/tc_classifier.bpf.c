// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counts packets by traffic class: see tc_classifier.h. Changes traffic where class_act.h says so. */
#include "tc_classifier.h"
#include "class_act.bpf.h"
#include "class_dropped.bpf.h"
#include "class_lookup.bpf.h"
#include "interfaces.bpf.h"
#include "license.bpf.h"
#include "run_stats.bpf.h"
#include "tc_parse.bpf.h"

#include <linux/pkt_cls.h>

INTERFACES_TABLE(tc_interfaces);

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
 * Counts sent packets with the headers of each later GSO segment, received ones as they are: there
 * wire_len lacks the Ethernet header, and GRO has removed the other headers.
 */
static __always_inline __u32 frame_bytes(struct __sk_buff *skb, enum traffic_direction direction)
{
	return direction == DIRECTION_EGRESS ? skb->wire_len : skb->len;
}

/*
 * Parses a packet that is not usual, into the scratch. No other function's part: verifiers walk through it once,
 * and what follows once, not for each way through the parser.
 */
__noinline int class_parse(struct __sk_buff *skb, __u32 raw_ip)
{
	struct class_scratch *scratch = class_scratch_find();

	if (!scratch)
		return 0;
	tc_parse_any(skb, raw_ip, &scratch->headers);
	return 1;
}

static __always_inline int classify(struct __sk_buff *skb, enum traffic_direction direction)
{
	const struct interface_entry *interface = interfaces_lookup(&tc_interfaces, skb->ifindex);
	struct class_scratch *scratch = class_scratch_find();
	struct packet_headers *headers;
	struct tc_interface_counters *counters;
	struct traffic_count *count;
	__u64 class, packets;
	__u32 slot, raw_ip;

	if (!interface || !scratch)
		return TC_ACT_UNSPEC;
	/* In a map: of what is on the stack, verifiers would follow each way through the parser on. */
	headers = &scratch->headers;
	slot = interface->slot;
	raw_ip = interface->flags & INTERFACE_RAW_IP;
	if (!tc_parse_usual(skb, raw_ip, headers))
		class_parse(skb, raw_ip);
	class = class_of(skb, direction == DIRECTION_EGRESS, scratch);
	/* Lest clang computes with what it knows of the class, which the verifier does not. */
	asm volatile("" : "+r"(class));
	if (class >= TRAFFIC_CLASSES)
		class = CLASS_BEST_EFFORT;
	counters = bpf_map_lookup_elem(&tc_counters, &slot);
	if (!counters)
		return TC_ACT_UNSPEC;
	count = &counters->classes[direction][class];
	packets = skb->gso_segs ? skb->gso_segs : 1;
	if (skb->vlan_present || headers->flags & PACKET_VLAN)
		counters->vlan[direction] += packets;
	count->packets += packets;
	count->bytes += frame_bytes(skb, direction);
	if (!class_acting)
		return TC_ACT_UNSPEC;
	return class_act(
		skb, slot, CLASS_ACT_PLACE(direction, class), raw_ip, frame_bytes(skb, direction));
}

/* Tells who counts what the kernel frees that this packet is x0top's to answer for. */
static __always_inline void note_drop(struct __sk_buff *skb)
{
	struct class_dropped *dropped = bpf_map_lookup_elem(&class_dropped, &(__u32) { 0 });

	if (dropped)
		dropped->data = (__u64)(long)skb->data;
}

static __always_inline int run(struct __sk_buff *skb, enum traffic_direction direction)
{
	struct run_stats *runs = bpf_map_lookup_elem(&tc_runs, &(__u32) { 0 });
	int verdict;

	if (!runs)
		return TC_ACT_UNSPEC;
	run_begin(runs);
	verdict = classify(skb, direction);
	if (class_acting && verdict == TC_ACT_SHOT)
		note_drop(skb);
	run_end(runs);
	return verdict;
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
