/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Looks a packet up in the compiled rules: see mesh_tables.h. */
#ifndef X0_MESH_LOOKUP_BPF_H
#define X0_MESH_LOOKUP_BPF_H

#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "xdp_chain.h"
#include "xdp_mesh_filter.h"

struct mesh_lines_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_INNER_MAP | BPF_F_MMAPABLE);
	/* Sizes: of a struct that only a pointer of a pointer leads to, clang's BTF lacks the size. */
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct mesh_page));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, MESH_BANKS);
	__type(key, __u32);
	__array(values, struct mesh_lines_map);
} mesh_lines SEC(".maps");

/* The lines of one set, and what of it every lookup needs. */
struct mesh_lines {
	void *map;
	const struct mesh_head *head;
	const struct mesh_index *index;
	__u64 *survivors; /* rules that no dimension has ruled out: MESH_LINE_WORDS */
	__u32 switched; /* how often a rule of this set was turned on or off */
	__u64 expired; /* rules that have expired */
	__u64 holding; /* line of those that hold */
};

/*
 * Keeps clang from folding what the verifier would then follow value by value: paths that differ only
 * in `value` are walked once.
 */
static __always_inline __u64 mesh_forget(const struct mesh_lines *lines, __u64 value)
{
	__u64 zero = 0;

#ifdef __bpf__
	asm volatile("%0 = *(u64 *)(%1 + 0)\n\t%0 -= %0"
		     : "=&r"(zero)
		     : "r"(lines->head)
		     : "memory");
#endif
	return value + zero;
}

/* Finds the lines. Returns false never, but the verifier wants a check. */
static __always_inline bool mesh_lines_open(struct mesh_lines *lines)
{
	__u32 bank = lines->head->bank, first = 0;
	const struct mesh_page *page;

	lines->map = bpf_map_lookup_elem(&mesh_lines, &bank);
	if (!lines->map)
		return false;
	page = bpf_map_lookup_elem(lines->map, &first);
	if (!page)
		return false;
	lines->index = (const void *)&page->lines[MESH_INDEX_LINE];
	return true;
}

/*
 * Returns a line. Each by a lookup of its own, also from the first element: to the verifier of 7.3, which tells
 * pointers of one lookup from those of several, each choice between the two would double its ways.
 */
static __always_inline const struct mesh_line *mesh_line(
	const struct mesh_lines *lines, __u32 number)
{
	__u32 element = number / MESH_PAGE_LINES;
	const struct mesh_page *page = bpf_map_lookup_elem(lines->map, &element);

	if (!page)
		return NULL;
	/* Now: clang would compute with what may be NULL. */
	asm volatile("" : "+r"(page));
	return &page->lines[number % MESH_PAGE_LINES];
}

/* Returns the words of a bucket, half a line, or NULL. */
static __always_inline const __u64 *mesh_bucket(
	const struct mesh_lines *lines, const struct mesh_table *table, __u32 hash)
{
	__u32 bucket = hash & table->mask;
	const struct mesh_line *line = mesh_line(lines, table->first + (bucket >> 1));

	return line ? line->words + (bucket & 1) * (MESH_LINE_WORDS / 2) : NULL;
}

/* Returns the word of a key, or `none`. An empty word is that of key 0 with class 0. */
static __always_inline __u64 mesh_find_narrow(
	const struct mesh_lines *lines, const struct mesh_table *table, __u64 key)
{
	__u64 found = mesh_forget(lines, 0);

#pragma unroll
	for (int choice = 0; choice < 2; choice++) {
		const __u64 *words = mesh_bucket(
			lines, table, MESH_NARROW_HASH(lines->head->multipliers, key, choice));
		if (!words)
			return found;
#pragma unroll
		for (int i = 0; i < MESH_NARROW_WAYS; i++)
			if (words[i] >> 16 == key)
				return words[i];
		if (!table->mask) /* one bucket */
			break;
	}
	return found;
}

static __always_inline const struct mesh_wide *mesh_find_wide(const struct mesh_lines *lines,
	const struct mesh_table *table, __u64 high, __u64 low, __u64 length)
{
#pragma unroll
	for (int choice = 0; choice < 2; choice++) {
		const struct mesh_wide *entries = (const void *)mesh_bucket(lines, table,
			MESH_WIDE_HASH(lines->head->multipliers, high, low, length, choice));
		if (!entries)
			return NULL;
#pragma unroll
		for (int i = 0; i < MESH_WIDE_WAYS; i++)
			if (entries[i].high == high && entries[i].low == low &&
				entries[i].length == length)
				return &entries[i];
	}
	return NULL;
}

/* Returns the class of an IPv4 address. */
static __always_inline __u32 mesh_class4(
	const struct mesh_lines *lines, const struct mesh_table *table, __be32 address)
{
	const struct mesh_line *tree = mesh_line(lines, table->tree);
	__u64 class = table->shortest, node = mesh_forget(lines, 0);

	if (!tree)
		return class;
	for (int depth = 0; depth < MESH_TREE_DEPTH; depth++) {
		__u64 length, word;

		if (node >= MESH_TREE_NODES)
			break;
		length = ((const __u8 *)tree)[node];
		if (!length)
			break;
		word = mesh_find_narrow(lines, table,
			MESH_KEY4(bpf_ntohl(address) & (~0U << ((32 - length) & 31)), length));
		node = 2 * node + 1;
		if (word) {
			class = word & 0xffff;
			node++;
		}
		node = mesh_forget(lines, node) & 0xff;
	}
	return class;
}

static __always_inline __u64 mesh_load64(const __u32 *words)
{
	return (__u64)bpf_ntohl(words[0]) << 32 | bpf_ntohl(words[1]);
}

/* Returns the class of an IPv6 address. */
static __always_inline __u32 mesh_class6(
	const struct mesh_lines *lines, const struct mesh_table *table, const __u32 *address)
{
	const struct mesh_line *tree = mesh_line(lines, table->tree);
	__u64 class = table->shortest, node = mesh_forget(lines, 0);
	__u64 high = mesh_load64(address), low = mesh_load64(address + 2);

	if (!tree)
		return class;
	for (int depth = 0; depth < MESH_TREE_DEPTH; depth++) {
		const struct mesh_wide *found;
		__u64 length, mask;

		if (node >= MESH_TREE_NODES)
			break;
		length = ((const __u8 *)tree)[node];
		if (!length)
			break;
		mask = ~0ULL << ((0 - length) & 63);
		found = mesh_find_wide(lines, table, length < 64 ? high & mask : high,
			length <= 64 ? 0 : low & mask, length);
		node = 2 * node + 1;
		if (found) {
			class = found->class;
			node++;
		}
		node = mesh_forget(lines, node) & 0xff;
	}
	return class;
}

/* Returns the class of a number from a table by number. */
static __always_inline __u32 mesh_class_direct(
	const struct mesh_lines *lines, __u32 direct, __u32 number)
{
	const struct mesh_direct *table = &lines->index->directs[direct];
	const struct mesh_line *line = mesh_line(lines, table->index + (number >> 12));

	if (line)
		line = mesh_line(lines, table->first + ((const __u16 *)line)[number >> 6 & 63]);
	return line ? ((const __u16 *)line)[number & 63] : 0;
}

/* Begins with the rules that are on and hold. In memory: a pointer for each dimension is too much for 7.3. */
static __always_inline void mesh_begin(const struct mesh_lines *lines,
	const struct mesh_line *disabled, const struct mesh_line *holding)
{
	__u32 words = lines->head->words;

	for (__u32 i = 0; i < MESH_LINE_WORDS; i++) {
		if (i >= words)
			break;
		lines->survivors[i] = ~disabled->words[i] & holding->words[i];
	}
}

/* Rules out what is not in the line of a class. */
static __always_inline void mesh_narrow(
	const struct mesh_lines *lines, __u32 dimension, __u32 class)
{
	const struct mesh_line *line =
		mesh_line(lines, mesh_forget(lines, lines->head->classes[dimension] + class));
	__u32 words = lines->head->words;

	if (!line)
		return;
	for (__u32 i = 0; i < MESH_LINE_WORDS; i++) {
		if (i >= words)
			break;
		lines->survivors[i] &= line->words[i];
	}
}

static __always_inline __u32 mesh_class_address(const struct mesh_lines *lines,
	const struct packet_headers *headers, const __u32 *address, const struct mesh_table *tables)
{
	if (!(headers->flags & PACKET_ADDRESS))
		return 0;
	return headers->network == NETWORK_IPV4 ? mesh_class4(lines, &tables[0], *address)
						: mesh_class6(lines, &tables[1], address);
}

static __always_inline __u64 mesh_mac_key(const struct packet_headers *headers)
{
	return bpf_be64_to_cpu(headers->words[offsetof(struct packet_headers, source_mac) / 8]) >>
	       16;
}

/* Returns the enum mesh_kind of a packet: by what every key of a flow has. */
static __always_inline __u64 mesh_kind(
	const struct mesh_lines *lines, const struct packet_headers *headers)
{
	__u64 kind = headers->flags & PACKET_DHCP ? MESH_DHCP : MESH_READABLE;

	if (headers->flags & PACKET_DISCOVERY)
		kind = MESH_NEIGHBOUR_DISCOVERY;
	if (headers->network == NETWORK_ARP)
		kind = MESH_ARP;
	if (headers->flags & PACKET_HIDING)
		kind = MESH_UNREADABLE;
	return mesh_forget(lines, kind) & 7;
}

/* Returns the class of a packet in a dimension that rules look at. */
static __always_inline __u32 mesh_class(const struct mesh_lines *lines,
	const struct packet_headers *headers, __u32 kind, __u32 dimension)
{
	const struct mesh_table *tables = lines->index->tables;

	switch (dimension) {
	case MESH_BY_SOURCE:
		return mesh_class_address(lines, headers, headers->source6, &tables[MESH_SOURCE4]);
	case MESH_BY_DESTINATION:
		return mesh_class_address(
			lines, headers, headers->destination6, &tables[MESH_DESTINATION4]);
	case MESH_BY_MAC:
		return mesh_find_narrow(lines, &tables[MESH_MACS], mesh_mac_key(headers));
	case MESH_BY_PROTOCOL:
		return headers->flags & PACKET_ADDRESS
			       ? mesh_class_direct(lines, MESH_DIRECT_PROTOCOL, headers->protocol)
			       : 0;
	case MESH_BY_SOURCE_PORT:
		return headers->flags & PACKET_PORTS
			       ? mesh_class_direct(lines, MESH_DIRECT_SOURCE_PORT,
					 bpf_ntohs(headers->source_port))
			       : 0;
	case MESH_BY_DESTINATION_PORT:
		return headers->flags & PACKET_PORTS
			       ? mesh_class_direct(lines, MESH_DIRECT_DESTINATION_PORT,
					 bpf_ntohs(headers->destination_port))
			       : 0;
	case MESH_BY_ETHERTYPE:
		return mesh_find_narrow(
			lines, &tables[MESH_ETHERTYPES], bpf_ntohs(headers->ethertype));
	case MESH_BY_VLAN:
		return headers->flags & PACKET_VLAN
			       ? mesh_class_direct(lines, MESH_DIRECT_VLAN, headers->vlan & 0xfff)
			       : 0;
	case MESH_BY_INTERFACE:
		return mesh_find_narrow(lines, &tables[MESH_INTERFACES], headers->ifindex);
	}
	return kind;
}

/* Rules out by every dimension that rules look at. */
static __always_inline void mesh_narrow_all(
	const struct mesh_lines *lines, const struct packet_headers *headers, __u32 kind)
{
	__u32 used = lines->head->dimensions;

#pragma unroll
	for (int i = 0; i < MESH_DIMENSIONS; i++)
		if (used & 1 << i)
			mesh_narrow(lines, i, mesh_class(lines, headers, kind, i) & 0xffff);
}

/* Finds which rules hold. */
static __always_inline void mesh_find_holding(struct mesh_lines *lines, __u64 now)
{
	const struct mesh_expiry *expiry;
	__u64 low, high;

	if (now < lines->head->expires || !mesh_lines_open(lines))
		return;
	expiry = (const void *)mesh_line(lines, lines->head->expiry);
	if (!expiry)
		return;
	low = mesh_forget(lines, 0);
	high = expiry->n;
	for (int i = 0; i < MESH_EXPIRIES_DEPTH; i++) {
		__u64 middle = (low + high) >> 1;
		const struct mesh_line *times;

		if (low >= high)
			break;
		times = mesh_line(lines, expiry->times + (middle >> 4));
		if (!times)
			break;
		if (times->words[middle & 15] <= now)
			low = middle + 1;
		else
			high = middle;
		low = mesh_forget(lines, low);
		high = mesh_forget(lines, high);
	}
	lines->expired = low;
	lines->holding = expiry->holding + low - 1;
}

/* Returns the number of the lowest bit of a word that is not 0. Without branches: the verifier would
 * walk each of 64 ways. */
static __always_inline __u32 mesh_lowest_bit(__u64 word)
{
	__u64 below = (word & -word) - 1;

	below -= below >> 1 & 0x5555555555555555;
	below = (below & 0x3333333333333333) + (below >> 2 & 0x3333333333333333);
	below = (below + (below >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return below * 0x0101010101010101 >> 56;
}

#define MESH_NOWHERE 1024

/* Returns the place of the first survivor that decides, or MESH_NOWHERE. `deciding`: the rules that do. */
static __always_inline __u32 mesh_first(
	const struct mesh_lines *lines, const struct mesh_line *deciding)
{
	__u32 words = lines->head->words;
	__u64 word = 0, first = 0;

	for (__u32 i = 0; i < MESH_LINE_WORDS; i++) {
		if (i >= words)
			break;
		word = lines->survivors[i] & deciding->words[i];
		first = mesh_forget(lines, i * 64);
		if (word)
			break;
	}
	return word ? (first & 0x3ff) + mesh_lowest_bit(word) : MESH_NOWHERE;
}

/* Returns the counting rules that match before `place`: bits by their place in `counting`. */
static __always_inline __u32 mesh_counted(const struct mesh_lines *lines, __u64 place)
{
	const struct mesh_counting *counting =
		(const void *)mesh_line(lines, lines->head->counting);
	__u64 matched = mesh_forget(lines, 0), counts = lines->head->counts;

	if (!counting)
		return 0;
	/* By arithmetic: each branch would double what the verifier walks through. */
	for (__u32 i = 0; i < MESH_COUNTS_MAX; i++) {
		__u64 at = counting[i].place & 1023, before = at - place;

		if (i >= counts)
			break;
		before &= lines->survivors[at >> 6] >> (at & 63) << 63;
		matched |= before >> 63 << i;
		matched = mesh_forget(lines, matched);
	}
	return matched & 0xffff;
}

/* Decides about a packet by all rules but those of `disabled`. Sets id, action and counted of *flow. */
static __always_inline void mesh_decide(const struct mesh_lines *lines,
	const struct mesh_line *disabled, const struct packet_headers *headers, __u32 kind,
	struct mesh_flow *flow)
{
	const struct mesh_line *deciding = mesh_line(lines, lines->head->decisions);
	const struct mesh_line *holding = mesh_line(lines, lines->holding);
	const struct mesh_line *decisions;
	__u32 place;

	flow->id = MESH_NO_RULE;
	flow->action = kind >= MESH_ARP ? MESH_PASS : lines->head->policy;
	flow->counted = 0;
	if (!deciding || !holding || !disabled)
		return;
	mesh_begin(lines, disabled, holding);
	mesh_narrow_all(lines, headers, kind);
	place = mesh_first(lines, deciding);
	if (lines->head->counts)
		flow->counted = mesh_counted(lines, place);
	if (place >= MESH_NOWHERE)
		return;
	decisions = mesh_line(lines, lines->head->decisions + 1 + (place >> 5));
	if (decisions) {
		const struct mesh_decision *decision =
			&((const struct mesh_decision *)decisions)[place & 31];
		flow->id = decision->id;
		flow->action = decision->action;
	}
}

/* --- flows --------------------------------------------------------------------------------------- */

/* Writes what the rules look at, the rest 0; all if `whole` is ~0. */
static __always_inline void mesh_flow_key(const struct mesh_lines *lines,
	const struct packet_headers *headers, __u64 whole, __u64 *key)
{
	key[0] = (headers->words[0] | MESH_FLOW_WHOLE) &
		 (lines->head->masks[0] | (whole & MESH_FLOW_WHOLE_MASK));
#pragma unroll
	for (int i = 1; i < MESH_FLOW_WORDS; i++)
		key[i] = headers->words[i] & (lines->head->masks[i] | whole);
}

/* Returns what differs after each change of rules, and after each time at which one expires. */
static __always_inline __u32 mesh_generation(const struct mesh_lines *lines)
{
	return lines->head->generation + lines->switched + lines->expired;
}

/* Set by user space, with the entries of `mesh_flows`, 1 << bits. */
const volatile __u32 mesh_flows_bits = MESH_FLOWS_BITS;

static __always_inline __u32 mesh_flow_hash(const struct mesh_lines *lines, const __u64 *key)
{
	const __u64 *m = lines->head->multipliers;
	__u64 sum = 0;

#pragma unroll
	for (int i = 0; i < MESH_FLOW_WORDS; i++)
		sum += key[i] * m[i];
	return sum >> (64 - mesh_flows_bits);
}

static __always_inline bool mesh_flow_is(const struct mesh_flow *flow, const __u64 *key)
{
	__u64 differs = 0;

#pragma unroll
	for (int i = 0; i < MESH_FLOW_WORDS; i++)
		differs |= flow->key[i] ^ key[i];
	return !differs;
}

#endif
