// SPDX-License-Identifier: BSD-2-Clause
/* Which interfaces are watched: stacked devices, names and the rule, over made-up hosts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "programs/coverage.h"
#include "tests/lib/holdings.h"

enum { INTERFACES = 600 };

static struct {
	struct interface list[INTERFACES];
	size_t n;
	char names[8][INTERFACE_ALTNAME_LEN];
	uint32_t n_names;
	const char *held;
	struct coverage chosen[INTERFACES];
} host;

/* --- a host ---------------------------------------------------------------------------------- */

static int begin(void **state)
{
	(void)state;
	memset(&host, 0, sizeof(host));
	return 0;
}

static struct interface *find(const char *name)
{
	for (size_t i = 0; i < host.n; i++)
		if (strcmp(host.list[i].name, name) == 0)
			return &host.list[i];
	fail_msg("no interface %s", name);
	abort();
}

/* Adds one that is up; `below` names its lower device, `master` what it is a port of. */
static struct interface *add(const char *name, const char *kind, const char *below)
{
	struct interface *interface = &host.list[host.n++];

	snprintf(interface->name, sizeof(interface->name), "%s", name);
	snprintf(interface->kind, sizeof(interface->kind), "%s", kind);
	interface->ifindex = (uint32_t)host.n;
	interface->up = true;
	interface->frames = FRAMES_ETHERNET;
	interface->link = below == NULL ? 0 : find(below)->ifindex;
	return interface;
}

static void set_master(const char *port, const char *master)
{
	find(port)->master = find(master)->ifindex;
}

static void name(const char *asked)
{
	snprintf(host.names[host.n_names++], INTERFACE_ALTNAME_LEN, "%s", asked);
}

static bool is_held(const struct interface *interface, void *data)
{
	(void)data;
	return host.held != NULL && strcmp(interface->name, host.held) == 0;
}

static void choose(void)
{
	const struct coverage_request request = {
		.names = (const char(*)[INTERFACE_ALTNAME_LEN])host.names,
		.n_names = host.n_names,
		.is_held = is_held,
	};

	assert_int_equal(coverage_choose(host.list, host.n, &request, host.chosen), 0);
}

static const struct coverage *decision(const char *of)
{
	return &host.chosen[find(of) - host.list];
}

static void assert_watched(const char *of)
{
	if (decision(of)->state != COVERAGE_CHOSEN)
		fail_msg("%s is not watched: %s", of, decision(of)->reason);
}

static void assert_left_out(const char *of, const char *reason)
{
	assert_int_equal(decision(of)->state, COVERAGE_LEFT_OUT);
	assert_string_equal(decision(of)->reason, reason);
}

/* --- the rule --------------------------------------------------------------------------------- */

static void all_but_loopback_container_ends_and_what_is_down(void **state)
{
	(void)state;
	add("lo", "", NULL)->loopback = true;
	add("eth0", "", NULL);
	add("eth1", "", NULL)->up = false;
	add("veth1", "veth", NULL)->container_end = true;
	add("wg0", "wireguard", NULL);
	choose();
	assert_left_out("lo", "loopback");
	assert_watched("eth0");
	assert_left_out("eth1", "it is down");
	assert_left_out("veth1", "the host's end of a container");
	assert_watched("wg0");
}

/* Also by name: a program would take something else for an Ethernet or IP header. */
static void what_no_program_can_read_is_left_out(void **state)
{
	(void)state;
	add("lowpan0", "lowpan", NULL)->frames = FRAMES_UNKNOWN;
	add("gre1", "gre", NULL)->frames = FRAMES_OUTER;
	add("ppp0", "ppp", NULL)->frames = FRAMES_IP;
	for (int named = 0; named < 2; named++) {
		choose();
		assert_left_out("lowpan0", "its frames are neither Ethernet nor IP");
		assert_true(decision("lowpan0")->uncovered);
		assert_left_out("gre1", "before Linux 5.14 its frames start with an outer header");
		assert_true(decision("gre1")->uncovered);
		assert_watched("ppp0");
		name("lowpan0");
		name("gre1");
		name("ppp0");
	}
	find("lowpan0")->up = false;
	host.n_names = 0;
	choose();
	assert_left_out("lowpan0", "it is down");
	assert_false(decision("lowpan0")->uncovered);
}

static void what_is_watched_may_go_down_but_not_to_a_container(void **state)
{
	(void)state;
	add("eth0", "", NULL)->up = false;
	host.held = "eth0";
	choose();
	assert_watched("eth0");
	find("eth0")->container_end = true;
	choose();
	assert_left_out("eth0", "the host's end of a container");
}

/* --- stacked devices -------------------------------------------------------------------------- */

static void the_lower_device_is_chosen(void **state)
{
	static const char *const kinds[] = { "vlan", "macvlan", "macvtap", "ipvlan", "ipvtap" };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		begin(NULL);
		add("eth0", "", NULL);
		add("upper", kinds[i], "eth0");
		choose();
		assert_watched("eth0");
		assert_left_out("upper", "its packets are counted on eth0");
		assert_false(decision("upper")->uncovered);
		find("eth0")->up = false; /* nothing comes in there */
		choose();
		assert_watched("upper");
	}
}

static void ports_are_chosen_and_their_masters_left_out(void **state)
{
	static const char *const kinds[] = { "bridge", "bond", "team", "vrf", "openvswitch" };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		begin(NULL);
		add("master", kinds[i], NULL); /* before its ports, too */
		add("eth0", "", NULL);
		add("eth1", "", NULL);
		add("eth2", "", NULL)->up = false;
		set_master("eth0", "master");
		set_master("eth1", "master");
		set_master("eth2", "master");
		choose();
		assert_watched("eth0");
		assert_watched("eth1");
		assert_left_out("master", "its packets are counted on eth0 and 1 more");
		assert_false(decision("master")->uncovered);
	}
}

static void devices_that_carry_other_packets_are_watched_beside(void **state)
{
	static const char *const kinds[] = { "wireguard", "gre", "gretap", "ipip", "sit", "vxlan",
		"geneve", "macsec", "vti", "xfrm", "ppp", "dsa" };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		begin(NULL);
		add("eth0", "", NULL);
		add("tunnel", kinds[i], "eth0");
		choose();
		assert_watched("eth0");
		assert_watched("tunnel");
	}
}

/* Its hard interfaces carry batman-adv's frames, in which no rule finds the packets. */
static void batman_is_watched_beside_its_hard_interfaces(void **state)
{
	(void)state;
	add("wlan0", "", NULL);
	add("bat0", "batadv", NULL);
	add("br0", "bridge", NULL);
	set_master("wlan0", "bat0");
	set_master("bat0", "br0");
	choose();
	assert_watched("wlan0");
	assert_watched("bat0");
	assert_left_out("br0", "its packets are counted on bat0");
}

/* Both ends of a veth pair name each other. */
static void the_ends_of_a_pair_are_not_stacked(void **state)
{
	(void)state;
	add("one", "veth", NULL)->link = 2;
	add("two", "veth", "one");
	choose();
	assert_watched("one");
	assert_watched("two");
}

static void stacks_are_seen_through(void **state)
{
	(void)state;
	add("br0", "bridge", NULL);
	add("bond0", "bond", NULL);
	add("bond0.10", "vlan", "bond0");
	add("eth0", "", NULL);
	add("eth1", "", NULL);
	add("mac0", "macvlan", "br0");
	set_master("eth0", "bond0");
	set_master("eth1", "bond0");
	set_master("bond0.10", "br0");
	choose();
	assert_watched("eth0");
	assert_watched("eth1");
	assert_left_out("bond0", "its packets are counted on eth0 and 1 more");
	assert_left_out("bond0.10", "its packets are counted on eth0");
	assert_left_out("br0", "its packets are counted on eth0");
	assert_left_out("mac0", "its packets are counted on eth0");
}

/* A bridge between the network and containers: what they send to the host is on the bridge alone. */
static void what_no_port_counts_is_told(void **state)
{
	(void)state;
	add("br0", "bridge", NULL);
	add("eth0", "", NULL);
	add("veth1", "veth", NULL)->container_end = true;
	add("veth2", "veth", NULL)->container_end = true;
	set_master("eth0", "br0");
	set_master("veth1", "br0");
	set_master("veth2", "br0");
	choose();
	assert_left_out(
		"br0", "its packets are counted on eth0, but not those of veth1 and 1 more");
	assert_true(decision("br0")->uncovered);
	find("eth0")->master = 0; /* with containers alone, the bridge is where they are seen */
	choose();
	assert_watched("br0");
}

/* The kernel has none, but a list is read while it changes. */
static void circles_come_to_an_end(void **state)
{
	(void)state;
	add("one", "vlan", NULL)->link = 2;
	add("two", "vlan", "one");
	add("three", "bridge", NULL)->master = 3;
	choose();
	assert_int_equal((decision("one")->state == COVERAGE_CHOSEN) +
				 (decision("two")->state == COVERAGE_CHOSEN),
		1);
	assert_watched("three");
}

/* --- names ------------------------------------------------------------------------------------ */

static void exactly_the_named_are_watched(void **state)
{
	(void)state;
	add("lo", "", NULL)->loopback = true;
	add("eth0", "", NULL)->up = false;
	add("eth1", "", NULL);
	add("veth1", "veth", NULL)->container_end = true;
	name("lo");
	name("eth0");
	name("veth1");
	name("none");
	choose();
	assert_watched("lo");
	assert_watched("eth0");
	assert_watched("veth1");
	assert_int_equal(decision("eth1")->state, COVERAGE_NOT_ASKED);
}

static void an_upper_device_alone_is_watched(void **state)
{
	(void)state;
	add("eth0", "", NULL);
	add("eth0.10", "vlan", "eth0");
	name("eth0.10");
	choose();
	assert_watched("eth0.10");
	assert_int_equal(decision("eth0")->state, COVERAGE_NOT_ASKED);
	name("eth0");
	choose();
	assert_watched("eth0");
	assert_left_out("eth0.10", "its packets are counted on eth0");
}

static void any_name_will_do(void **state)
{
	(void)state;
	memcpy(add("eth0", "", NULL)->altnames, "enp0s1\0a_name_of_more_than_fifteen", 34);
	add("eth1", "", NULL);
	name("a_name_of_more_than_fifteen");
	choose();
	assert_watched("eth0");
	assert_int_equal(decision("eth1")->state, COVERAGE_NOT_ASKED);
}

static void what_was_renamed_stays(void **state)
{
	(void)state;
	add("v9", "veth", NULL);
	name("v0");
	choose();
	assert_int_equal(decision("v9")->state, COVERAGE_NOT_ASKED);
	host.held = "v9";
	choose();
	assert_watched("v9");
}

/* --- many ------------------------------------------------------------------------------------- */

static void hundreds_over_one(void **state)
{
	char upper[INTERFACE_NAME_LEN];

	(void)state;
	add("eth0", "", NULL);
	while (host.n < INTERFACES) {
		snprintf(upper, sizeof(upper), "eth0.%zu", host.n);
		add(upper, "vlan", NULL)->link = 1;
	}
	choose();
	assert_watched("eth0");
	for (size_t i = 1; i < INTERFACES; i++)
		assert_int_equal(host.chosen[i].state, COVERAGE_LEFT_OUT);
	holdings_check("a choice", choose);
}

#define TEST(function) cmocka_unit_test_setup(function, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_but_loopback_container_ends_and_what_is_down),
		TEST(what_no_program_can_read_is_left_out),
		TEST(what_is_watched_may_go_down_but_not_to_a_container),
		TEST(the_lower_device_is_chosen),
		TEST(ports_are_chosen_and_their_masters_left_out),
		TEST(devices_that_carry_other_packets_are_watched_beside),
		TEST(batman_is_watched_beside_its_hard_interfaces),
		TEST(the_ends_of_a_pair_are_not_stacked),
		TEST(stacks_are_seen_through),
		TEST(what_no_port_counts_is_told),
		TEST(circles_come_to_an_end),
		TEST(exactly_the_named_are_watched),
		TEST(an_upper_device_alone_is_watched),
		TEST(any_name_will_do),
		TEST(what_was_renamed_stays),
		TEST(hundreds_over_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
