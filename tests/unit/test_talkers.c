// SPDX-License-Identifier: BSD-2-Clause
/* The busiest flows and sources, and what of the kernel's flow table is lost between two samples. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mesh/talkers.h"
#include "xdp_chain.h"

enum { PLACES = 16, ROOM = 64 };

static struct talkers *talkers;

static int start(void **state)
{
	(void)state;
	return talkers_open(PLACES, ROOM, &talkers);
}

static int stop(void **state)
{
	(void)state;
	talkers_close(talkers);
	return 0;
}

/* A flow of UDP from 10.0.0.`host`. */
static struct mesh_flow flow_of(uint8_t host, uint32_t taken, uint64_t packets)
{
	struct mesh_flow flow = { .id = host,
		.taken = taken,
		.packets = packets,
		.bytes = 100 * packets,
		.generation = 1 };
	const struct packet_headers headers = {
		.flags = PACKET_ADDRESS | PACKET_MAC | MESH_FLOW_WHOLE,
		.network = NETWORK_IPV4,
		.protocol = 17,
		.source_mac = { 2, 0, 0, 0, 0, host % 2 },
	};
	const uint8_t address[4] = { 10, 0, 0, host };

	memcpy(flow.key, headers.words, sizeof(flow.key));
	memcpy((uint8_t *)flow.key + offsetof(struct packet_headers, source4), address,
		sizeof(address));
	return flow;
}

static void add(uint32_t place, uint8_t host, uint32_t taken, uint64_t packets)
{
	const struct mesh_flow flow = flow_of(host, taken, packets);

	talkers_add(talkers, place, &flow);
}

static void end(uint64_t replaced)
{
	talkers_end(talkers, &(struct traffic_count) { replaced, 100 * replaced });
}

static void assert_flow(const struct talker *talker, uint16_t id, uint64_t now, uint64_t total)
{
	assert_int_equal(talker->id, id);
	assert_int_equal(talkers_now(talkers, talker).packets, now);
	assert_int_equal(talker->total.packets, total);
	assert_int_equal(talker->total.bytes, 100 * total);
}

/* On one CPU, a flow still has the decision of the rules before. */
static void the_latest_rules_decide(void **state)
{
	struct mesh_flow old = flow_of(1, 1, 5), new = flow_of(1, 1, 4);
	const struct talker *list[2];

	(void)state;
	old.generation = UINT32_MAX;
	new.generation = 3; /* they wrap */
	new.id = 7;
	talkers_begin(talkers);
	end(0);
	talkers_begin(talkers);
	talkers_add(talkers, 0, &new);
	talkers_add(talkers, 1, &old);
	end(0);
	assert_int_equal(talkers_busiest(talkers, TALKER_FLOW, 2, list), 1);
	assert_flow(list[0], 7, 9, 9);
	/* Another filter may begin anew. */
	old.packets = 8;
	old.bytes = 800;
	talkers_begin(talkers);
	talkers_add(talkers, 0, &new);
	talkers_add(talkers, 1, &old);
	end(0);
	assert_flow(list[0], 1, 3, 12);
	old.generation = 2; /* no more than two apart */
	old.packets += 4;
	new.packets += 2;
	talkers_begin(talkers);
	talkers_add(talkers, 0, &new);
	talkers_add(talkers, 1, &old);
	end(0);
	assert_int_equal(list[0]->id, 7);
}

static void the_busiest_come_first(void **state)
{
	const struct talker *list[4];

	(void)state;
	talkers_begin(talkers);
	add(0, 1, 1, 1000);
	end(0);
	assert_int_equal(talkers_busiest(talkers, TALKER_FLOW, 2, list), 0);
	talkers_begin(talkers);
	add(0, 1, 1, 1010);
	add(1, 2, 1, 30);
	add(9, 2, 1, 5); /* the same flow on another CPU */
	add(2, 3, 1, 20);
	add(3, 4, 1, 0); /* no packet of it came */
	end(0);
	assert_int_equal(talkers_busiest(talkers, TALKER_FLOW, 4, list), 3);
	assert_flow(list[2], 1, 10, 10);
	assert_int_equal(talkers_busiest(talkers, TALKER_FLOW, 2, list), 2);
	assert_flow(list[0], 2, 35, 35);
	assert_flow(list[1], 3, 20, 20);
	talkers_begin(talkers);
	add(0, 1, 1, 1010);
	add(2, 3, 1, 21);
	end(0);
	assert_int_equal(talkers_busiest(talkers, TALKER_FLOW, 2, list), 2);
	assert_flow(list[0], 3, 1, 21);
	assert_flow(list[1], 2, 0, 35);
	assert_int_equal(talkers_lost(talkers)->packets, 0);
}

static void sources_and_macs_are_added_up(void **state)
{
	const uint8_t address[4] = { 10, 0, 0, 3 }, mac[6] = { 2, 0, 0, 0, 0, 1 },
		      nobody[4] = { 10, 0, 0, 9 };
	const struct talker *list[4];

	(void)state;
	talkers_begin(talkers);
	end(0);
	talkers_begin(talkers);
	add(0, 3, 1, 7);
	add(1, 5, 1, 4);
	add(2, 4, 1, 1);
	end(0);
	assert_int_equal(talkers_by_address(talkers, NETWORK_IPV4, address)->total.packets, 7);
	assert_int_equal(talkers_by_mac(talkers, mac)->total.packets, 11);
	assert_null(talkers_by_address(talkers, NETWORK_IPV4, nobody));
	assert_int_equal(talkers_busiest(talkers, TALKER_SOURCE, 4, list), 3);
}

/* Each packet was seen in a flow, or is lost. */
static void what_no_sample_saw_is_lost(void **state)
{
	(void)state;
	talkers_begin(talkers);
	add(0, 1, 1, 50);
	end(900); /* before anybody looked */
	talkers_begin(talkers);
	add(0, 2, 2, 5); /* flow 1 had 60 by then: 10 of them were not seen */
	end(900 + 60);
	assert_int_equal(talkers_lost(talkers)->packets, 10);
	talkers_begin(talkers);
	add(0, 3, 4, 1); /* 2 had 5, and was seen; another one came and went with 30 */
	end(900 + 60 + 5 + 30);
	assert_int_equal(talkers_lost(talkers)->packets, 40);
	assert_int_equal(talkers_lost(talkers)->bytes, 4000);
}

/* The same flow in the same place, after another one: its count began anew. */
static void a_flow_that_comes_back_is_counted_once(void **state)
{
	const struct talker *list[4];

	(void)state;
	talkers_begin(talkers);
	end(0);
	talkers_begin(talkers);
	add(0, 1, 1, 10);
	end(0);
	talkers_begin(talkers);
	add(0, 1, 3, 12);
	end(10 + 4);
	assert_int_equal(talkers_busiest(talkers, TALKER_FLOW, 4, list), 1);
	assert_flow(list[0], 1, 12, 22);
	assert_int_equal(talkers_lost(talkers)->packets, 4);
}

static void flows_beyond_the_room_are_lost(void **state)
{
	const struct talker *list[2 * ROOM];
	uint64_t listed = 0;

	(void)state;
	talkers_begin(talkers);
	end(0);
	talkers_begin(talkers);
	for (uint32_t i = 0; i < 200; i++)
		add(i % PLACES, (uint8_t)i, i + 1, 1);
	end(200 - PLACES);
	uint32_t n = talkers_busiest(talkers, TALKER_FLOW, 2 * ROOM, list);
	assert_in_range(n, ROOM / 2, ROOM);
	for (uint32_t i = 0; i < n; i++)
		listed += list[i]->total.packets;
	assert_int_equal(listed + talkers_lost(talkers)->packets, 200);
}

/* A fragment, and a packet of neighbour discovery, are of the flow that they look like. */
static void likely_flows_are_one(void **state)
{
	const struct talker *list[4];
	struct mesh_flow fragment = flow_of(1, 1, 3), later = flow_of(1, 1, 4),
			 hiding = flow_of(1, 1, 5);

	(void)state;
	fragment.key[0] |= PACKET_FRAGMENT;
	later.key[0] |= PACKET_DISCOVERY;
	hiding.key[0] |= PACKET_HIDING;
	talkers_begin(talkers);
	end(0);
	talkers_begin(talkers);
	add(0, 1, 1, 2);
	talkers_add(talkers, 1, &fragment);
	talkers_add(talkers, 2, &later);
	talkers_add(talkers, 3, &hiding);
	end(0);
	assert_int_equal(talkers_busiest(talkers, TALKER_FLOW, 4, list), 2);
	assert_flow(list[0], 1, 9, 9);
	assert_flow(list[1], 1, 5, 5);
}

static void partial_keys_are_no_flows(void **state)
{
	const struct talker *list[1];
	struct mesh_flow flow = flow_of(1, 1, 10);

	(void)state;
	flow.key[0] &= ~(uint64_t)MESH_FLOW_WHOLE;
	talkers_begin(talkers);
	end(0);
	talkers_begin(talkers);
	talkers_add(talkers, 0, &flow);
	end(0);
	assert_int_equal(talkers_busiest(talkers, TALKER_FLOW, 1, list), 0);
}

static void four_sources(void)
{
	for (uint8_t host = 1; host <= 4; host++)
		add(host, host, 1, 10);
}

static void eight_ports(void)
{
	struct packet_headers headers;

	for (uint16_t port = 0; port < 8; port++) {
		struct mesh_flow flow = flow_of(1, 1, 5);
		memcpy(headers.words, flow.key, sizeof(flow.key));
		headers.flags |= PACKET_PORTS;
		headers.destination_port = port; /* 0 is one, too */
		memcpy(flow.key, headers.words, sizeof(flow.key));
		talkers_add(talkers, port, &flow);
	}
}

/* Each table has a seed of its own, by which two things may share a bucket, 3 % of eight: then there are less bits. */
static void assert_bits(
	void (*fill)(void), double (*entropy)(const struct talkers *talkers), double expected)
{
	enum { TABLES = 8 };
	double most = 0;

	for (int i = 0; i < TABLES; i++) {
		stop(NULL);
		assert_int_equal(start(NULL), 0);
		talkers_begin(talkers);
		end(0);
		talkers_begin(talkers);
		fill();
		end(0);
		const double bits = entropy(talkers);
		assert_true(bits < expected + 1e-9);
		most = bits > most ? bits : most;
	}
	assert_true(fabs(most - expected) < 1e-9);
}

/* Four sources alike have 2 bits, two more; and one port has none. */
static void entropy_is_of_the_last_sample(void **state)
{
	(void)state;
	talkers_begin(talkers);
	end(0);
	assert_true(isnan(talkers_source_entropy(talkers)));
	assert_bits(four_sources, talkers_source_entropy, 2);
	assert_true(isnan(talkers_port_entropy(talkers))); /* they have none */
	talkers_begin(talkers);
	add(1, 1, 1, 30);
	add(2, 2, 1, 10);
	end(0);
	assert_true(talkers_source_entropy(talkers) == 0);
}

static void ports_have_an_entropy(void **state)
{
	(void)state;
	assert_bits(eight_ports, talkers_port_entropy, 3);
	assert_true(talkers_source_entropy(talkers) == 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_busiest_come_first),
		TEST(the_latest_rules_decide),
		TEST(sources_and_macs_are_added_up),
		TEST(what_no_sample_saw_is_lost),
		TEST(a_flow_that_comes_back_is_counted_once),
		TEST(flows_beyond_the_room_are_lost),
		TEST(likely_flows_are_one),
		TEST(partial_keys_are_no_flows),
		TEST(entropy_is_of_the_last_sample),
		TEST(ports_have_an_entropy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
