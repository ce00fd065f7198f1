// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Passes, drops or limits by the operator's rules: see xdp_mesh_filter.h. */
#include "xdp_mesh_filter.h"
#include "gcra.bpf.h"
#include "license.bpf.h"
#include "mesh_flow.bpf.h"
#include "mesh_lookup.bpf.h"
#include "xdp_chain.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MESH_BANKS);
	__type(key, __u32);
	__type(value, struct mesh_near);
} mesh_near SEC(".maps");

/* Only user space looks at these. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MESH_BANKS *MESH_RULES_MAX);
	__type(key, __u32);
	__type(value, struct mesh_rule);
} mesh_rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MESH_BANKS);
	__type(key, __u32);
	__type(value, struct mesh_bank);
} mesh_banks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MESH_SET_STORES *MESH_SET_PIECES_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct mesh_set_piece_key);
	__type(value, struct mesh_set_piece);
} mesh_sets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MESH_RULES_MAX);
	__type(key, __u32);
	__type(value, struct mesh_rule_counts);
} mesh_rule_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MESH_RULES_MAX);
	__type(key, __u32);
	__type(value, struct gcra);
} mesh_limits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1 << MESH_FLOWS_BITS);
	__type(key, __u32);
	__type(value, struct mesh_flow);
} mesh_flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mesh_scratch);
} mesh_scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mesh_looking);
} mesh_looking SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE); /* a word of it is stored as a whole */
	__type(key, __u32);
	__type(value, struct mesh_filter_control);
} mesh_filter_control SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mesh_filter_totals);
} mesh_filter_totals SEC(".maps");

/* Set by user space where it asks what becomes of a packet on this interface; 0: the packet's own. */
const volatile __u32 mesh_interface = 0;

static __always_inline void add(struct traffic_count *count, __u64 bytes)
{
	count->packets++;
	count->bytes += bytes;
}

static __always_inline void add_decided(
	struct mesh_rule_counts *counts, const struct mesh_clock *clock, __u64 bytes)
{
	add(&counts->decided, bytes);
	counts->last = clock->now;
}

static __always_inline void look_at_clock(struct mesh_clock *clock)
{
	__u64 ticks = bpf_jiffies64(); /* a load, with 64 bits */

	if (clock->ticks == ticks)
		return;
	clock->ticks = ticks;
	clock->now = bpf_ktime_get_boot_ns();
}

/* Counts under the counting rules that the packet matched on its way. */
static __always_inline void add_counted(const struct mesh_lines *lines,
	const struct mesh_flow *flow, const struct mesh_clock *clock, __u64 bytes)
{
	for (__u32 i = 0; i < MESH_COUNTS_MAX; i++) {
		struct mesh_rule_counts *counts;
		__u32 id;

		if (!(flow->counted >> i & 1))
			continue;
		id = mesh_u32(lines, lines->head->counting, i) >> 16;
		counts = bpf_map_lookup_elem(&mesh_rule_counts, &id);
		if (counts)
			add_decided(counts, clock, bytes);
	}
}

/* Returns whether a packet of a limiting rule is beyond its rate. */
static __always_inline bool is_beyond(__u32 id, __u64 bytes)
{
	struct gcra *limit = bpf_map_lookup_elem(&mesh_limits, &id);

	return limit && !gcra_conforms(limit, bytes);
}

/*
 * Counts the packet under its rule and in the totals. Returns the verdict. `hiding`: a rule that
 * would drop the packet may not have been found, so it is dropped.
 */
static __always_inline int conclude(const struct mesh_flow *flow, bool hiding,
	const struct mesh_clock *clock, __u64 bytes, struct mesh_filter_totals *totals,
	bool enforce)
{
	struct mesh_rule_counts *counts = NULL;
	__u32 id = flow->id;
	bool drop = flow->action == MESH_DROP;

	if (id == MESH_NO_RULE && hiding) {
		add(enforce ? &totals->unreadable : &totals->spared, bytes);
		return enforce ? XDP_DROP : XDP_PASS;
	}
	if (id != MESH_NO_RULE)
		counts = bpf_map_lookup_elem(&mesh_rule_counts, &id);
	if (counts)
		add_decided(counts, clock, bytes);
	if (flow->action == MESH_LIMIT)
		drop = is_beyond(id, bytes);
	if (!drop) {
		add(counts ? &totals->passed : &totals->no_match, bytes);
		return XDP_PASS;
	}
	if (!enforce) {
		add(&totals->spared, bytes);
		return XDP_PASS;
	}
	add(counts ? &totals->dropped : &totals->refused, bytes);
	if (counts)
		add(&counts->dropped, bytes);
	return XDP_DROP;
}

/* Returns ~0 while somebody lists flows, whose keys are then to be whole. */
static __always_inline __u64 looked_at(const struct xdp_packet *packet)
{
	__u32 zero = 0;
	struct mesh_looking *looking = bpf_map_lookup_elem(&mesh_looking, &zero);

	if (!looking)
		return 0;
	if (packet->lap_ns > looking->until_ns)
		looking->dimensions = 0;
	return (__s32)looking->dimensions; /* all bits, as those of a longer number */
}

/* Gives the place of a flow to another one. */
static __always_inline void replace_flow(
	struct mesh_flow *flow, const __u64 *key, struct traffic_count *replaced)
{
	if (flow->key[0] & MESH_FLOW_WHOLE) {
		replaced->packets += flow->packets;
		replaced->bytes += flow->bytes;
	}
#pragma unroll
	for (int i = 0; i < MESH_FLOW_WORDS; i++)
		flow->key[i] = key[i];
	flow->taken++;
	flow->packets = 0;
	flow->bytes = 0;
}

/* Returns the flow of the packet, with the decision about it; NULL never, but the verifier wants a
 * check. */
static __always_inline struct mesh_flow *find_flow(
	struct mesh_lines *lines, const struct xdp_packet *packet, struct traffic_count *replaced)
{
	__u32 generation = mesh_generation(lines), slot, zero = 0;
	__u64 key[MESH_FLOW_WORDS];
	struct mesh_recent *recent;
	struct mesh_flow *flow;

	mesh_flow_key(lines, &packet->headers, looked_at(packet), key);
	slot = mesh_flow_hash(lines, key);
	flow = bpf_map_lookup_elem(&mesh_flows, &slot);
	if (!flow)
		return NULL;
	if (!mesh_flow_is(flow, key))
		replace_flow(flow, key, replaced);
	else if (flow->generation == generation)
		return flow;
	recent = bpf_map_lookup_elem(&mesh_recent, &zero);
	if (!recent || !mesh_lines_open(lines))
		return NULL;
	mesh_decide(lines, &packet->headers, generation, recent, flow);
	flow->generation = generation;
	return flow;
}

/* Decides by the rules of a bank, which is in force. */
static __always_inline int judge(const struct xdp_packet *packet, __u32 bank, bool hiding,
	__u64 bytes, struct mesh_filter_totals *totals, const struct mesh_filter_control *control)
{
	__u32 zero = 0;
	struct mesh_scratch *scratch = bpf_map_lookup_elem(&mesh_scratch, &zero);
	struct mesh_lines lines = { .head = bpf_map_lookup_elem(&mesh_near, &bank) };
	struct mesh_flow *flow;

	if (!scratch || !lines.head)
		return XDP_PASS;
	lines.survivors = scratch->survivors;
	lines.switched = control->switched[mesh_bound(bank, MESH_BANKS - 1)];
	lines.expired = mesh_forget(&lines, 0);
	lines.holding = mesh_forget(&lines, MESH_ALL_LINE);
	look_at_clock(&scratch->clock);
	mesh_find_holding(&lines, scratch->clock.now);
	flow = find_flow(&lines, packet, &scratch->replaced);
	if (!flow)
		return XDP_PASS;
	flow->packets++;
	flow->bytes += bytes;
	if (flow->counted && mesh_lines_open(&lines))
		add_counted(&lines, flow, &scratch->clock, bytes);
	return conclude(flow, hiding, &scratch->clock, bytes, totals, control->enforce);
}

SEC("xdp")
int xdp_mesh_filter(struct xdp_md *ctx)
{
	struct xdp_packet *packet = xdp_chain_begin(XDP_MESH_FILTER);
	__u32 zero = 0;
	const struct mesh_filter_control *control =
		bpf_map_lookup_elem(&mesh_filter_control, &zero);
	struct mesh_filter_totals *totals = bpf_map_lookup_elem(&mesh_filter_totals, &zero);
	const struct mesh_flow none = { .id = MESH_NO_RULE, .action = MESH_PASS };
	const struct mesh_clock unset = { 0 };
	int verdict;

	if (!packet || !control || !totals)
		return XDP_PASS;
	if (!packet->counted) {
		packet->bytes = xdp_frame_length(ctx);
		xdp_parse(ctx, packet, packet->bytes, &packet->headers);
	}
	__u64 bytes = packet->bytes;
	__u32 set = *(const volatile __u32 *)&control->set; /* once: it may change now */
	bool hiding = packet->headers.flags & PACKET_HIDING;
	if (mesh_interface)
		packet->headers.ifindex = mesh_interface;
	if (set)
		verdict = judge(packet, set % MESH_BANKS, hiding, bytes, totals, control);
	else
		verdict = conclude(&none, hiding, &unset, bytes, totals, control->enforce);
	if (verdict == XDP_DROP)
		return xdp_chain_end(packet, XDP_MESH_FILTER, XDP_DROP);
	return xdp_chain_next(ctx, packet, XDP_MESH_FILTER);
}
