/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the class of a packet: by its flow, or by the operator's lines. See tc_classifier.h. */
#ifndef X0_CLASS_LOOKUP_BPF_H
#define X0_CLASS_LOOKUP_BPF_H

#define MESH_MAP(name) class_##name
#define MESH_SMALL
#define MESH_OWN_KIND

#include "mesh_flow.bpf.h"
#include "mesh_rows.bpf.h"
#include "tc_classifier.h"

struct class_head_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	/* Sizes: see struct mesh_lines_map. */
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct mesh_near));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct class_head_map);
} class_set SEC(".maps");

/* Only user space looks at it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct class_bank);
} class_bank SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1 << CLASS_FLOWS_BITS);
	__type(key, __u32);
	__type(value, struct class_flow);
} class_flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct class_scratch);
} class_scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4 * (CLASS_CGROUPS_MAX + 1)); /* two generations, and room */
	__type(key, struct class_cgroup_key);
	__type(value, __u32);
} class_cgroups SEC(".maps");

/* Set by user space where the kernel tells the cgroup of a packet. */
const volatile bool class_by_cgroup = false;

/* Set by user space where it asks which line decides about a packet, which no process has sent: its mark is the number
 * of the cgroup. */
const volatile bool class_telling = false;

/* --- deciding ------------------------------------------------------------------------------------ */

/*
 * Functions that are no others' part are walked through once by verifiers, whatever they are called with: so this
 * is small for them, and slower, which is for the first packet of a flow alone. Only numbers are passed.
 */

/* Finds the lines in force. Returns false without any. */
static __always_inline bool class_lines_find(struct mesh_lines *lines)
{
	__u32 zero = 0;
	void *set = bpf_map_lookup_elem(&class_set, &zero);

	if (!set)
		return false;
	lines->head = bpf_map_lookup_elem(set, &zero);
	return lines->head && mesh_lines_open(lines);
}

__noinline __u64 class_narrow(__u32 first, __u32 buckets, __u64 key)
{
	const struct mesh_table table = { .first = first, .buckets = buckets };
	struct mesh_lines lines = {};

	return class_lines_find(&lines) ? mesh_find_narrow(&lines, &table, key) : 0;
}

static __always_inline __u64 class_find_narrow(
	const struct mesh_lines *lines, const struct mesh_table *table, __u64 key)
{
	return class_narrow(table->first, table->buckets, key);
}

/* Returns the class, and above it whether the key was found. */
__noinline __u64 class_wide(__u32 first, __u32 buckets, __u64 high, __u64 low, __u64 length)
{
	const struct mesh_table table = { .first = first, .buckets = buckets };
	struct mesh_lines lines = {};
	__u64 class = 0, found;

	if (!class_lines_find(&lines))
		return 0;
	found = mesh_find_wide(&lines, &table, high, low, length, &class);
	return class | (found & MESH_FOUND);
}

static __always_inline __u64 class_find_wide(const struct mesh_lines *lines,
	const struct mesh_table *table, __u64 high, __u64 low, __u64 length, __u64 *class)
{
	__u64 word = class_wide(table->first, table->buckets, high, low, length);

	*class |= word & 0xffff;
	return 0 - (word >> 16 & 1);
}

static __always_inline struct class_scratch *class_scratch_find(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&class_scratch, &zero);
}

/* Finds the packet's line of its source, or of its destination: `dimension`. */
__noinline int class_find_address(__u32 dimension)
{
	struct class_scratch *scratch = class_scratch_find();
	struct mesh_lines lines = {};
	const struct mesh_table *tables;
	const __u32 *address;
	__u64 row, second = dimension & 1;

	if (!scratch || !class_lines_find(&lines))
		return 0;
	row = MESH_ALL_LINE;
	tables = mesh_index(&lines)->tables + second * (MESH_DESTINATION4 - MESH_SOURCE4);
	address = scratch->headers.source6 + second * 4;
	if (lines.head->dimensions & 1 << dimension)
		row = lines.head->classes[dimension & 1] +
		      (mesh_class_address(&lines, &scratch->headers, address, tables) & 0xffff);
	scratch->recent.rows[second] = row;
	return 1;
}

#define CLASS_FIND(dimension) mesh_find_row(&lines, headers, kind, dimension, recent)

/* Finds the packet's line in each dimension. Returns whether there are lines. */
__noinline int class_find_rows(void)
{
	struct class_scratch *scratch = class_scratch_find();
	const struct packet_headers *headers;
	struct mesh_lines lines = {};
	struct mesh_recent *recent;
	__u32 kind;

	if (!scratch || !class_lines_find(&lines))
		return 0;
	headers = &scratch->headers;
	recent = &scratch->recent;
	kind = headers->flags & CLASS_PACKET_SENT
		       ? CLASS_KIND_EGRESS + CLASS_PACKET_CGROUP(headers->flags)
		       : CLASS_KIND_INGRESS;
	kind = mesh_forget(&lines, kind);
	CLASS_FIND(MESH_BY_MAC);
	CLASS_FIND(MESH_BY_PROTOCOL);
	CLASS_FIND(MESH_BY_SOURCE_PORT);
	CLASS_FIND(MESH_BY_DESTINATION_PORT);
	CLASS_FIND(MESH_BY_ETHERTYPE);
	CLASS_FIND(MESH_BY_VLAN);
	CLASS_FIND(MESH_BY_INTERFACE);
	CLASS_FIND(MESH_BY_READABLE);
	return class_find_address(MESH_BY_SOURCE) && class_find_address(MESH_BY_DESTINATION);
}

/* Returns the place of the first rule that is in all rows of the packet, or MESH_NOWHERE. */
static __always_inline __u32 class_first(
	const struct mesh_lines *lines, const struct class_scratch *scratch)
{
	__u32 words = lines->head->words;
	__u64 rules = 0, first = 0;

	for (__u32 word = 0; word < CLASS_RULES_MAX / 64; word++) {
		if (word >= words)
			break;
		rules = ~0ULL;
		for (__u32 i = 0; i < MESH_DIMENSIONS; i++) {
			rules &= mesh_u64(lines, scratch->recent.rows[i], word);
			rules = mesh_forget(lines, rules);
		}
		first = mesh_forget(lines, word * 64);
		if (rules)
			break;
	}
	return mesh_place(rules, first & (MESH_NOWHERE - 1));
}

/* Decides about the packet in the scratch. Returns what decided, or MESH_NO_RULE. */
__noinline int class_decide(void)
{
	struct class_scratch *scratch = class_scratch_find();
	struct mesh_lines lines = {};
	__u32 place;

	if (!scratch || !class_find_rows() || !class_lines_find(&lines))
		return MESH_NO_RULE;
	place = class_first(&lines, scratch);
	if (place >= MESH_NOWHERE)
		return MESH_NO_RULE;
	return mesh_u32(&lines, lines.head->decisions + 1, place) & 0xffff;
}

/* --- flows --------------------------------------------------------------------------------------- */

/* Words of struct packet_headers, and where these fields lie in them. */
enum {
	CLASS_WORD_FLAGS = 0, /* flags below, the code point above */
	CLASS_WORD_MAC = 2, /* the MAC address below, the VLAN above */
	CLASS_DSCP_SHIFT = 56,
	CLASS_VLAN_SHIFT = 48,
};

#define CLASS_MAC_MASK 0xffffffffffffULL

/* Adds what lines look at and the parser does not know. By words, as flows are looked for: a load that spans several
 * stores has to wait for them. */
static __always_inline void class_complete_headers(
	struct __sk_buff *skb, bool sent, struct packet_headers *headers)
{
	__u64 flags = headers->words[CLASS_WORD_FLAGS];
	__u64 vlan = headers->words[CLASS_WORD_MAC] & ~CLASS_MAC_MASK, mac = CLASS_MAC_MASK;

	if (sent)
		flags |= CLASS_PACKET_SENT;
	/* A tag that the kernel keeps beside the packet is the outermost. */
	if (skb->vlan_present) {
		flags |= PACKET_VLAN;
		vlan = (__u64)(skb->vlan_tci & 0xfff) << CLASS_VLAN_SHIFT;
	}
	if (flags & PACKET_ADDRESS)
		mac = (__u64)CLASS_DSCP_KEY << 32 | flags >> CLASS_DSCP_SHIFT << 40;
	headers->words[CLASS_WORD_FLAGS] = flags;
	headers->words[CLASS_WORD_MAC] = mac | vlan;
}

/* Returns the flags for the innermost cgroup of a sent packet's process that lines name. */
static __always_inline __u32 class_cgroup_flags(
	struct __sk_buff *skb, const struct mesh_lines *lines)
{
	struct class_cgroup_key key = { .generation = lines->head->generation };
	__u32 levels = lines->head->dimensions;

#pragma unroll
	for (int level = CLASS_CGROUP_LEVELS; level > 0; level--) {
		const __u32 *number;

		if (!(levels & CLASS_BY_CGROUP(level)))
			continue;
		key.id = bpf_skb_ancestor_cgroup_id(skb, level);
		number = key.id ? bpf_map_lookup_elem(&class_cgroups, &key) : 0;
		if (number)
			return CLASS_CGROUP_FLAGS(*number & CLASS_CGROUPS_MAX);
	}
	return 0;
}

static __always_inline bool class_flow_is(const struct class_flow *flow, const __u64 *key)
{
	__u64 differs = 0;

#pragma unroll
	for (int i = 0; i < MESH_FLOW_WORDS; i++)
		differs |= flow->key[i] ^ key[i];
	return !differs;
}

/* Decides about the first packet of a flow, and keeps its class. */
static __always_inline __u32 class_begin_flow(struct class_scratch *scratch,
	const struct mesh_lines *lines, const __u64 *key, struct class_flow *flow)
{
	__u32 decision = class_decide() & 0xffff;
	__u32 class = decision == MESH_NO_RULE ? CLASS_BEST_EFFORT : CLASS_OF_DECISION(decision);

	if (class_telling)
		scratch->decision = decision;
#pragma unroll
	for (int i = 0; i < MESH_FLOW_WORDS; i++)
		flow->key[i] = key[i];
	flow->class = class;
	flow->generation = lines->head->generation;
	return class;
}

/* Returns the number of the class of the packet in the scratch, which may be any number. */
static __always_inline __u32 class_of(
	struct __sk_buff *skb, bool sent, struct class_scratch *scratch)
{
	__u32 zero = 0, slot;
	void *set = bpf_map_lookup_elem(&class_set, &zero);
	struct mesh_lines lines = {};
	__u64 key[MESH_FLOW_WORDS];
	struct class_flow *flow;

	if (!set)
		return CLASS_BEST_EFFORT;
	lines.head = bpf_map_lookup_elem(set, &zero);
	if (!lines.head)
		return CLASS_BEST_EFFORT;
	class_complete_headers(skb, sent, &scratch->headers);
	if (class_telling && sent)
		scratch->headers.flags |= CLASS_CGROUP_FLAGS(skb->mark & CLASS_CGROUPS_MAX);
	else if (class_by_cgroup && sent && lines.head->dimensions & CLASS_BY_CGROUPS)
		scratch->headers.flags |= class_cgroup_flags(skb, &lines);
	mesh_flow_key(&lines, &scratch->headers, 0, key);
	slot = mesh_flow_hash(&lines, key);
	flow = bpf_map_lookup_elem(&class_flows, &slot);
	if (!flow)
		return CLASS_BEST_EFFORT;
	if (flow->generation == lines.head->generation && class_flow_is(flow, key) &&
		!class_telling)
		return flow->class;
	return class_begin_flow(scratch, &lines, key, flow);
}

#endif
