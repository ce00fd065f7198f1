/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* BPF side of class_act.h: marks, drops, and chooses a queue, once the class of a packet is known. */
#ifndef X0_CLASS_ACT_BPF_H
#define X0_CLASS_ACT_BPF_H

#include <linux/pkt_cls.h>

#include "class_act.h"
#include "class_time.bpf.h"
#include "gcra.bpf.h"
#include "interfaces.bpf.h"
#include "packet_parse.bpf.h"
#include "tc_classifier.h"

/* Whether anything is done at all. */
const volatile bool class_acting = false;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, INTERFACE_SLOTS_MIN);
	__type(key, __u32);
	__type(value, struct class_acts);
} class_acts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CLASS_ACT_INDEX(INTERFACE_SLOTS_MIN, 0, 0));
	__type(key, __u32);
	__type(value, struct gcra_bucket);
} class_buckets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, CLASS_ACT_INDEX(INTERFACE_SLOTS_MIN, 0, 0));
	__type(key, __u32);
	__type(value, struct class_act_count);
} class_act_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct class_control);
} class_control SEC(".maps");

/* Both headers' fields that are looked at lie in their first ten bytes. */
enum {
	CLASS_ACT_IP_READ = 10,
	CLASS_ACT_PROTOCOL4 = 9,
	CLASS_ACT_PROTOCOL6 = 6,
	CLASS_ACT_CHECKSUM4 = 10,
	CLASS_ACT_LEN4 = 20,
	CLASS_ACT_LEN6 = 40,
	CLASS_ACT_ECN4 = 0x03, /* of the second byte */
	CLASS_ACT_TCP_OFFSET = 12,
	CLASS_ACT_UDP_LEN = 8,
};

struct class_act_ip {
	__u32 offset;
	__u8 version;
	__u8 bytes[CLASS_ACT_IP_READ];
};

/* Returns where the network header begins, behind VLAN tags in the frame, or a negative number. */
static __always_inline int class_act_network(struct __sk_buff *skb, bool raw_ip)
{
	__u32 offset = 2 * ETH_ALEN;
	__be16 type;

	if (raw_ip)
		return 0;
#pragma unroll
	for (int i = 0; i <= PACKET_VLAN_TAGS_MAX; i++) {
		if (bpf_skb_load_bytes(skb, offset, &type, sizeof(type)) < 0)
			return -1;
		offset += sizeof(type);
		if (type == bpf_htons(ETH_P_IP) || type == bpf_htons(ETH_P_IPV6))
			return offset;
		if (!packet_is_vlan(type))
			return -1;
		offset += 2;
	}
	return -1;
}

/*
 * Reads the IP header; returns whether there is one. Looks itself: what the parser has found would have to be
 * handed over, and make the verifier look at ten times as many states.
 */
static __always_inline bool class_act_read(
	struct __sk_buff *skb, bool raw_ip, struct class_act_ip *ip)
{
	int offset = class_act_network(skb, raw_ip);

	if (offset < 0 || bpf_skb_load_bytes(skb, offset, ip->bytes, sizeof(ip->bytes)) < 0)
		return false;
	ip->offset = offset;
	ip->version = ip->bytes[0] >> 4;
	if (ip->version == 4)
		return (ip->bytes[0] & 0xf) >= CLASS_ACT_LEN4 / 4 &&
		       skb->len - offset >= CLASS_ACT_LEN4;
	return ip->version == 6 && skb->len - offset >= CLASS_ACT_LEN6;
}

/* The sum of an IPv4 header covers what is changed: where the sum over a received packet is kept, both
 * changes cancel each other. */
static __always_inline bool class_act_mark4(
	struct __sk_buff *skb, const struct class_act_ip *ip, __u8 dscp)
{
	const __u8 *old = ip->bytes;
	__u8 new[2] = { old[0], (old[1] & CLASS_ACT_ECN4) | dscp << 2 };

	if (new[1] == old[1] || bpf_skb_store_bytes(skb, ip->offset, new, sizeof(new), 0) < 0)
		return false;
	return bpf_l3_csum_replace(skb, ip->offset + CLASS_ACT_CHECKSUM4,
		       (__u16)(old[0] | old[1] << 8), (__u16)(new[0] | new[1] << 8),
		       sizeof(__u16)) == 0;
}

/* IPv6 has no sum of its header, and what TCP and UDP sum leaves the traffic class out. */
static __always_inline bool class_act_mark6(
	struct __sk_buff *skb, const struct class_act_ip *ip, __u8 dscp)
{
	const __u8 *old = ip->bytes;
	__u8 new[2] = { (old[0] & 0xf0) | dscp >> 2, (old[1] & 0x3f) | dscp << 6 };

	if (new[0] == old[0] && new[1] == old[1])
		return false;
	return bpf_skb_store_bytes(skb, ip->offset, new, sizeof(new), BPF_F_RECOMPUTE_CSUM) == 0;
}

/* Returns whether the code point was another, and is the asked one now. */
static __always_inline bool class_act_mark(struct __sk_buff *skb, bool raw_ip, __u8 dscp)
{
	struct class_act_ip ip;

	if (!class_act_read(skb, raw_ip, &ip))
		return false;
	return ip.version == 4 ? class_act_mark4(skb, &ip, dscp) : class_act_mark6(skb, &ip, dscp);
}

/* Returns the bytes of headers that each segment but the first had before GRO joined them. */
static __always_inline __u64 class_act_headers(struct __sk_buff *skb, bool raw_ip)
{
	__u8 words = CLASS_ACT_UDP_LEN / 4 << 4;
	struct class_act_ip ip;
	bool tcp;

	if (!class_act_read(skb, raw_ip, &ip))
		return 0;
	tcp = ip.bytes[ip.version == 4 ? CLASS_ACT_PROTOCOL4 : CLASS_ACT_PROTOCOL6] == IPPROTO_TCP;
	ip.offset += ip.version == 4 ? (ip.bytes[0] & 0xf) * 4 : CLASS_ACT_LEN6;
	if (tcp && bpf_skb_load_bytes(skb, ip.offset + CLASS_ACT_TCP_OFFSET, &words, 1) < 0)
		return ip.offset;
	return ip.offset + (words >> 4) * 4;
}

/* Returns the bytes on the wire of a packet that counts as `bytes`. */
static __always_inline __u64 class_act_wire(
	struct __sk_buff *skb, __u32 direction, bool raw_ip, __u64 bytes)
{
	__u32 segments = skb->gso_segs;

	if (direction == DIRECTION_EGRESS || segments < 2)
		return bytes;
	return bytes + (segments - 1) * class_act_headers(skb, raw_ip);
}

/*
 * Returns whether a packet is within the rate. All CPUs share the bucket, so that the rate is exact over them; each
 * takes a part of its burst at once, as the clock and the lock cost more than all else. Of small bursts a part is less
 * than a packet, and each asks.
 */
static __always_inline bool class_act_admits(
	const struct class_act *act, struct class_act_count *count, __u64 bytes, __u32 index)
{
	__u64 cost = gcra_cost(act->price, bytes), part = act->burst / CLASS_ACT_PARTS, tick;
	struct gcra_bucket *bucket;

	if (cost <= count->credit) {
		count->credit -= cost;
		return true;
	}
	tick = bpf_jiffies64() + 1;
	if (count->denied == tick && act->burst >= CLASS_ACT_TICKS)
		return false;
	bucket = bpf_map_lookup_elem(&class_buckets, &index);
	if (part < cost)
		part = cost;
	if (bucket && !gcra_admits(bucket, act->burst, part)) {
		count->denied = tick;
		return false;
	}
	count->credit += part - cost;
	return true;
}

static __always_inline __u32 class_act_segments(const struct __sk_buff *skb)
{
	return skb->gso_segs ? skb->gso_segs : 1;
}

/* Returns TC_ACT_UNSPEC, or TC_ACT_SHOT for a packet beyond the rate. */
static __always_inline int class_act_police(struct __sk_buff *skb, const struct class_act *act,
	__u32 index, __u32 direction, bool raw_ip, __u64 bytes)
{
	struct class_act_count *count = bpf_map_lookup_elem(&class_act_counts, &index);

	if (!count ||
		class_act_admits(act, count, class_act_wire(skb, direction, raw_ip, bytes), index))
		return TC_ACT_UNSPEC;
	count->dropped += class_act_segments(skb);
	count->dropped_bytes += bytes;
	return TC_ACT_SHOT;
}

static __always_inline void class_act_mark_counted(
	struct __sk_buff *skb, bool raw_ip, const struct class_act *act, __u32 index)
{
	struct class_act_count *count;

	if (act->mark_priority)
		skb->priority = act->mark_priority - 1;
	if (!class_act_mark(skb, raw_ip, act->dscp))
		return;
	count = bpf_map_lookup_elem(&class_act_counts, &index);
	if (count)
		count->marked += class_act_segments(skb);
}

/* Gives a packet that is sent its time, by the class that shapes it. Returns TC_ACT_UNSPEC, or TC_ACT_SHOT. */
static __always_inline int class_act_time(struct __sk_buff *skb, const struct class_acts *acts,
	const struct class_act *act, __u32 slot, __u32 class, __u64 bytes)
{
	__u32 index, segments = class_act_segments(skb), number = class;
	struct class_act_count *count;
	enum class_departure departure;

	if (!(act->modes & CLASS_ACT_SHAPE))
		number = acts->fallback;
	asm volatile("" : "+r"(number));
	number %= CLASS_ACT_PLACES;
	index = CLASS_ACT_INDEX(slot, DIRECTION_EGRESS, number);
	count = bpf_map_lookup_elem(&class_act_counts, &index);
	if (!count)
		return TC_ACT_UNSPEC;
	departure = class_depart(skb, &acts->timings[number], acts, slot, number, bytes);
	if (departure == CLASS_LATE) {
		count->late += segments;
		count->late_bytes += bytes;
		return TC_ACT_SHOT;
	}
	count->sent_bytes += bytes;
	if (departure == CLASS_BORROWED)
		count->borrowed += segments;
	return TC_ACT_UNSPEC;
}

/*
 * Does what is asked for a class, whose place is CLASS_ACT_PLACE(); `bytes` are as counted. Returns
 * TC_ACT_UNSPEC, or TC_ACT_SHOT. A function of its own, which the verifier looks at once and not for each path
 * to its call.
 */
static __noinline int class_act(
	struct __sk_buff *skb, __u32 slot, __u32 place, __u32 raw_ip, __u64 bytes)
{
	__u32 direction = place / CLASS_ACT_PLACES, class = place % CLASS_ACT_PLACES;
	__u32 index = CLASS_ACT_INDEX(slot, direction, class), modes;
	const struct class_acts *acts = bpf_map_lookup_elem(&class_acts, &slot);
	const struct class_act *act;

	if (!acts || !acts->modes)
		return TC_ACT_UNSPEC;
	asm volatile("" : "+r"(place));
	act = &acts->classes[place % (TRAFFIC_DIRECTIONS * CLASS_ACT_PLACES)];
	modes = act->modes & acts->modes;
	if (modes & CLASS_ACT_POLICE &&
		class_act_police(skb, act, index, direction, raw_ip, bytes) == TC_ACT_SHOT)
		return TC_ACT_SHOT;
	if (modes & CLASS_ACT_MARK)
		class_act_mark_counted(skb, raw_ip, act, index);
	if (direction != DIRECTION_EGRESS || !(acts->modes & CLASS_ACT_SHAPE))
		return TC_ACT_UNSPEC;
	if (acts->link_price)
		return class_act_time(skb, acts, act, slot, class, bytes);
	if (modes & CLASS_ACT_SHAPE && act->priority)
		skb->priority = act->priority;
	return TC_ACT_UNSPEC;
}

#endif
