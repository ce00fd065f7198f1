// SPDX-License-Identifier: BSD-2-Clause
/* Why a rule matches a packet, in words; and rules and sets as the configuration has them. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "export/rules_yaml.h"
#include "mesh/explain.h"
#include "mesh/rule.h"
#include "mesh/sets.h"
#include "tests/lib/set_sample.h"
#include "xdp_chain.h"

static struct failure failure;
static struct mesh_sets sets;

static int setup(void **state)
{
	(void)state;
	memset(&sets, 0, sizeof(sets));
	set_sample_put(&sets, "bad", "10.9.0.0/24\n10.8.0.1\n", MESH_ORIGIN_OPERATOR, "");
	set_sample_put(&sets, "ports", "20-25\n", MESH_ORIGIN_FILE, "/etc/it's");
	set_sample_put(&sets, "macs", "02:00:00:00:00:07\n", MESH_ORIGIN_FEED, "babel neighbours");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	while (sets.n > 0)
		sets_remove(&sets, sets.n - 1);
	return 0;
}

static const struct packet_headers packet = {
	.flags = PACKET_ADDRESS | PACKET_PORTS | PACKET_VLAN,
	.network = NETWORK_IPV4,
	.protocol = 6,
	.source_mac = { 2, 0, 0, 0, 0, 7 },
	.vlan = 0xe007,
};

static struct packet_headers packet_of(const char *source, uint16_t port)
{
	struct packet_headers headers = packet;

	headers.ethertype = htons(0x0800);
	headers.source4 = inet_addr(source);
	headers.destination4 = inet_addr("10.1.0.2");
	headers.source_port = htons(4000);
	headers.destination_port = htons(port);
	return headers;
}

static void assert_explained(const struct explained *explained, const char *condition,
	const char *value, const char *element)
{
	assert_string_equal(explained->condition, condition);
	assert_string_equal(explained->value, value);
	assert_string_equal(explained->element, element);
}

static uint32_t explain(
	const char *text, const struct packet_headers *headers, struct explained *list)
{
	struct mesh_rule rule;

	assert_int_equal(rule_parse(text, &rule, &failure), 0);
	return explain_rule(&rule, &sets, headers, "eth0", list);
}

static void test_values(void **state)
{
	struct packet_headers headers = packet_of("10.9.0.4", 22);
	struct explained list[MESH_DIMENSIONS];

	(void)state;
	assert_int_equal(
		explain("drop from 10.9.0.0/16 to 10.1.0.0/16 mac 02:00:00:00:00:07 tcp 22 "
			"sport 4000 ethertype 0x0800 vlan 7 in eth0",
			&headers, list),
		9);
	assert_explained(&list[0], "10.9.0.0/16", "10.9.0.4", "");
	assert_explained(&list[1], "to 10.1.0.0/16", "10.1.0.2", "");
	assert_explained(&list[2], "mac 02:00:00:00:00:07", "02:00:00:00:00:07", "");
	assert_explained(&list[3], "proto tcp", "6", "");
	assert_explained(&list[4], "sport 4000", "4000", "");
	assert_explained(&list[5], "port 22", "22", "");
	assert_explained(&list[6], "ethertype 0x0800", "0x0800", "");
	assert_explained(&list[7], "vlan 7", "7", "");
	assert_explained(&list[8], "in eth0", "eth0", "");
	assert_int_equal(explain("drop unreadable", &headers, list), 1);
	assert_explained(&list[0], "unreadable", "its headers hide from the rules", "");
	assert_int_equal(explain("drop all", &headers, list), 0);
}

static void test_elements(void **state)
{
	struct packet_headers headers = packet_of("10.9.0.4", 22);
	struct explained list[MESH_DIMENSIONS];

	(void)state;
	assert_int_equal(explain("drop from @bad mac @macs tcp @ports", &headers, list), 4);
	assert_explained(&list[0], "from @bad", "10.9.0.4", "10.9.0.0/24");
	assert_explained(&list[1], "mac @macs", "02:00:00:00:00:07", "02:00:00:00:00:07");
	assert_explained(&list[3], "port @ports", "22", "20-25");
	headers = packet_of("10.7.0.1", 26);
	assert_int_equal(explain("drop to @bad tcp @ports", &headers, list), 3);
	assert_explained(&list[0], "to @bad", "10.1.0.2", "");
	assert_explained(&list[2], "port @ports", "26", "");
	assert_int_equal(explain("drop from @none", &headers, list), 1);
	assert_explained(&list[0], "from @none", "10.7.0.1", "");
}

static void test_ipv6(void **state)
{
	struct packet_headers headers = packet_of("0.0.0.0", 22);
	struct explained list[MESH_DIMENSIONS];

	(void)state;
	headers.network = NETWORK_IPV6;
	inet_pton(AF_INET6, "fd00::1", headers.source6);
	assert_int_equal(explain("drop from fd00::/8", &headers, list), 1);
	assert_explained(&list[0], "fd00::/8", "fd00::1", "");
}

/* --- as the configuration has them ------------------------------------------------------------------- */

static void assert_yaml(
	const struct rule_table *table, const struct mesh_sets *of, const char *expected)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	assert_int_equal(rules_write_yaml(table, of, NULL, file), 0);
	fclose(file);
	assert_string_equal(text, expected);
	free(text);
}

static void test_yaml(void **state)
{
	static const struct mesh_sets no_sets;
	struct rule_table *table = calloc(1, sizeof(*table));

	(void)state;
	assert_yaml(table, &no_sets,
		"# Mesh rules of x0top, for --config and for loading.\npolicy: pass\nrules: []\n");
	table->bank.policy = MESH_DROP;
	assert_int_equal(rule_parse("drop from @bad", &table->rules[0], &failure), 0);
	assert_int_equal(
		rule_parse("pass tcp 22 comment it's mine", &table->rules[7], &failure), 0);
	assert_int_equal(rule_parse("drop udp 9", &table->rules[8], &failure), 0);
	table->rules[8].expires = 1; /* long ago */
	assert_yaml(table, &sets,
		"# Mesh rules of x0top, for --config and for loading.\npolicy: drop\n"
		"sets:\n"
		"  bad: {kind: prefixes, elements: ['10.8.0.1/32', '10.9.0.0/24']}\n"
		"  ports: {kind: ports, file: '/etc/it''s'}\n"
		"  macs: {kind: macs, feed: 'babel neighbours'}\n"
		"rules:\n"
		"  - 'drop from @bad'\n"
		"  - 'pass tcp 22 comment \"it''s mine\"'\n");
	free(table);
}

#define test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_values),
		test(test_elements),
		test(test_ipv6),
		test(test_yaml),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
