// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Passes or drops by the operator's rules: see xdp_mesh_filter.h. */
#include "xdp_mesh_filter.h"
#include "license.bpf.h"
#include "xdp_chain.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MESH_RULES_MAX);
	__type(key, __u32);
	__type(value, struct mesh_rule);
} mesh_rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MESH_RULES_MAX);
	__type(key, __u32);
	__type(value, struct mesh_rule_counts);
} mesh_rule_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, MESH_RULES_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct mesh_prefix4);
	__type(value, __u32);
} mesh_prefixes4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, MESH_RULES_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct mesh_prefix6);
	__type(value, __u32);
} mesh_prefixes6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MESH_RULES_MAX);
	__type(key, struct mesh_mac);
	__type(value, __u32);
} mesh_macs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MESH_RULES_MAX);
	__type(key, struct mesh_port);
	__type(value, __u32);
} mesh_ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mesh_filter_control);
} mesh_filter_control SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mesh_filter_totals);
} mesh_filter_totals SEC(".maps");

/* The best matching rule so far. */
struct decision {
	const struct mesh_rule *rule;
	__u32 number;
};

/*
 * Looks up a key and takes its rule, if that precedes the present one. While user space changes
 * rules, an index may lead to a rule that is off: returns that one.
 */
static __always_inline const struct mesh_rule *consider(
	struct decision *decision, void *index, const void *key, __u8 match)
{
	const __u32 *found = bpf_map_lookup_elem(index, key);
	const struct mesh_rule *rule;
	__u32 number;

	if (!found)
		return NULL;
	number = *found;
	if (decision->rule && decision->number <= number)
		return NULL;
	rule = bpf_map_lookup_elem(&mesh_rules, &number);
	if (!rule || rule->match != match)
		return NULL;
	if (!rule->enabled)
		return rule;
	decision->rule = rule;
	decision->number = number;
	return NULL;
}

/* Retries with a shorter prefix if the longest one's rule is off. At most one rule of each index is
 * unsettled at a time. */
static __always_inline void consider_prefix(
	struct decision *decision, const struct packet_headers *headers)
{
	const struct mesh_rule *off;

	if (headers->network == NETWORK_IPV4) {
		struct mesh_prefix4 key = { .length = 32 };

		__builtin_memcpy(key.address, &headers->source4, sizeof(key.address));
		off = consider(decision, &mesh_prefixes4, &key, MESH_MATCH_PREFIX4);
		if (off && off->prefix4.length) {
			key.length = off->prefix4.length - 1;
			consider(decision, &mesh_prefixes4, &key, MESH_MATCH_PREFIX4);
		}
	} else {
		struct mesh_prefix6 key = { .length = 128 };

		__builtin_memcpy(key.address, headers->source6, sizeof(key.address));
		off = consider(decision, &mesh_prefixes6, &key, MESH_MATCH_PREFIX6);
		if (off && off->prefix6.length) {
			key.length = off->prefix6.length - 1;
			consider(decision, &mesh_prefixes6, &key, MESH_MATCH_PREFIX6);
		}
	}
}

static __always_inline void consider_all(
	struct decision *decision, const struct packet_headers *headers)
{
	if (headers->flags & PACKET_ADDRESS)
		consider_prefix(decision, headers);
	if (headers->flags & PACKET_MAC) {
		struct mesh_mac key = {};

		__builtin_memcpy(key.address, headers->source_mac, sizeof(key.address));
		consider(decision, &mesh_macs, &key, MESH_MATCH_MAC);
	}
	if (headers->flags & PACKET_PORTS) {
		struct mesh_port key = {
			.port = headers->destination_port,
			.protocol = headers->protocol,
		};

		consider(decision, &mesh_ports, &key, MESH_MATCH_PORT);
	}
}

static __always_inline void add(struct traffic_count *count, __u64 bytes)
{
	count->packets++;
	count->bytes += bytes;
}

/*
 * Counts the packet under its rule and in the totals. Returns the verdict. `hiding`: a rule that
 * would drop the packet may not have been found, so it is dropped.
 */
static __always_inline int decide(const struct decision *decision, bool hiding, __u64 bytes)
{
	__u32 zero = 0;
	const struct mesh_filter_control *control =
		bpf_map_lookup_elem(&mesh_filter_control, &zero);
	struct mesh_filter_totals *totals = bpf_map_lookup_elem(&mesh_filter_totals, &zero);
	struct mesh_rule_counts *counts;

	if (!control || !totals)
		return XDP_PASS;
	if (hiding && !(decision->rule && decision->rule->action == MESH_DROP)) {
		add(control->enforce ? &totals->unreadable : &totals->spared, bytes);
		return control->enforce ? XDP_DROP : XDP_PASS;
	}
	if (!decision->rule) {
		add(&totals->no_match, bytes);
		return XDP_PASS;
	}
	counts = bpf_map_lookup_elem(&mesh_rule_counts, &decision->number);
	if (counts)
		add(&counts->decided, bytes);
	if (decision->rule->action != MESH_DROP) {
		add(&totals->passed, bytes);
		return XDP_PASS;
	}
	if (!control->enforce) {
		add(&totals->spared, bytes);
		return XDP_PASS;
	}
	add(&totals->dropped, bytes);
	if (counts)
		add(&counts->dropped, bytes);
	return XDP_DROP;
}

SEC("xdp")
int xdp_mesh_filter(struct xdp_md *ctx)
{
	struct xdp_packet *packet = xdp_chain_begin(XDP_MESH_FILTER);
	struct packet_headers headers = {};
	struct decision decision = {};

	if (!packet)
		return XDP_PASS;
	__u64 bytes = xdp_frame_length(ctx);
	/* Now: clang would spill half of a pointer later, which verifiers refuse. */
	asm volatile("" : "+r"(bytes));
	xdp_parse(ctx, packet, &headers);
	bool hiding = packet_is_hiding(&headers);
	consider_all(&decision, &headers);
	if (decide(&decision, hiding, bytes) == XDP_DROP)
		return xdp_chain_end(packet, XDP_MESH_FILTER, XDP_DROP);
	return xdp_chain_next(ctx, packet, XDP_MESH_FILTER);
}
