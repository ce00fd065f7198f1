/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Keys and places of flows: see mesh_tables.h. */
#ifndef X0_MESH_FLOW_BPF_H
#define X0_MESH_FLOW_BPF_H

#include "mesh_lines.bpf.h"
#include "packet_headers.h"

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
