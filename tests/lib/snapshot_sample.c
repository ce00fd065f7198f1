// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/snapshot_sample.h"

#include <linux/bpf.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/alert_log.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- host and programs ------------------------------------------------------------------------ */

static const struct snapshot_program programs[] = {
	{ .name = "xdp_counter",
		.kind = "XDP",
		.attached = "mesh0 native, eth0 native, wg0 generic",
		.state = PROGRAM_ON,
		.runs = { 48211934, 18240 },
		.timed_runs = 12000,
		.ns_per_run = 38.4,
		.cpu_percent = 0.07004,
		.load_ms = 4.21,
		.map_bytes = 1310720,
		.verified_instructions = 1874 },
	{ .name = "xdp_mesh_filter",
		.kind = "XDP",
		.attached = "mesh0 native, eth0 native, wg0 generic",
		.state = PROGRAM_ON,
		.enforcer = true,
		.enforcing = true,
		.pinned = true,
		.adopted = true,
		.runs = { 48211934, 18240 },
		.timed_runs = 12000,
		.ns_per_run = 61.7,
		.cpu_percent = 0.1125,
		.load_ms = 3.88,
		.map_bytes = 622592,
		.verified_instructions = 1102,
		.replaced_by = "/root/xdp_mesh_filter.bpf.o",
		.tag = "a04f5eef06a7f555",
		.canary_left = 12 },
	{ .name = "xdp_pqc_verify",
		.kind = "XDP",
		.attached = "mesh0 native, eth0 native, wg0 generic",
		.state = PROGRAM_ON,
		.enforcer = true,
		.enforcing = true,
		.pinned = true,
		.runs = { 47300730, 17838 },
		.timed_runs = 4000,
		.ns_per_run = 147,
		.cpu_percent = 0.2622,
		.load_ms = 118,
		.map_bytes = 6815744,
		.verified_instructions = 241108 },
	{ .name = "tracepoint_net",
		.kind = "tracepoint",
		.attached = "raw tracepoints",
		.state = PROGRAM_ON,
		.runs = { 96803211, 36710 },
		.timed_runs = 20000,
		.ns_per_run = 44.1,
		.cpu_percent = 0.1619,
		.load_ms = 9.34,
		.map_bytes = 417792,
		.verified_instructions = 963 },
	{ .name = "tc_classifier",
		.kind = "TC",
		.attached = "mesh0 TCX, eth0 TCX",
		.state = PROGRAM_PARTLY,
		.runs = { 88120087, 33984 },
		.timed_runs = 450,
		.ns_per_run = 72.9,
		.cpu_percent = 0.2477,
		.load_ms = 2.97,
		.map_bytes = 274432,
		.verified_instructions = 1410,
		.reason = "wg0 already carries a clsact program of cilium (id 412).",
		.remedy = "Detach it there, or leave wg0 out with -i mesh0 -i eth0." },
	{ .name = "kprobe_syscall_latency",
		.kind = "system calls",
		.attached = "tracepoint",
		.state = PROGRAM_ON,
		.runs = { 771204412, 184602 },
		.timed_runs = 90000,
		.ns_per_run = 91.3,
		.cpu_percent = 1.685,
		.load_ms = 6.02,
		.map_bytes = 2162688,
		.verified_instructions = 611 },
	{ .name = "kprobe_syscall_latency_secure",
		.kind = "system calls",
		.attached = "tracepoint",
		.state = PROGRAM_ON,
		.runs = { 771204390, 184598 },
		.timed_runs = 40,
		.ns_per_run = 118,
		.cpu_percent = 2.178,
		.load_ms = 5.44,
		.map_bytes = 94208,
		.verified_instructions = 540 },
};

static const struct snapshot_plugin_program plugins[] = {
	{ .name = "xdpfilt_alw_ip",
		.file = "/etc/x0top/plugins/xdpfilt_alw_ip.bpf.o",
		.behind = "xdp_counter",
		.drops = true,
		.passed = { 88114202, 40211 },
		.dropped = { 1402, 3 } },
};

static void fill_host(struct snapshot *s)
{
	s->host = (struct snapshot_host) { .name = "node-7",
		.kernel = "6.12.48+deb13-cloud-amd64",
		.machine = "x86_64",
		.cpus = 4,
		.uptime_s = 1051200,
		.load1 = 0.42 };
	s->n_programs = COUNT(programs);
	memcpy(s->programs, programs, sizeof(programs));
	s->n_plugin_programs = COUNT(plugins);
	memcpy(s->plugin_programs, plugins, sizeof(plugins));
	snprintf(s->mapek.state, sizeof(s->mapek.state), "not built");
	s->self = (struct snapshot_self) { .pid = 4242,
		.cpu_percent = 0.41,
		.programs_percent = 4.71,
		.programs_samples = 170,
		.cpu_seconds = 52.31,
		.memory_bytes = 7340032,
		.wakeups = { 12744, 1.0 },
		.sample_ms = 0.83,
		.n_losses = 2,
		.losses = { { .what = "events: network", .count = { 0, 0 } },
			{ .what = "net_interfaces full", .count = { 0, 0 } } } };
}

/* --- packets ------------------------------------------------------------------------------------ */

/* A kind of frame on an interface, all of one size. */
struct flow {
	uint32_t interface;
	uint32_t network;
	uint32_t transport;
	uint32_t verdict;
	uint64_t packets;
	double rate;
	uint32_t size;
};

static const char *const interface_names[] = { "mesh0", "eth0", "wg0" };
static const uint32_t interface_hooks[] = { XDP_MODE_NATIVE, XDP_MODE_NATIVE, XDP_MODE_GENERIC };

static const struct flow flows[] = {
	{ 0, NETWORK_IPV4, TRANSPORT_UDP, XDP_PASS, 16120034, 6120, 1214 },
	{ 0, NETWORK_IPV4, TRANSPORT_TCP, XDP_PASS, 12044810, 4388, 1446 },
	{ 0, NETWORK_IPV4, TRANSPORT_MESH, XDP_PASS, 402118, 148, 106 },
	{ 0, NETWORK_IPV6, TRANSPORT_MESH, XDP_PASS, 198340, 74, 142 },
	{ 0, NETWORK_IPV6, TRANSPORT_ICMPV6, XDP_PASS, 20147, 6, 86 },
	{ 0, NETWORK_MESH, TRANSPORT_NONE, XDP_PASS, 801290, 302, 60 },
	{ 0, NETWORK_ARP, TRANSPORT_NONE, XDP_PASS, 30112, 11, 42 },
	{ 0, NETWORK_IPV4, TRANSPORT_TCP, XDP_DROP, 911204, 402, 60 },
	{ 1, NETWORK_IPV4, TRANSPORT_TCP, XDP_PASS, 14880214, 5610, 900 },
	{ 1, NETWORK_IPV4, TRANSPORT_ICMP, XDP_PASS, 40218, 12, 98 },
	{ 1, NETWORK_IPV6, TRANSPORT_TCP, XDP_PASS, 1440218, 602, 410 },
	{ 1, NETWORK_OTHER, TRANSPORT_NONE, XDP_PASS, 1201, 0.5, 60 },
	{ 2, NETWORK_IPV4, TRANSPORT_UDP, XDP_PASS, 1322028, 564.5, 220 },
};

static const uint32_t frame_size_limits[] = { 64, 127, 255, 511, 1023, 1518, UINT32_MAX };

static void add_counter(struct counter *counter, uint64_t total, double rate)
{
	counter->total += total;
	counter->rate += rate;
}

static void add_traffic(struct traffic *traffic, const struct flow *flow)
{
	add_counter(&traffic->packets, flow->packets, flow->rate);
	add_counter(&traffic->bytes, flow->packets * flow->size, flow->rate * flow->size);
}

static void add_flow(struct snapshot_packets_interface *to, const struct flow *flow)
{
	uint32_t size = 0;

	while (flow->size > frame_size_limits[size])
		size++;
	add_traffic(&to->all, flow);
	add_traffic(&to->verdicts[flow->verdict], flow);
	add_traffic(&to->networks[flow->network], flow);
	add_traffic(&to->transports[flow->transport], flow);
	add_counter(&to->frame_sizes[size], flow->packets, flow->rate);
}

static void fill_packets(struct snapshot_packets *packets)
{
	packets->available = true;
	packets->n_interfaces = COUNT(interface_names);
	for (uint32_t i = 0; i < COUNT(interface_names); i++) {
		struct snapshot_packets_interface *interface = &packets->interfaces[i];

		snprintf(interface->name, sizeof(interface->name), "%s", interface_names[i]);
		interface->ifindex = i + 2;
		interface->hook = interface_hooks[i];
	}
	for (size_t i = 0; i < COUNT(flows); i++) {
		add_flow(&packets->interfaces[flows[i].interface], &flows[i]);
		add_flow(&packets->sum, &flows[i]);
	}
	add_counter(&packets->interfaces[0].malformed, 12, 0);
	add_counter(&packets->sum.malformed, 12, 0);
	add_counter(&packets->interfaces[0].fragments, 3311, 1.2);
	add_counter(&packets->sum.fragments, 3311, 1.2);
	add_counter(&packets->interfaces[1].vlan, 40218, 12);
	add_counter(&packets->sum.vlan, 40218, 12);
}

/* --- mesh and classes --------------------------------------------------------------------------- */

static const struct snapshot_rule rules[] = {
	{ 0, MESH_MATCH_PREFIX4, MESH_PASS, "", "10.1.0.0/16", true, MESH_ORIGIN_FILE, "", NAN,
		SAMPLE_TIME - 0.2, COUNT_UNKNOWN, "",
		{ { 28341022, 10406 }, { 33120412800, 1.24e7 } }, { { 0, 0 }, { 0, 0 } } },
	{ 1, MESH_MATCH_PREFIX4, MESH_DROP, "", "10.66.0.0/16", true, MESH_ORIGIN_OPERATOR,
		"scans our ports", 5025, SAMPLE_TIME - 1.5, COUNT_UNKNOWN, "",
		{ { 911010, 402 }, { 54660600, 24120 } },
		{ { 911010, 402 }, { 54660600, 24120 } } },
	{ 2, MESH_MATCH_PREFIX6, MESH_PASS, "", "fd00::/8", true, MESH_ORIGIN_FILE, "", NAN,
		SAMPLE_TIME - 0.4, COUNT_UNKNOWN, "", { { 218487, 80 }, { 29896922, 11024 } },
		{ { 0, 0 }, { 0, 0 } } },
	{ 3, MESH_MATCH_MAC, MESH_DROP, "", "02:00:00:00:00:66", true, MESH_ORIGIN_MAPEK, "", 60,
		SAMPLE_TIME - 840, COUNT_UNKNOWN, "", { { 194, 0 }, { 11640, 0 } },
		{ { 194, 0 }, { 11640, 0 } } },
	{ 4, MESH_MATCH_PORT, MESH_DROP, "", "tcp 23", false, MESH_ORIGIN_FILE, "", NAN, NAN,
		COUNT_UNKNOWN, "", { { 0, 0 }, { 0, 0 } }, { { 0, 0 }, { 0, 0 } } },
	{ 5, MESH_MATCH_PORT, MESH_PASS, "", "udp 6696", true, MESH_ORIGIN_FILE, "", NAN,
		SAMPLE_TIME - 0.1, COUNT_UNKNOWN, "", { { 600458, 222 }, { 70788788, 26196 } },
		{ { 0, 0 }, { 0, 0 } } },
};

static const struct snapshot_mesh_set sets[] = {
	{ "blocklist", MESH_SET_PREFIXES, MESH_ORIGIN_FILE, 48210, 0, "/etc/x0top/blocklist",
		SAMPLE_TIME - 7200, NAN },
	{ "neighbours", MESH_SET_PREFIXES, MESH_ORIGIN_FEED, 6, 0, "all", SAMPLE_TIME - 31, NAN },
};

static void fill_mesh(struct snapshot_mesh *mesh)
{
	mesh->available = true;
	mesh->enforcing = true;
	mesh->no_match = (struct traffic) { { 18140763, 7130 }, { 14120033120, 5.4e6 } };
	mesh->passed = (struct traffic) { { 29159967, 10708 }, { 33221098510, 1.2437e7 } };
	mesh->dropped = (struct traffic) { { 911204, 402 }, { 54672240, 24120 } };
	mesh->n_rules = COUNT(rules);
	memcpy(mesh->rules, rules, sizeof(rules));
	mesh->n_sets = COUNT(sets);
	memcpy(mesh->sets, sets, sizeof(sets));
}

static const struct snapshot_flow busy_flows[] = {
	{ "10.1.0.12", "10.1.0.7", 51514, 6696, "udp", 0x0800, "02:00:00:00:00:12", 0, "mesh0",
		MESH_PASS, 0, false, { { 28340712, 10391 }, { 33120391100, 1.239e7 } } },
	{ "10.66.3.9", "10.1.0.7", 40112, 80, "tcp", 0x0800, "02:00:00:00:00:09", 0, "mesh0",
		MESH_DROP, 1, false, { { 911010, 402 }, { 54660600, 24120 } } },
	{ "fd00::4:1", "fd00::7", 443, 60122, "tcp", 0x86dd, "02:00:00:00:00:07", 100, "eth0",
		MESH_PASS, 2, false, { { 218487, 80 }, { 29896922, 11024 } } },
	{ "192.0.2.4", "10.1.0.7", 0, 0, "icmp", 0x0800, "", 0, "wg0", MESH_PASS, COUNT_UNKNOWN,
		false, { { 4100, 1 }, { 344400, 84 } } },
	{ "", "", 0, 0, "arp", 0x0806, "02:00:00:00:00:09", 0, "mesh0", MESH_PASS, COUNT_UNKNOWN,
		false, { { 812, 0.5 }, { 34104, 21 } } },
};

static const struct snapshot_source talker_sources[] = {
	{ "10.1.0.12", { { 28340712, 10391 }, { 33120391100, 1.239e7 } } },
	{ "10.66.3.9", { { 911010, 402 }, { 54660600, 24120 } } },
	{ "fd00::4:1", { { 218487, 80 }, { 29896922, 11024 } } },
	{ "192.0.2.4", { { 4100, 1 }, { 344400, 84 } } },
	{ "02:00:00:00:00:09", { { 812, 0.5 }, { 34104, 21 } } },
};

static void fill_talkers(struct snapshot_talkers *talkers)
{
	talkers->available = true;
	talkers->lost = (struct traffic) { { 41, 0 }, { 3116, 0 } };
	talkers->n_flows = COUNT(busy_flows);
	memcpy(talkers->flows, busy_flows, sizeof(busy_flows));
	talkers->n_sources = COUNT(talker_sources);
	memcpy(talkers->sources, talker_sources, sizeof(talker_sources));
}

static const struct snapshot_neighbour_source neighbour_sources[] = {
	{ NEIGHBOURS_KERNEL, SOURCE_LIVE, 2, 1, 0, SAMPLE_TIME - 4, "" },
	{ NEIGHBOURS_BATMAN, SOURCE_LIVE, 1, 0, 0, SAMPLE_TIME - 1, "" },
	{ NEIGHBOURS_BABEL, SOURCE_LIVE, 1, 1, 0, SAMPLE_TIME - 71, "" },
	{ NEIGHBOURS_WIREGUARD, SOURCE_LIVE, 1, 1, 0, SAMPLE_TIME - 1, "" },
	{ NEIGHBOURS_SIGNED, SOURCE_LIVE, 1, 0, 0, SAMPLE_TIME, "" },
	{ NEIGHBOURS_FILE, SOURCE_OFF, 0, 0, 0, NAN, "" },
};

#define UNHEARD                            \
	{                                  \
		{ COUNT_UNKNOWN, NAN },    \
		{                          \
			COUNT_UNKNOWN, NAN \
		}                          \
	}
static const struct snapshot_neighbour neighbours[] = {
	{ NEIGHBOURS_KERNEL, NEIGHBOUR_NODE, "10.1.0.7", "02:00:00:00:00:07", "mesh0", "", "",
		"reachable", NAN, NAN, NAN, SAMPLE_TIME - 3, NAN, NAN, SIGNATURE_VERIFIED,
		{ { 41022, 12 }, { 3937112, 1180 } } },
	{ NEIGHBOURS_KERNEL, NEIGHBOUR_NODE, "fe80::7", "02:00:00:00:00:07", "mesh0", "", "",
		"stale", NAN, NAN, NAN, SAMPLE_TIME - 95, NAN, NAN, SIGNATURE_UNKNOWN, UNHEARD },
	{ NEIGHBOURS_BATMAN, NEIGHBOUR_NODE, "", "02:00:00:00:00:09", "eth0", "",
		"02:00:00:00:00:07", "by others", 0.94, NAN, NAN, SAMPLE_TIME - 0.4, NAN, NAN,
		SIGNATURE_UNKNOWN, UNHEARD },
	{ NEIGHBOURS_BABEL, NEIGHBOUR_NODE, "fe80::7", "02:00:00:00:00:07", "mesh0", "", "",
		"reachable", 0.9375, 96, NAN, NAN, NAN, NAN, SIGNATURE_UNKNOWN, UNHEARD },
	{ NEIGHBOURS_WIREGUARD, NEIGHBOUR_NODE, "192.0.2.4", "", "wg0", "xTIBA5rboUvnH4htodjb6e69",
		"", "handshake", NAN, NAN, NAN, SAMPLE_TIME - 61, 1.2e9, 4.4e8, SIGNATURE_UNKNOWN,
		UNHEARD },
	{ NEIGHBOURS_SIGNED, NEIGHBOUR_NODE, "10.1.0.7", "", "", "alder", "", "authenticated", NAN,
		NAN, NAN, SAMPLE_TIME - 8, NAN, NAN, SIGNATURE_VERIFIED, UNHEARD },
	{ NEIGHBOURS_KERNEL, NEIGHBOUR_ROUTE, "10.5.0.0/16", "", "mesh0", "", "10.1.0.7", "babel",
		NAN, 0, NAN, NAN, NAN, NAN, SIGNATURE_UNKNOWN, UNHEARD },
	{ NEIGHBOURS_BABEL, NEIGHBOUR_ROUTE, "10.5.0.0/16", "", "mesh0", "", "fe80::7", "installed",
		NAN, 192, NAN, NAN, NAN, NAN, SIGNATURE_UNKNOWN, UNHEARD },
	{ NEIGHBOURS_WIREGUARD, NEIGHBOUR_ROUTE, "10.8.0.4", "", "wg0", "xTIBA5rboUvnH4htodjb6e69",
		"xTIBA5rboUvnH4htodjb6e69", "allowed", NAN, NAN, NAN, SAMPLE_TIME - 61, NAN, NAN,
		SIGNATURE_UNKNOWN, UNHEARD },
};

static const struct snapshot_mapek_series mapek_series[] = {
	{ "udp", 10411, 0, 812, 5.1 },
	{ "tcp", 201, 90, 240, 0 },
	{ "icmp", 12, 0, 19, 0.3 },
	{ "bad-signatures", 0, 0, 3, 0 },
	{ "neighbours", 6, 4, 8, 0 },
	{ "drops", NAN, NAN, NAN, NAN },
};

static const struct snapshot_mapek_anomaly mapek_anomalies[] = {
	{ 12, "udp flood", "udp", SAMPLE_TIME - 41, NAN, 11205, 0, 812, 5.3 },
	{ 11, "icmp flood", "icmp", SAMPLE_TIME - 5400, SAMPLE_TIME - 5340, 2044, 0, 17, 4.2 },
};

static const struct snapshot_mapek_action mapek_actions[] = {
	{ 31, 12, "udp flood", "10.1.0.12", MAPEK_ADVISED,
		"rule add limit 500/s from 10.1.0.12 proto udp for 2m comment \"mapek 31\"",
		"udp is 10.4K/s, usual is 0 to 812/s; 10.1.0.12 sends most of it", SAMPLE_TIME - 40,
		80, COUNT_UNKNOWN, 10411, NAN, NAN, COUNT_UNKNOWN, "", "" },
	{ 30, 12, "udp flood", "10.66.3.9", MAPEK_IN_FORCE,
		"rule add limit 500/s from 10.66.3.9 proto udp for 2m comment \"mapek 30\"",
		"udp is 10.4K/s, usual is 0 to 812/s; 10.66.3.9 sends much of it", SAMPLE_TIME - 40,
		80, 84112, 10411, 905, 0.99, 20, "", "" },
	{ 29, 11, "icmp flood", "192.0.2.4", MAPEK_UNDONE,
		"rule add limit 100/s from 192.0.2.4 proto icmp for 2m comment \"mapek 29\"",
		"icmp is 2.04K/s, usual is 0 to 17/s; 192.0.2.4 sends most of it",
		SAMPLE_TIME - 5399, NAN, 2101, 2044, 133, 0.94, 0, "", "" },
	{ 28, 11, "page me", "", MAPEK_OVER, "mapek run page me",
		"page me: icmp is 2.04K/s, usual is 0 to 17/s", SAMPLE_TIME - 5399, NAN,
		COUNT_UNKNOWN, 2044, 12, 1, COUNT_UNKNOWN, "exit 0", "paged the operator" },
};

static const struct snapshot_mapek_spared mapek_spared[] = {
	{ "192.0.2.0/24", SAMPLE_TIME - 7200 },
};

static const struct snapshot_mapek_outcome mapek_outcomes[] = {
	{ "udp flood", 7, 9, 5, 1, 11, 0, 84112, 20 },
	{ "icmp flood", 4, 6, 6, 0, 11, 1, 2101, 0 },
};

static void fill_mapek(struct snapshot_mapek *mapek)
{
	*mapek = (struct snapshot_mapek) { .available = true,
		.state = "advise",
		.mode = MAPEK_ADVISE,
		.policies = 7,
		.found = 12,
		.begun = 31,
		.lasting = 1,
		.in_force = 1,
		.relief = 0.99,
		.undone = 1,
		.dropped = 86213,
		.honest = 20,
		.n_spared = COUNT(mapek_spared),
		.n_outcomes = COUNT(mapek_outcomes),
		.n_series = COUNT(mapek_series),
		.n_anomalies = COUNT(mapek_anomalies),
		.n_actions = COUNT(mapek_actions) };
	memcpy(mapek->series, mapek_series, sizeof(mapek_series));
	memcpy(mapek->anomalies, mapek_anomalies, sizeof(mapek_anomalies));
	memcpy(mapek->actions, mapek_actions, sizeof(mapek_actions));
	memcpy(mapek->spared, mapek_spared, sizeof(mapek_spared));
	memcpy(mapek->outcomes, mapek_outcomes, sizeof(mapek_outcomes));
}

static void fill_neighbours(struct snapshot_neighbours *part)
{
	part->n_sources = COUNT(neighbour_sources);
	memcpy(part->sources, neighbour_sources, sizeof(neighbour_sources));
	part->n_neighbours = COUNT(neighbours);
	memcpy(part->neighbours, neighbours, sizeof(neighbours));
}

struct class_line {
	uint32_t interface;
	uint32_t class;
	uint32_t direction;
	uint64_t packets;
	double rate;
	uint32_t size;
};

static const struct class_line class_lines[] = {
	{ 0, CLASS_CONTROL, DIRECTION_INGRESS, 50259, 17, 66 },
	{ 0, CLASS_CONTROL, DIRECTION_EGRESS, 48100, 16, 66 },
	{ 0, CLASS_MESH, DIRECTION_INGRESS, 1401748, 524, 84 },
	{ 0, CLASS_MESH, DIRECTION_EGRESS, 1398211, 520, 84 },
	{ 0, CLASS_INTERACTIVE, DIRECTION_INGRESS, 1322028, 588, 180 },
	{ 0, CLASS_INTERACTIVE, DIRECTION_EGRESS, 1288400, 571, 180 },
	{ 0, CLASS_BULK, DIRECTION_INGRESS, 14120812, 5120, 1446 },
	{ 0, CLASS_BULK, DIRECTION_EGRESS, 9120812, 3310, 1446 },
	{ 1, CLASS_BULK, DIRECTION_INGRESS, 4120812, 1490, 1446 },
	{ 1, CLASS_BEST_EFFORT, DIRECTION_INGRESS, 26440011, 9910, 812 },
	{ 1, CLASS_BEST_EFFORT, DIRECTION_EGRESS, 28808894, 11918, 640 },
};

static const char *const class_names[] = { "control", "mesh", "interactive", "bulk",
	"best_effort" };

static void name_classes(struct snapshot_tc *tc)
{
	struct snapshot_interface_class *of = tc->interfaces_classes;

	tc->n_classes = COUNT(class_names);
	tc->n_interfaces_classes = COUNT(interface_names) * COUNT(class_names);
	for (size_t i = 0; i < COUNT(class_names); i++)
		snprintf(tc->classes[i].name, sizeof(tc->classes[i].name), "%s", class_names[i]);
	for (size_t i = 0; i < tc->n_interfaces_classes; i++) {
		snprintf(of[i].interface, sizeof(of[i].interface), "%s",
			interface_names[i / COUNT(class_names)]);
		snprintf(of[i].name, sizeof(of[i].name), "%s", class_names[i % COUNT(class_names)]);
	}
}

static const struct snapshot_class_line lines_of_classes[] = {
	{ .conditions = "udp 5060-5061 to @phones egress", .class = "interactive", .own = true },
	{ .conditions = "10.7.0.0/16 tcp 873", .class = "bulk", .own = true },
	{ .conditions = "ethertype 0x0806", .class = "control", .packets = "ARP" },
	{ .conditions = "ethertype 0x4305", .class = "mesh", .packets = "batman-adv" },
	{ .conditions = "tcp 179", .class = "control", .packets = "BGP" },
	{ .conditions = "dscp ef", .class = "interactive", .packets = "telephony" },
};

static void fill_classes(struct snapshot_tc *tc)
{
	tc->available = true;
	name_classes(tc);
	tc->n_interfaces = COUNT(interface_names);
	for (uint32_t i = 0; i < COUNT(interface_names); i++) {
		struct snapshot_tc_interface *interface = &tc->interfaces[i];

		snprintf(interface->name, sizeof(interface->name), "%s", interface_names[i]);
		interface->ifindex = i + 2;
		if (i < 2)
			snprintf(interface->attached, sizeof(interface->attached), "TCX");
		else
			snprintf(interface->problem, sizeof(interface->problem), "%s",
				programs[4].reason);
	}
	for (size_t i = 0; i < COUNT(class_lines); i++) {
		const struct class_line *line = &class_lines[i];
		const struct flow flow = {
			.packets = line->packets, .rate = line->rate, .size = line->size
		};

		add_traffic(&tc->classes[line->class - CLASS_CONTROL].directions[line->direction],
			&flow);
		add_traffic(&tc->interfaces_classes[line->interface * COUNT(class_names) +
						    line->class - CLASS_CONTROL]
				     .directions[line->direction],
			&flow);
	}
	tc->n_lines = COUNT(lines_of_classes);
	memcpy(tc->lines, lines_of_classes, sizeof(lines_of_classes));
	for (uint32_t i = 0; i < tc->n_lines; i++)
		tc->lines[i].number = i;
	add_counter(&tc->vlan[DIRECTION_INGRESS], 40218, 12);
	add_counter(&tc->interfaces[1].vlan[DIRECTION_INGRESS], 40218, 12);
}

/* --- network events ----------------------------------------------------------------------------- */

static const struct snapshot_drop drops[] = {
	{ "NO_SOCKET", "__udp4_lib_rcv", { 402113, 148 } },
	{ "TCP_INVALID_SEQUENCE", "tcp_rcv_state_process", { 1204, 0.5 } },
	{ "NETFILTER_DROP", "nf_hook_slow", { 311, 0 } },
	{ "SOCKET_RCVBUFF", "", { 97, 1 } },
};

static const struct snapshot_event events[] = {
	{ 1, SAMPLE_TIME - 3590.2, EVENT_KIND_PROGRAM,
		"xdp_mesh_filter adopted, with its counters" },
	{ 2, SAMPLE_TIME - 3590.1, EVENT_KIND_PROGRAM,
		"tc_classifier: wg0 carries another program" },
	{ 3, SAMPLE_TIME - 1841.0, EVENT_KIND_ACTION, "key: rule off 4" },
	{ 4, SAMPLE_TIME - 602.4, EVENT_KIND_MESH, "rule 1 dropped 10.66.3.9 -> 10.1.0.7 tcp 22" },
	{ 5, SAMPLE_TIME - 60.0, EVENT_KIND_SYSCALL, "futex took 812ms in postgres (pid 2112)" },
	{ 6, SAMPLE_TIME - 41.5, EVENT_KIND_NET,
		"retransmit 10.1.0.7:44122 -> 10.1.0.9:443 on mesh0" },
	{ 7, SAMPLE_TIME - 11.7, EVENT_KIND_NET,
		"drop NO_SOCKET 10.1.0.12:51514 -> 10.1.0.7:8081 on mesh0" },
	{ 8, SAMPLE_TIME - 3.2, EVENT_KIND_NET,
		"reset sent 10.1.0.7:8081 -> 10.1.0.12:51514 on mesh0" },
	{ 9, SAMPLE_TIME - 0.4, EVENT_KIND_SYSCALL, "read took 93.1ms in rsync (pid 31877)" },
	{ 10, SAMPLE_TIME - 0.3, EVENT_KIND_PQC, "message accepted: alder, seq 4811 on mesh0" },
	{ 11, SAMPLE_TIME - 0.2, EVENT_KIND_PQC,
		"bad signature: birch-long-name-of-a-node, seq 1919 on mesh0" },
};

static void fill_net_events(struct snapshot_net_events *net, const struct snapshot_packets *packets)
{
	net->available = true;
	net->n_interfaces = COUNT(interface_names);
	for (uint32_t i = 0; i < COUNT(interface_names); i++) {
		struct snapshot_net_interface *interface = &net->interfaces[i];

		snprintf(interface->name, sizeof(interface->name), "%s", interface_names[i]);
		interface->ifindex = i + 2;
		interface->received = packets->interfaces[i].all;
		interface->transmitted = packets->interfaces[i].verdicts[XDP_PASS];
	}
	net->n_drops = COUNT(drops);
	memcpy(net->drops, drops, sizeof(drops));
	for (size_t i = 0; i < COUNT(drops); i++)
		add_counter(&net->dropped, drops[i].packets.total, drops[i].packets.rate);
	net->dropped_by_x0top = (struct counter) { 8034, 12 };
	net->tcp_retransmits = (struct counter) { 8120, 2.5 };
	net->tcp_resets_sent = (struct counter) { 402001, 147 };
	net->tcp_resets_received = (struct counter) { 310, 0 };
	net->n_events = COUNT(events);
	memcpy(net->events, events, sizeof(events));
}

/* --- what is done to classes -------------------------------------------------------------------- */

static const struct snapshot_qos_class qos_classes[] = {
	{ .class = "mesh",
		.direction = "out",
		.modes = "mark, shape",
		.mark = "cs6",
		.police = NAN,
		.rate = 4e6,
		.ceiling = 1e7,
		.passed = { 81234567, 250000 },
		.marked = { 5120, 12 },
		.delay = 0 },
	{ .class = "bulk",
		.direction = "in",
		.modes = "police",
		.police = 2e6,
		.rate = NAN,
		.ceiling = NAN,
		.passed = { 12345678, 249000 },
		.dropped = { 9120, 140 },
		.delay = NAN },
	{ .class = "bulk",
		.direction = "out",
		.modes = "shape",
		.police = NAN,
		.rate = 1e6,
		.ceiling = 1e7,
		.passed = { 912345678, 900000 },
		.queue_dropped = { 77, 3 },
		.borrowed = { 40211, 510 },
		.waiting = 90840,
		.delay = 0.1009 },
};

static void fill_qos(struct snapshot_qos *qos)
{
	qos->n_interfaces = 1;
	qos->interfaces[0] = (struct snapshot_qos_interface) {
		.name = "eth0", .modes = "mark, police, shape", .rate = 1e7
	};
	qos->n_classes = COUNT(qos_classes);
	memcpy(qos->classes, qos_classes, sizeof(qos_classes));
	for (uint32_t i = 0; i < COUNT(qos_classes); i++)
		snprintf(qos->classes[i].interface, sizeof(qos->classes[i].interface), "eth0");
}

/* --- links -------------------------------------------------------------------------------------- */

static const struct snapshot_link links[] = {
	{ .state = LINK_UP,
		.changed = SAMPLE_TIME - 7200,
		.speed = 1e10,
		.mtu = 1500,
		.carrier_losses = 2,
		.receive_dropped = { 311, 0.5 } },
	{ .state = LINK_UP, .changed = NAN, .speed = 1e9, .mtu = 9000, .send_errors = { 4, 0 } },
	{ .state = LINK_UP, .changed = NAN, .speed = NAN, .mtu = 1420 },
};

/* The kernel counts what the programs do. */
static void fill_links(struct snapshot *s)
{
	s->links.n_links = COUNT(links);
	for (uint32_t i = 0; i < COUNT(links); i++) {
		struct snapshot_link *link = &s->links.links[i];

		*link = links[i];
		snprintf(link->name, sizeof(link->name), "%s", interface_names[i]);
		link->ifindex = i + 2;
		link->received = s->net_events.interfaces[i].received;
		link->sent = s->net_events.interfaces[i].transmitted;
	}
}

/* --- system calls ------------------------------------------------------------------------------- */

struct call_line {
	const char *name;
	uint64_t calls;
	double rate;
	uint64_t errors;
	double error_rate;
	double mean, p50, p90, p99, p999, max;
};

static const struct call_line call_lines[] = {
	{ "read", 221040118, 61204, 12040, 3, 4100, 980, 3900, 42000, 410000, 9.31e7 },
	{ "write", 98120044, 24118, 320, 0, 3300, 1400, 5200, 31000, 220000, 4.1e7 },
	{ "sendto", 40112840, 11020, 0, 0, 6100, 4800, 9100, 21000, 88000, 3.2e6 },
	{ "recvfrom", 41118209, 11411, 980221, 310, 2900, 1900, 5400, 18000, 71000, 2.8e6 },
	{ "connect", 402190, 150, 401001, 148, 38000, 31000, 61000, 180000, 2.1e6, 3.1e9 },
	{ "accept4", 120911, 44, 0, 0, 12000, 9800, 17000, 44000, 120000, 910000 },
	{ "sendmsg", 8120911, 2210, 12, 0, 9900, 8100, 15000, 39000, 140000, 2.2e6 },
	{ "recvmsg", 16220911, 4512, 8001, 2, 3800, 2700, 6900, 19000, 66000, 1.9e6 },
	{ "epoll_wait", 88120443, 18211, 0, 0, 910000, 210000, 2.4e6, 9.8e6, 4.9e7, 1.0e9 },
	{ "futex", 251204112, 50911, 4120330, 1402, 61000, 1100, 48000, 1.2e6, 1.9e7, 8.12e8 },
	{ "openat", 6620410, 811, 120440, 31, 5200, 3900, 8800, 33000, 190000, 7.7e6 },
};

static double bucket_floor(int bucket)
{
	int step = bucket - 1;

	if (bucket == 0)
		return 0;
	return ldexp(1 + (double)(step % LATENCY_SUB_BUCKETS) / LATENCY_SUB_BUCKETS,
		LATENCY_MIN_SHIFT + step / LATENCY_SUB_BUCKETS);
}

/* The share of calls that took less than `ns`: straight lines between the quantiles, in log ns. */
static double share_below(const struct call_line *line, double ns)
{
	const double at[] = { line->p50 / 8, line->p50, line->p90, line->p99, line->p999,
		line->max };
	const double share[] = { 0, 0.5, 0.9, 0.99, 0.999, 1 };

	if (ns <= at[0])
		return 0;
	for (size_t i = 1; i < COUNT(at); i++)
		if (ns < at[i])
			return share[i - 1] + (share[i] - share[i - 1]) * log(ns / at[i - 1]) /
						      log(at[i] / at[i - 1]);
	return 1;
}

static void fill_call(struct snapshot_syscall *call, const struct call_line *line)
{
	uint64_t below = 0;

	snprintf(call->name, sizeof(call->name), "%s", line->name);
	call->calls = (struct counter) { line->calls, line->rate };
	call->errors = (struct counter) { line->errors, line->error_rate };
	call->mean_ns = line->mean;
	call->total_ns = (uint64_t)(line->mean * (double)line->calls);
	call->max_ns = line->max;
	call->recent = (struct quantiles) { line->p50, line->p90, line->p99, line->p999 };
	call->overall = call->recent;
	for (int b = 0; b < LATENCY_BUCKETS; b++) {
		double end = b + 1 < LATENCY_BUCKETS ? bucket_floor(b + 1) : INFINITY;
		uint64_t until = (uint64_t)((double)line->calls * share_below(line, end));

		call->buckets[b] = until - below;
		below = until;
	}
}

static const struct snapshot_slow_call slowest[] = {
	{ SAMPLE_TIME - 33.1, "connect", 31812, 31812, "curl", 3.1e9, -110 },
	{ SAMPLE_TIME - 0.6, "epoll_wait", 911, 913, "babeld", 1.0e9, 0 },
	{ SAMPLE_TIME - 51.0, "futex", 2112, 2140, "postgres", 8.12e8, 0 },
	{ SAMPLE_TIME - 0.4, "read", 31877, 31877, "rsync", 9.31e7, 131072 },
	{ SAMPLE_TIME - 12.9, "openat", 31877, 31877, "rsync", 7.7e6, -2 },
};

static void fill_syscalls(struct snapshot_syscalls *syscalls)
{
	syscalls->available = true;
	snprintf(syscalls->attached, sizeof(syscalls->attached), "tracepoint");
	snprintf(syscalls->calls_32bit, sizeof(syscalls->calls_32bit), "measured");
	snprintf(syscalls->left_out, sizeof(syscalls->left_out), "epoll_pwait2, poll");
	syscalls->n_calls = COUNT(call_lines);
	for (size_t i = 0; i < COUNT(call_lines); i++)
		fill_call(&syscalls->calls[i], &call_lines[i]);
	syscalls->n_slowest = COUNT(slowest);
	memcpy(syscalls->slowest, slowest, sizeof(slowest));
}

static double secure_bound(double ns)
{
	int bucket = 0;

	while (bucket < SECURE_BUCKETS - 1 && ns >= ldexp(1, SECURE_FIRST_SHIFT + 2 * bucket))
		bucket++;
	return ldexp(1, SECURE_FIRST_SHIFT + 2 * bucket);
}

static void fill_secure_call(struct snapshot_syscall_secure *call, const struct call_line *line)
{
	uint64_t below = 0;

	snprintf(call->name, sizeof(call->name), "%s", line->name);
	call->p50 = secure_bound(line->p50);
	call->p90 = secure_bound(line->p90);
	call->p99 = secure_bound(line->p99);
	for (int b = 0; b < SECURE_BUCKETS; b++) {
		double end =
			b + 1 < SECURE_BUCKETS ? ldexp(1, SECURE_FIRST_SHIFT + 2 * b) : INFINITY;
		uint64_t until = (uint64_t)((double)line->calls * share_below(line, end));

		call->buckets[b] = (until - below) / SECURE_STEP * SECURE_STEP;
		call->calls.total += call->buckets[b];
		below = until;
	}
	call->calls.rate = floor(line->rate / SECURE_STEP) * SECURE_STEP;
	call->errors.total = line->errors / SECURE_STEP * SECURE_STEP;
	call->errors.rate = floor(line->error_rate / SECURE_STEP) * SECURE_STEP;
}

static void fill_secure(struct snapshot_syscalls_secure *secure)
{
	secure->available = true;
	snprintf(secure->attached, sizeof(secure->attached), "tracepoint");
	snprintf(secure->calls_32bit, sizeof(secure->calls_32bit), "measured");
	secure->step = SECURE_STEP;
	secure->epsilon = log(SECURE_ALPHA_INVERSE);
	secure->n_calls = COUNT(call_lines);
	for (size_t i = 0; i < COUNT(call_lines); i++)
		fill_secure_call(&secure->calls[i], &call_lines[i]);
}

/* --- signatures --------------------------------------------------------------------------------- */

static const struct snapshot_pqc_node nodes[] = {
	{ "alder", "6d1f0c3e9a5b7742", PQC_SET_65, SAMPLE_TIME + 2940, SAMPLE_TIME - 8, 4811,
		{ 4811, 0.1 }, "10.1.0.7", { 212, 1 }, { 12, 0 } },
	{ "birch-long-name-of-a-node", "0092ab41ffee0c17", PQC_SET_87, SAMPLE_TIME + 75,
		SAMPLE_TIME - 3525, 1918, { 1918, 0.1 }, "", { 0, 0 }, { 0, 0 } },
	{ "cedar", "e38811d2c6a09f5e", PQC_SET_44, SAMPLE_TIME - 130, SAMPLE_TIME - 3730, 77,
		{ 77, 0 }, "", { 0, 0 }, { 0, 0 } },
	{ "dogwood", "41c7d90b5e6f2a38", PQC_SET_65, 0, 0, 0, { 0, 0 }, "", { 0, 0 }, { 0, 0 } },
	{ "", "b5d20f6c7e8899aa", PQC_SET_UNKNOWN, SAMPLE_TIME + 1200, SAMPLE_TIME - 2400, 12,
		{ 12, 0 }, "", { 0, 0 }, { 0, 0 } },
};

static const struct snapshot_pqc_session sessions[] = {
	{ "alder", "6d1f0c3e9a5b7742", "0a1b2c3d", SAMPLE_TIME - 60, SAMPLE_TIME + 540,
		{ { 912044, 1204 }, { 730912844, 964000 } }, { 0, 0 } },
	{ "alder", "6d1f0c3e9a5b7742", "0a1b2c3c", SAMPLE_TIME - 660, SAMPLE_TIME - 60,
		{ { 1200340, 0 }, { 912404112, 0 } }, { 2, 0 } },
	{ "birch-long-name-of-a-node", "0092ab41ffee0c17", "7f000001", SAMPLE_TIME - 539,
		SAMPLE_TIME + 61, { { 40112, 88 }, { 32089600, 70400 } }, { 1012, 4 } },
};

static const struct counter results[PQC_RESULTS] = {
	[PQC_DATA_ACCEPTED] = { 2152496, 1292 },
	[PQC_FRAGMENT_BUFFERED] = { 20481, 0.6 },
	[PQC_MESSAGE_ACCEPTED] = { 6818, 0.2 },
	[PQC_UNKNOWN_NODE] = { 391, 0 },
	[PQC_EXPIRED] = { 12, 0 },
	[PQC_REPLAYED] = { 1014, 4 },
	[PQC_BAD_SIGNATURE] = { 48214, 31 },
	[PQC_BAD_TAG] = { 1000000, 420 },
	[PQC_THROTTLED] = { 91204, 12.5 },
};

static void fill_pqc(struct snapshot_pqc *pqc)
{
	pqc->available = true;
	snprintf(pqc->state, sizeof(pqc->state), "enforcing");
	pqc->mode = PQC_ENFORCE;
	pqc->n_ports = 2;
	pqc->ports[0].number = 26970;
	pqc->ports[1].number = 7777;
	memcpy(pqc->results, results, sizeof(results));
	pqc->verifications = (struct counter) { 55032, 31.2 };
	pqc->times = (struct quantiles) { 19800, 31200, 58300, 64900 };
	pqc->buckets[13] = 212;
	pqc->buckets[14] = 51000;
	pqc->buckets[15] = 3790;
	pqc->buckets[16] = 30;
	pqc->budget_used = 0.37;
	pqc->budget_rate = 1000;
	pqc->n_nodes = COUNT(nodes);
	memcpy(pqc->nodes, nodes, sizeof(nodes));
	pqc->n_sessions = pqc->sessions_total = COUNT(sessions);
	memcpy(pqc->sessions, sessions, sizeof(sessions));
}

/* ------------------------------------------------------------------------------------------------ */

/* Fills in the alerts of a first sample. */
static void fill_alerts(struct snapshot *snapshot)
{
	static struct alert_log log;

	memset(&log, 0, sizeof(log));
	alert_log_sample(&log, snapshot);
}

void snapshot_sample(struct snapshot *snapshot)
{
	snapshot_clear(snapshot);
	snprintf(snapshot->schema, sizeof(snapshot->schema), "%s", SNAPSHOT_SCHEMA);
	snapshot->time = SAMPLE_TIME;
	snapshot->interval = 1;
	fill_host(snapshot);
	fill_packets(&snapshot->packets);
	fill_mesh(&snapshot->mesh);
	fill_talkers(&snapshot->talkers);
	fill_neighbours(&snapshot->neighbours);
	fill_classes(&snapshot->tc);
	fill_qos(&snapshot->qos);
	fill_net_events(&snapshot->net_events, &snapshot->packets);
	fill_links(snapshot);
	fill_syscalls(&snapshot->syscalls);
	fill_secure(&snapshot->syscalls_secure);
	fill_pqc(&snapshot->pqc);
	fill_alerts(snapshot);
}

void snapshot_sample_troubled(struct snapshot *snapshot)
{
	struct snapshot_program *failed;
	struct snapshot_packets_interface *gone;

	snapshot_sample(snapshot);
	failed = &snapshot->programs[5];
	*failed = (struct snapshot_program) { .state = PROGRAM_FAILED,
		.reason = "CAP_PERFMON is missing, which tracing programs need.",
		.remedy = "Run it with sudo, or give the binary cap_bpf,cap_perfmon+ep." };
	snprintf(failed->name, sizeof(failed->name), "kprobe_syscall_latency");
	snprintf(failed->kind, sizeof(failed->kind), "system calls");
	fields_clear(syscalls_fields, &snapshot->syscalls);
	snapshot->programs[2] =
		(struct snapshot_program) { .state = PROGRAM_OFF, .enforcer = true };
	snprintf(snapshot->programs[2].name, sizeof(snapshot->programs[2].name), "xdp_pqc_verify");
	snprintf(snapshot->programs[2].kind, sizeof(snapshot->programs[2].kind), "XDP");
	fields_clear(pqc_fields, &snapshot->pqc);
	snprintf(snapshot->pqc.state, sizeof(snapshot->pqc.state), "off");
	gone = &snapshot->packets.interfaces[2];
	gone->hook = XDP_MODE_OFF;
	snprintf(gone->problem, sizeof(gone->problem), "wg0 has disappeared.");
	snapshot->links.links[2].state = LINK_ABSENT;
	snapshot->links.links[1].state = LINK_NO_CARRIER;
	snapshot->links.links[1].changed = SAMPLE_TIME - 75;
	add_counter(&snapshot->packets.interfaces[0].malformed, 900, 31);
	add_counter(&snapshot->packets.sum.malformed, 900, 31);
	snapshot->self.losses[0].count = (struct counter) { 5120, 44 };
	snapshot->self.readonly = true;
	fill_alerts(snapshot);
}

static void forget(const struct field *fields, char *base);

static void forget_elements(const struct field *field, char *base, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		forget(field->fields, base + field->offset + i * field->size);
}

static void forget(const struct field *fields, char *base)
{
	for (const struct field *field = fields; field->name != NULL; field++) {
		char *member = base + field->offset;

		if (field->type == FIELD_LIST)
			forget_elements(field, base, *(const uint32_t *)(base + field->n_offset));
		else if (field->type == FIELD_KEYED)
			forget_elements(field, base, field->count);
		else if (field->type == FIELD_STRUCT && field->nullable)
			fields_set_unknown(field->fields, member);
		else if (field->type == FIELD_STRUCT)
			forget(field->fields, member);
		else if (field->nullable && field->type == FIELD_DOUBLE)
			*(double *)member = NAN;
	}
}

void snapshot_sample_first(struct snapshot *snapshot)
{
	snapshot_sample(snapshot);
	forget(snapshot_fields, (char *)snapshot);
}

void snapshot_sample_unusual(struct snapshot *snapshot)
{
	struct snapshot_rule *last;

	snapshot_sample(snapshot);
	fill_mapek(&snapshot->mapek);
	last = &snapshot->mesh.rules[snapshot->mesh.n_rules - 1];
	last->origin = MESH_ORIGIN_MAPEK;
	snprintf(last->comment, sizeof(last->comment), "mapek 30");
}
