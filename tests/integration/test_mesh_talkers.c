// SPDX-License-Identifier: BSD-2-Clause
/* The flow table of xdp_mesh_filter as a list of the busiest flows: real packets, on the running kernel. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <cmocka.h>

#include "mesh/compile.h"
#include "mesh/flow_key.h"
#include "mesh/flow_table.h"
#include "mesh/rule.h"
#include "mesh/tables.h"
#include "tests/lib/bpf_program.h"
#include "tests/lib/packets.h"
#include "xdp_chain.h"

static struct {
	struct bpf_object *object;
	int program;
	uint32_t generation;
	struct mesh_rule rules[MESH_RULES_MAX];
	struct map_registry maps;
	struct percpu percpu;
	struct flow_table table;
	struct talkers *talkers;
	struct frame frame;
} test;

static uint32_t no_interface(const char *name)
{
	(void)name;
	return 0;
}

static void put_in_force(const char *text)
{
	const struct mesh_source source = {
		.rules = test.rules,
		.generation = ++test.generation,
		.seed = 20261127,
		.ifindex = no_interface,
	};
	struct mesh_compiled compiled;
	struct failure failure;
	const struct tables_maps maps = { .near = bpf_program_map_fd(test.object, "mesh_near"),
		.lines = bpf_program_map_fd(test.object, "mesh_lines"),
		.shorts = bpf_program_map_fd(test.object, "mesh_shorts"),
		.control = bpf_program_map_fd(test.object, "mesh_filter_control") };

	assert_int_equal(rule_parse(text, &test.rules[0], &failure), 0);
	assert_int_equal(mesh_compile(&source, &compiled, &failure), 0);
	assert_int_equal(tables_write(&compiled, &maps), 0);
	mesh_compiled_free(&compiled);
	assert_int_equal(tables_put(maps.control, MESH_BANKS), 0);
}

/* Once: the verifier takes its time. */
static int load(void **state)
{
	static const struct shared_map maps[] = { { .name = "mesh_flows" },
		{ .name = "mesh_scratch" }, { .name = "mesh_looking" }, { .name = NULL } };

	(void)state;
	test.object = bpf_program_open("xdp_mesh_filter");
	bpf_program_load(test.object);
	test.program = bpf_program_fd(test.object, "xdp_mesh_filter");
	bpf_program_enter_alone(test.program);
	map_registry_init(&test.maps);
	map_registry_declare(&test.maps, maps);
	return map_registry_keep(&test.maps, test.object);
}

static int unload(void **state)
{
	(void)state;
	map_registry_close(&test.maps);
	bpf_object__close(test.object);
	return 0;
}

/* Each test has a filter without flows. */
static int start(void **state)
{
	static const char *const state_of_flows[] = { "mesh_flows", "mesh_scratch", "mesh_looking",
		"xdp_packet" };

	(void)state;
	for (size_t i = 0; i < sizeof(state_of_flows) / sizeof(state_of_flows[0]); i++)
		bpf_program_clear(bpf_program_map_fd(test.object, state_of_flows[i]));
	assert_int_equal(percpu_open(&test.percpu, sizeof(struct mesh_scratch)), 0);
	assert_int_equal(flow_table_open(&test.maps, &test.percpu, &test.table), 0);
	assert_int_equal(
		talkers_open(test.table.entries * (uint32_t)test.table.cpus, 8192, &test.talkers),
		0);
	put_in_force("drop udp 9999");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	talkers_close(test.talkers);
	flow_table_close(&test.table);
	percpu_close(&test.percpu);
	return 0;
}

static void sample(void)
{
	struct mesh_scratch scratch;
	uint32_t zero = 0;

	assert_int_equal(percpu_sum(&test.percpu, map_registry_fd(&test.maps, "mesh_scratch"),
				 &zero, &scratch, sizeof(scratch)),
		0);
	talkers_begin(test.talkers);
	assert_int_equal(flow_table_read(&test.table, test.talkers), 0);
	talkers_end(test.talkers, &scratch.replaced);
}

static void send_udp(uint16_t source_port, uint16_t destination_port, uint32_t n)
{
	frame_ethernet(&test.frame, 0x0800);
	frame_ipv4(&test.frame, &(struct frame_ipv4) { .protocol = 17 });
	frame_udp(&test.frame, source_port, destination_port);
	frame_finish(&test.frame);
	for (uint32_t i = 0; i < n; i++)
		bpf_program_run(test.program, test.frame.bytes, test.frame.length);
}

static uint32_t busiest(const struct talker *list[], uint32_t room)
{
	return talkers_busiest(test.talkers, TALKER_FLOW, room, list);
}

/* The rule looks at the destination port alone. */
static void keys_are_whole_while_somebody_looks(void **state)
{
	const struct talker *list[4];
	struct flow_key read;

	(void)state;
	sample();
	send_udp(40000, 9999, 5);
	sample();
	assert_int_equal(busiest(list, 4), 0);
	assert_int_equal(flow_table_look(&test.maps, 60), 0);
	send_udp(40000, 9999, 5);
	send_udp(40001, 9999, 7);
	send_udp(40001, 53, 2);
	sample();
	assert_int_equal(busiest(list, 4), 3);
	const struct talker *most = list[0];
	assert_int_equal(most->total.packets, 7);
	assert_int_equal(most->total.bytes, 7 * test.frame.length);
	assert_int_equal(most->action, MESH_DROP);
	assert_int_equal(most->id, 0);
	assert_int_equal(list[2]->id, MESH_NO_RULE);
	flow_key_read(most->key, &read);
	assert_memory_equal(read.headers.source6, FRAME_SOURCE4, 4);
	assert_memory_equal(read.headers.source_mac, FRAME_SOURCE_MAC, 6);
	assert_int_equal(read.headers.network, NETWORK_IPV4);
	assert_int_equal(read.headers.flags, PACKET_MAC | PACKET_ADDRESS | PACKET_PORTS);
	assert_int_equal(ntohs(read.headers.source_port), 40001);
	assert_int_equal(ntohs(read.headers.destination_port), 9999);
	assert_int_equal(read.headers.protocol, 17);
	assert_int_equal(ntohs(read.headers.ethertype), 0x0800);
	assert_int_equal(read.ifindex, BPF_PROGRAM_RUN_IFINDEX);
	assert_false(read.hiding);
	assert_int_equal(flow_table_look(&test.maps, 0), 0);
	send_udp(40000, 9999, 3);
	sample();
	assert_int_equal(busiest(list, 4), 3);
	assert_int_equal(talkers_now(test.talkers, list[0]).packets, 0);
}

/* Another set of rules decides about a flow anew, and goes on counting it. */
static void a_change_of_rules_keeps_the_counts(void **state)
{
	const struct talker *list[2];

	(void)state;
	flow_table_look(&test.maps, 60);
	sample();
	send_udp(40000, 9999, 5);
	put_in_force("pass udp 9999");
	send_udp(40000, 9999, 4);
	sample();
	assert_int_equal(busiest(list, 2), 1);
	assert_int_equal(list[0]->total.packets, 9);
	assert_int_equal(list[0]->action, MESH_PASS);
	assert_int_equal(talkers_lost(test.talkers)->packets, 0);
}

/* More flows than places: each packet is in a list, or lost. */
static void losses_are_counted(void **state)
{
	static const struct talker *list[8192];
	enum { FLOWS = 12000, ROUNDS = 2 };
	uint64_t listed = 0;
	cpu_set_t all, one;

	(void)state;
	/* On one CPU: so that each round leaves the same flows, none of which takes the place of one that was quiet. */
	sched_getaffinity(0, sizeof(all), &all);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	flow_table_look(&test.maps, 60);
	sample();
	for (uint32_t round = 0; round < ROUNDS; round++) {
		for (uint32_t i = 0; i < FLOWS; i++)
			send_udp((uint16_t)(1024 + i), 53, 1);
		sample();
	}
	sched_setaffinity(0, sizeof(all), &all);
	uint32_t n = busiest(list, 8192);
	for (uint32_t i = 0; i < n; i++)
		listed += list[i]->total.packets;
	const struct traffic_count *lost = talkers_lost(test.talkers);
	printf("%u flows listed with %llu packets, %llu packets lost\n", n,
		(unsigned long long)listed, (unsigned long long)lost->packets);
	assert_int_equal(listed + lost->packets, ROUNDS * FLOWS);
	assert_in_range(lost->packets, 1, ROUNDS * FLOWS - 1);
}

/* Whoever looked was killed: a timed packet ends it. */
static void a_look_that_is_not_renewed_ends(void **state)
{
	int map = bpf_program_map_fd(test.object, "mesh_looking");
	struct xdp_packet packet = { .lap_ns = 2 };
	struct mesh_looking looking = { .until_ns = 2, .dimensions = ~0U };
	uint32_t zero = 0;

	(void)state;
	bpf_map_update_elem(map, &zero, &looking, BPF_ANY);
	bpf_program_set_percpu(
		bpf_program_map_fd(test.object, "xdp_packet"), 0, &packet, sizeof(packet));
	send_udp(40000, 9999, 1);
	bpf_map_lookup_elem(map, &zero, &looking);
	assert_int_equal(looking.dimensions, ~0U);
	packet.lap_ns = 3;
	bpf_program_set_percpu(
		bpf_program_map_fd(test.object, "xdp_packet"), 0, &packet, sizeof(packet));
	send_udp(40000, 9999, 1);
	bpf_map_lookup_elem(map, &zero, &looking);
	assert_int_equal(looking.dimensions, 0);
}

/* Each field of a key is read as the parser wrote it, with a VLAN tag, IPv6, and without IP. */
static void all_fields_are_in_a_key(void **state)
{
	const struct talker *list[8];
	struct flow_key read;

	(void)state;
	flow_table_look(&test.maps, 60);
	sample();
	frame_ethernet(&test.frame, 0x8100);
	frame_vlan(&test.frame, 0x86dd);
	frame_ipv6(&test.frame, 17, 0);
	frame_udp(&test.frame, 1, 2);
	frame_finish(&test.frame);
	for (int i = 0; i < 2; i++)
		bpf_program_run(test.program, test.frame.bytes, test.frame.length);
	frame_ethernet(&test.frame, 0x0806);
	frame_arp(&test.frame);
	bpf_program_run(test.program, test.frame.bytes, test.frame.length);
	sample();
	assert_int_equal(busiest(list, 8), 2);
	flow_key_read(list[0]->key, &read);
	assert_memory_equal(read.headers.source6, FRAME_SOURCE6, 16);
	assert_int_equal(read.headers.network, NETWORK_IPV6);
	assert_true(read.headers.flags & PACKET_VLAN);
	assert_int_not_equal(read.headers.vlan, 0);
	assert_int_equal(ntohs(read.headers.ethertype), 0x86dd);
	flow_key_read(list[1]->key, &read);
	assert_int_equal(read.headers.network, NETWORK_ARP);
	assert_int_equal(read.headers.flags & PACKET_ADDRESS, 0);
	assert_int_equal(talkers_busiest(test.talkers, TALKER_SOURCE, 8, list), 2);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_are_whole_while_somebody_looks),
		TEST(all_fields_are_in_a_key),
		TEST(a_change_of_rules_keeps_the_counts),
		TEST(losses_are_counted),
		TEST(a_look_that_is_not_renewed_ends),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
