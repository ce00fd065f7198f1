/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Looks a packet up in the compiled rules: see mesh_tables.h. */
#ifndef X0_MESH_LOOKUP_BPF_H
#define X0_MESH_LOOKUP_BPF_H

#include "mesh_rows.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MESH_BANKS * 2);
	__type(key, __u32);
	__type(value, struct mesh_line);
} mesh_disabled SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mesh_recent);
} mesh_recent SEC(".maps");

/* Returns the first word of a line that is near, all of whose bits `all` gets. */
static __always_inline __u64 mesh_row_word(const struct mesh_lines *lines, __u64 row, __u64 *all)
{
	*all |= row;
	return mesh_near_line(lines, row)->words[0];
}

static __always_inline const struct mesh_line *mesh_disabled_line(const struct mesh_lines *lines)
{
	__u32 line = MESH_DISABLED(lines->head->bank, lines->switched);

	return bpf_map_lookup_elem(&mesh_disabled, &line);
}

#define MESH_FIND(dimension) \
	mesh_row_word(lines, mesh_find_row(lines, headers, recent->kind, dimension, recent), &all)

/*
 * Finds the packet in the dimensions that struct mesh_recent remembers. One after the other: clang makes a loop
 * over so much code, with a switch.
 */
static __always_inline void mesh_find_recent(const struct mesh_lines *lines,
	const struct packet_headers *headers, struct mesh_recent *recent)
{
	const struct mesh_line *disabled = mesh_disabled_line(lines);
	__u64 all = mesh_forget(lines, 0), survivors;

	recent->kind = mesh_kind(lines, headers);
	survivors = mesh_row_word(lines, lines->holding, &all);
	survivors &= MESH_FIND(MESH_BY_PROTOCOL);
	survivors &= MESH_FIND(MESH_BY_ETHERTYPE);
	survivors &= MESH_FIND(MESH_BY_VLAN);
	survivors &= MESH_FIND(MESH_BY_INTERFACE);
	survivors &= MESH_FIND(MESH_BY_READABLE);
	if (disabled)
		survivors &= ~disabled->words[0];
	recent->survivors = survivors;
	recent->far = all < MESH_NEAR_LINES && lines->head->words <= 1 ? 0 : ~0ULL;
}

/* Finds the packet in all dimensions. Returns whether it is found out which of 64 rules survive. */
static __always_inline bool mesh_find_rows(const struct mesh_lines *lines,
	const struct packet_headers *headers, __u32 generation, struct mesh_recent *recent)
{
	__u64 first = headers->words[0] & MESH_FLOW_WHOLE_MASK;
	__u64 second = headers->words[1] >> 32 | headers->words[2] >> 48 << 32;
	__u64 all, survivors;

	if ((recent->key[0] ^ first) | (recent->key[1] ^ second) |
		(recent->generation ^ generation)) {
		recent->key[0] = first;
		recent->key[1] = second;
		recent->generation = generation;
		mesh_find_recent(lines, headers, recent);
	}
	all = mesh_forget(lines, recent->far);
	survivors = recent->survivors;
	survivors &= MESH_FIND(MESH_BY_SOURCE);
	survivors &= MESH_FIND(MESH_BY_DESTINATION);
	survivors &= MESH_FIND(MESH_BY_MAC);
	survivors &= MESH_FIND(MESH_BY_SOURCE_PORT);
	survivors &= MESH_FIND(MESH_BY_DESTINATION_PORT);
	lines->survivors[0] = survivors;
	return all < MESH_NEAR_LINES;
}

/* Finds which rules hold. */
static __always_inline void mesh_find_holding(struct mesh_lines *lines, __u64 now)
{
	__u32 expiry = lines->head->expiry, times, holding;
	__u64 low, high;

	if (now < lines->head->expires || !mesh_lines_open(lines))
		return;
	low = mesh_forget(lines, 0);
	high = mesh_u32(lines, expiry, offsetof(struct mesh_expiry, n) / 4);
	times = mesh_u32(lines, expiry, offsetof(struct mesh_expiry, times) / 4);
	holding = mesh_u32(lines, expiry, offsetof(struct mesh_expiry, holding) / 4);
	for (int i = 0; i < MESH_EXPIRIES_DEPTH; i++) {
		__u64 middle = (low + high) >> 1;

		if (low >= high)
			break;
		if (mesh_u64(lines, times, middle) <= now)
			low = middle + 1;
		else
			high = middle;
		low = mesh_forget(lines, low);
		high = mesh_forget(lines, high);
	}
	lines->expired = low;
	lines->holding = holding + low - 1;
}

/* Returns the counting rules that match before `place`: bits by their place in `counting`. */
static __always_inline __u32 mesh_counted(const struct mesh_lines *lines, __u64 place)
{
	__u64 matched = mesh_forget(lines, 0), counts = lines->head->counts;

	/* By arithmetic: each branch would double what the verifier walks through. */
	for (__u32 i = 0; i < MESH_COUNTS_MAX; i++) {
		__u64 at, before;

		if (i >= counts)
			break;
		at = mesh_u32(lines, lines->head->counting, i) & (MESH_NOWHERE - 1);
		before = at - place;
		before &= lines->survivors[mesh_bound(at >> 6, MESH_LINE_WORDS - 1)] >>
			  (at & 63) << 63;
		matched |= before >> 63 << i;
		matched = mesh_forget(lines, matched);
	}
	return matched & 0xffff;
}

/* Begins with the rules that are on and hold. Returns false never, but the verifier wants a check. */
static __always_inline bool mesh_begin(const struct mesh_lines *lines)
{
	const struct mesh_line *disabled = mesh_disabled_line(lines);
	const struct mesh_line *holding = mesh_far(lines, lines->holding);
	__u32 words = lines->head->words;

	if (!disabled || !holding)
		return false;
	for (__u32 i = 0; i < MESH_LINE_WORDS; i++) {
		if (i >= words)
			break;
		lines->survivors[i] = ~disabled->words[i] & holding->words[i];
	}
	return true;
}

/* Decides about a packet by the rules that are on. Sets id, action and counted of *flow. */
static __always_inline void mesh_decide(const struct mesh_lines *lines,
	const struct packet_headers *headers, __u32 generation, struct mesh_recent *recent,
	struct mesh_flow *flow)
{
	__u32 place, decision;

	flow->id = MESH_NO_RULE;
	flow->counted = 0;
	if (mesh_find_rows(lines, headers, generation, recent)) {
		place = mesh_place(lines->survivors[0] &
					   mesh_near_line(lines, lines->head->decisions)->words[0],
			0);
	} else if (mesh_begin(lines)) {
		mesh_narrow(lines, recent);
		place = mesh_first(lines);
	} else {
		place = MESH_NOWHERE;
	}
	flow->action = recent->kind >= MESH_ARP ? MESH_PASS : lines->head->policy;
	place = mesh_forget(lines, place);
	if (lines->head->counts)
		flow->counted = mesh_counted(lines, place);
	if (place >= MESH_NOWHERE)
		return;
	decision = mesh_u32(lines, lines->head->decisions + 1, place);
	flow->id = decision & 0xffff;
	flow->action = decision >> 16;
}

#endif
