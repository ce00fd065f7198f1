// SPDX-License-Identifier: BSD-2-Clause
/* The kernel's neighbours and routes, live: each change is reported, also after reports were lost. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
/* After the four headers that it needs. */
#include <cmocka.h>

#include "base/clock.h"
#include "neighbours/neighbours.h"
#include "tests/lib/netns.h"

#define LEFT  "x0left"
#define RIGHT "x0right"

static struct snapshot *now;
static struct neighbours *neighbours;
static struct interface *links;

static void run(const char *command)
{
	if (system(command) != 0)
		fail_msg("%s", command);
}

static void tell_links(void)
{
	struct interface *list;
	int n = interface_list(&list);

	assert_true(n > 0);
	neighbours_links_changed(neighbours, list, (size_t)n);
	free(links);
	links = list;
}

static int set_up(void **state)
{
	const struct neighbours_settings settings = { .wanted = 1U << NEIGHBOURS_KERNEL };

	(void)state;
	netns_enter();
	netns_veth(LEFT, RIGHT);
	run("ip link set lo up");
	run("echo 0 >/proc/sys/net/ipv6/conf/" LEFT "/disable_ipv6");
	run("ip address add 10.9.0.1/24 dev " LEFT);
	now = snapshot_open();
	if (now == NULL || neighbours_open(&settings, NULL, NULL, &neighbours) < 0)
		return -1;
	tell_links();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	neighbours_close(neighbours);
	snapshot_close(now);
	free(links);
	return 0;
}

/* Returns the row of an address or prefix, or NULL. */
static const struct snapshot_neighbour *look(const char *address)
{
	neighbours_handle(neighbours);
	snapshot_clear(now);
	neighbours_sample(neighbours, now);
	for (uint32_t i = 0; i < now->neighbours.n_neighbours; i++)
		if (strcmp(now->neighbours.neighbours[i].address, address) == 0)
			return &now->neighbours.neighbours[i];
	return NULL;
}

/* Polls until an address is there, or not. */
static const struct snapshot_neighbour *await(const char *address, bool there)
{
	double end = clock_monotonic_seconds() + 20;
	const struct timespec moment = { .tv_nsec = 2000000 };
	const struct snapshot_neighbour *row = look(address);

	while ((row != NULL) != there && clock_monotonic_seconds() < end) {
		nanosleep(&moment, NULL);
		row = look(address);
	}
	if ((row != NULL) != there)
		fail_msg("%s is %sthere", address, there ? "not " : "");
	return row;
}

static void neighbours_come_and_go(void **state)
{
	(void)state;
	run("ip neighbour add 10.9.0.2 lladdr 02:00:00:00:00:02 nud reachable dev " LEFT);
	const struct snapshot_neighbour *row = await("10.9.0.2", true);
	assert_string_equal(row->mac, "02:00:00:00:00:02");
	assert_string_equal(row->interface, LEFT);
	assert_string_equal(row->state, "reachable");
	assert_true(fabs(row->last_seen - clock_realtime_seconds()) < 5);
	run("ip neighbour replace 10.9.0.2 lladdr 02:00:00:00:00:03 nud permanent dev " LEFT);
	double end = clock_monotonic_seconds() + 20;
	do
		row = await("10.9.0.2", true);
	while (strcmp(row->mac, "02:00:00:00:00:03") != 0 && clock_monotonic_seconds() < end);
	assert_string_equal(row->state, "permanent");
	run("ip neighbour delete 10.9.0.2 dev " LEFT);
	await("10.9.0.2", false);
	run("ip neighbour add fe80::2 lladdr 02:00:00:00:00:02 nud permanent dev " LEFT);
	await("fe80::2", true);
	/* Neither are neighbours. */
	run("ip neighbour add 10.9.0.3 nud failed dev " LEFT);
	run("ip neighbour add 10.9.0.4 lladdr 02:00:00:00:00:04 nud noarp dev " LEFT);
	run("ip neighbour add 10.9.0.5 lladdr 02:00:00:00:00:05 nud stale dev " LEFT);
	await("10.9.0.5", true);
	assert_null(look("10.9.0.3"));
	assert_null(look("10.9.0.4"));
}

static void routes_move(void **state)
{
	(void)state;
	run("ip address add 10.8.0.1/24 dev " RIGHT);
	assert_null(look("10.9.0.0/24")); /* the host's own network leads to nobody */
	run("ip route add 10.70.0.0/16 via 10.9.0.2 proto babel");
	const struct snapshot_neighbour *row = await("10.70.0.0/16", true);
	assert_string_equal(row->via, "10.9.0.2");
	assert_string_equal(row->state, "babel");
	run("ip route replace 10.70.0.0/16 via 10.8.0.2 proto babel");
	double end = clock_monotonic_seconds() + 20;
	do
		row = await("10.70.0.0/16", true);
	while (strcmp(row->via, "10.8.0.2") != 0 && clock_monotonic_seconds() < end);
	assert_string_equal(row->interface, RIGHT);
	run("ip route delete 10.70.0.0/16");
	await("10.70.0.0/16", false);
	run("ip -6 route add fd70::/16 via fe80::2 dev " LEFT);
	assert_string_equal(await("fd70::/16", true)->via, "fe80::2");
	run("ip -6 route replace fd70::/16 via fe80::3 dev " LEFT);
	do
		row = await("fd70::/16", true);
	while (strcmp(row->via, "fe80::3") != 0 && clock_monotonic_seconds() < end);
	assert_int_equal(now->neighbours.sources[NEIGHBOURS_KERNEL].routes, 1);
	run("ip -6 route delete fd70::/16");
	await("fd70::/16", false);
	run("ip route add 10.71.0.0/16 nexthop via 10.9.0.2 nexthop via 10.8.0.2");
	assert_string_equal(await("10.71.0.0/16", true)->via, "10.9.0.2");
	run("ip route delete 10.71.0.0/16");
	await("10.71.0.0/16", false);
}

/* Far more reports than the socket has room for, while nobody reads. */
static void lost_reports_bring_a_dump(void **state)
{
	(void)state;
	run("for i in $(seq 0 24999); do echo \"route add 10.$((100 + i / 65536)).$((i / 256 % 256)).$((i % 256)) "
	    "via 10.9.0.2\"; done | ip -batch -");
	await("10.100.0.1", true);
	double end = clock_monotonic_seconds() + 20;
	while (now->neighbours.sources[NEIGHBOURS_KERNEL].left_out == 0 &&
		clock_monotonic_seconds() < end)
		look("");
	assert_int_equal(now->neighbours.sources[NEIGHBOURS_KERNEL].nodes +
				 now->neighbours.sources[NEIGHBOURS_KERNEL].routes,
		NEIGHBOURS_MAX);
	assert_true(now->neighbours.sources[NEIGHBOURS_KERNEL].left_out > 0);
	run("ip route flush root 10.100.0.0/16");
	await("10.100.0.1", false);
	await("10.9.0.5", true);
	do
		look("");
	while (now->neighbours.sources[NEIGHBOURS_KERNEL].routes > 0 &&
		clock_monotonic_seconds() < end + 20);
	assert_int_equal(now->neighbours.sources[NEIGHBOURS_KERNEL].routes, 0);
	assert_int_equal(now->neighbours.sources[NEIGHBOURS_KERNEL].left_out, 0);
}

/* The kernel reports no IPv4 route that goes with its link. */
static void routes_go_with_their_link(void **state)
{
	(void)state;
	run("ip route add 10.72.0.0/16 via 10.9.0.2");
	await("10.72.0.0/16", true);
	run("ip link set " LEFT " down");
	tell_links();
	await("10.72.0.0/16", false);
	await("10.9.0.5", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neighbours_come_and_go),
		cmocka_unit_test(routes_move),
		cmocka_unit_test(lost_reports_bring_a_dump),
		cmocka_unit_test(routes_go_with_their_link),
	};

	if (geteuid() != 0) {
		puts("skipped: network namespaces need root");
		return 77;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
