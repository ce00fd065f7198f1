// SPDX-License-Identifier: BSD-2-Clause
/* Sets that follow the neighbours of a file and of the kernel: they come, go, and stay when their source is gone. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "kernel/pins.h"
#include "neighbours/feed.h"
#include "tests/lib/holdings.h"
#include "tests/lib/host.h"
#include "tests/lib/netns.h"
#include "tests/lib/opened.h"

#define LEFT	"x0left"
#define RIGHT	"x0right"
#define NODES	"/run/nodes"
#define SECONDS 20
#define MANY \
	2000 /* neighbours: a list of them that is not freed is more than holdings_check() overlooks */

static struct mesh_sets *sets;

static void run(const char *command)
{
	if (system(command) != 0)
		fail_msg("%s", command);
}

static void write_nodes(const char *text)
{
	FILE *file = fopen(NODES ".new", "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_return_code(rename(NODES ".new", NODES), 0);
}

static const struct mesh_set *set_of(const char *name)
{
	sets_free(sets);
	sets = orchestrator_sets(opened.orchestrator, &opened.failure);
	if (sets == NULL)
		fail_msg("%s %s", opened.failure.what, opened.failure.cause);
	int place = sets_find(sets, name);
	return place < 0 ? NULL : &sets->sets[place];
}

/* Returns whether a set has this IPv4 address, and how many it has. */
static bool has(const char *name, uint8_t last, uint32_t n)
{
	const struct mesh_set *set = set_of(name);
	bool found = false;

	for (uint32_t i = 0; set != NULL && i < set->n; i++) {
		const struct mesh_element *element = &sets->elements[set - sets->sets][i];
		found |= element->prefix.family == 4 && element->prefix.length == 32 &&
			 element->prefix.address[3] == last;
	}
	return found && set->n == n;
}

static void turn(void)
{
	struct pollfd readable = { orchestrator_event_fd(opened.orchestrator), POLLIN, 0 };

	poll(&readable, 1, 20);
	opened_sample();
}

static void await(const char *name, uint8_t last, uint32_t n)
{
	double end = clock_monotonic_seconds() + SECONDS;

	while (!has(name, last, n) && clock_monotonic_seconds() < end)
		turn();
	if (!has(name, last, n))
		fail_msg("%s has not .%u among %u", name, last, n);
}

static void act(const char *text, const char *done)
{
	opened_act(text);
	/* What is new follows. */
	assert_int_equal(strncmp(orchestrator_done(opened.orchestrator), done, strlen(done)), 0);
}

static int begin(void **state)
{
	(void)state;
	host_enter(1);
	netns_veth(LEFT, RIGHT);
	run("ip link set lo up && ip address add 10.9.0.1/24 dev " LEFT);
	write_nodes("10.9.0.2\n10.9.0.3\n");
	settings_default(&opened.settings);
	opened.settings.n_interfaces = 1;
	opened.settings.n_only = 1;
	snprintf(opened.settings.interfaces[0], NAME_LEN, RIGHT);
	snprintf(opened.settings.only[0], NAME_LEN, "xdp_mesh_filter");
	opened.settings.neighbours.n_wanted = 0;
	if (neighbours_settings_add(&opened.settings.neighbours, "kernel", &opened.failure) < 0 ||
		neighbours_settings_add(
			&opened.settings.neighbours, "file=" NODES, &opened.failure) < 0)
		fail_msg("%s", opened.failure.what);
	opened_open();
	opened_sample();
	opened_act("enforce on xdp_mesh_filter");
	return 0;
}

static int end(void **state)
{
	(void)state;
	sets_free(sets);
	opened_close();
	pins_remove();
	return 0;
}

static void a_feed_has_what_is_there(void **state)
{
	(void)state;
	act("set feed listed file", ", 2 elements");
	assert_true(has("listed", 2, 2) && has("listed", 3, 2));
	const struct mesh_set *set = set_of("listed");
	assert_int_equal(set->kind, MESH_SET_PREFIXES);
	assert_int_equal(set->origin, MESH_ORIGIN_FEED);
	assert_int_equal(set->live, 1U << NEIGHBOURS_FILE);
	assert_int_equal(set->stale, 0);
	assert_string_equal(set->source, "file");
	act("set feed near kernel", ", 0 elements");
	act("set feed macs kernel macs", ", 0 elements");
	assert_int_equal(set_of("macs")->kind, MESH_SET_MACS);
}

static void neighbours_are_followed(void **state)
{
	static const uint8_t mac[] = { 2, 0, 0, 0, 0, 5 };

	(void)state;
	run("ip neighbour add 10.9.0.5 lladdr 02:00:00:00:00:05 nud permanent dev " LEFT);
	await("near", 5, 1);
	double end = clock_monotonic_seconds() + SECONDS;
	while (set_of("macs")->n != 1 && clock_monotonic_seconds() < end)
		turn();
	assert_int_equal(set_of("macs")->n, 1);
	assert_memory_equal(sets->elements[sets_find(sets, "macs")][0].mac, mac, sizeof(mac));
	run("ip neighbour add 10.9.0.6 lladdr 02:00:00:00:00:06 nud permanent dev " LEFT);
	await("near", 6, 2);
	run("ip neighbour delete 10.9.0.5 dev " LEFT);
	await("near", 6, 1);
	assert_true(has("listed", 2, 2)); /* the other source has not changed */
}

/* Routes, of all sources: networks beside nodes. */
static void routes_are_followed(void **state)
{
	(void)state;
	run("ip route add 10.70.0.0/16 via 10.9.0.6");
	opened_act("set feed far routes");
	double end = clock_monotonic_seconds() + SECONDS;
	while (set_of("far")->n != 1 && clock_monotonic_seconds() < end)
		turn();
	assert_int_equal(set_of("far")->n, 1);
	assert_int_equal(sets->elements[sets_find(sets, "far")][0].prefix.length, 16);
}

/* What a source said that is gone stays, and the set says since when; then it is the source's again. */
static void a_source_that_is_gone_leaves_its_elements(void **state)
{
	double began = clock_realtime_seconds(), end = clock_monotonic_seconds() + SECONDS;

	(void)state;
	assert_return_code(unlink(NODES), 0);
	while (set_of("listed")->stale == 0 && clock_monotonic_seconds() < end)
		turn();
	assert_true(set_of("listed")->stale + 1 >= (uint64_t)began);
	assert_true(has("listed", 2, 2));
	write_nodes("10.9.0.2\n10.9.0.3\n10.9.0.4\n");
	await("listed", 4, 3);
	assert_int_equal(set_of("listed")->stale, 0);
}

/* Another x0top follows the sets that it finds. */
static void the_next_one_follows_them(void **state)
{
	(void)state;
	opened_close();
	write_nodes("10.9.0.8\n");
	opened_open();
	await("listed", 8, 1);
	opened_act("set feed again file,kernel");
	await("again", 6, 2);
	assert_true(has("again", 8, 2));
	assert_int_equal(set_of("again")->live, 1U << NEIGHBOURS_FILE | 1U << NEIGHBOURS_KERNEL);
}

static void what_is_wrong_is_refused(void **state)
{
	struct action action = { .actor = ACTOR_COMMAND_LINE, .confirmed = true };

	(void)state;
	assert_true(action_parse("set feed x elsewhere", &action, &opened.failure) < 0 ||
		    orchestrator_apply(opened.orchestrator, &action, &opened.failure) < 0);
	assert_non_null(strstr(opened.failure.what, "nothing that a set can follow"));
	assert_null(set_of("x"));
}

static void write_many(int n)
{
	FILE *file = fopen(NODES ".new", "we");

	assert_non_null(file);
	for (int i = 0; i < n; i++)
		fprintf(file, "10.20.%d.%d\n", i / 256, i % 256);
	fclose(file);
	assert_return_code(rename(NODES ".new", NODES), 0);
}

/* A set that is made of many, and follows them. */
static void follow(void)
{
	write_many(MANY);
	opened_act("set feed many file");
	await("many", 1, MANY);
	write_many(MANY / 2);
	await("many", 1, MANY / 2);
	opened_act("set delete many");
	write_nodes("");
}

static void following_holds_nothing_any_longer(void **state)
{
	(void)state;
	holdings_check("a feed", follow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_feed_has_what_is_there),
		cmocka_unit_test(neighbours_are_followed),
		cmocka_unit_test(routes_are_followed),
		cmocka_unit_test(a_source_that_is_gone_leaves_its_elements),
		cmocka_unit_test(the_next_one_follows_them),
		cmocka_unit_test(what_is_wrong_is_refused),
		cmocka_unit_test(following_holds_nothing_any_longer),
	};

	if (geteuid() != 0) {
		puts("skipped: BPF needs root");
		return 77;
	}
	return cmocka_run_group_tests(tests, begin, end);
}
