// SPDX-License-Identifier: BSD-2-Clause
/* The ring of events: the last ones, oldest first, and changes for longer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "model/event_log.h"

static struct event_log event_log;
static struct snapshot snapshot;

static void log_events(uint64_t n)
{
	memset(&event_log, 0, sizeof(event_log));
	for (uint64_t i = 1; i <= n; i++)
		event_log_add(&event_log, 1000 + (double)i, EVENT_KIND_MESH, "event %d", (int)i);
	snapshot_clear(&snapshot);
	event_log_copy(&event_log, &snapshot);
}

static void assert_events(uint64_t first, uint32_t n)
{
	const struct snapshot_net_events *net = &snapshot.net_events;

	assert_int_equal(net->n_events, n);
	for (uint32_t i = 0; i < n; i++) {
		char text[TEXT_LEN];
		snprintf(text, sizeof(text), "event %d", (int)(first + i));
		assert_int_equal(net->events[i].number, first + i);
		assert_true(net->events[i].time == 1000 + (double)(first + i));
		assert_int_equal(net->events[i].kind, EVENT_KIND_MESH);
		assert_string_equal(net->events[i].text, text);
	}
}

static void test_bounds_of_the_ring(void **state)
{
	(void)state;
	log_events(0);
	assert_events(1, 0);
	log_events(1);
	assert_events(1, 1);
	log_events(EVENTS_KEPT - 1);
	assert_events(1, EVENTS_KEPT - 1);
	log_events(EVENTS_KEPT);
	assert_events(1, EVENTS_KEPT);
	log_events(EVENTS_KEPT + 1);
	assert_events(2, EVENTS_KEPT);
	log_events(2 * EVENTS_KEPT + 3);
	assert_events(EVENTS_KEPT + 4, EVENTS_KEPT);
}

static void add(enum event_kind kind, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		event_log_add(&event_log, 1, kind, "of kind %d", (int)kind);
}

/* Of all that is kept, so many are changes; the first so many are older than the rest, which begins with event `first`. */
static void assert_kept(uint32_t changes, uint32_t older, uint64_t first)
{
	const struct snapshot_net_events *net = &snapshot.net_events;
	uint32_t n = 0;

	snapshot_clear(&snapshot);
	event_log_copy(&event_log, &snapshot);
	assert_int_equal(net->n_events, EVENTS_KEPT);
	for (uint32_t i = 0; i < net->n_events; i++) {
		n += net->events[i].kind == EVENT_KIND_ACTION;
		assert_true(i >= older || net->events[i].kind == EVENT_KIND_ACTION);
		assert_true(i < older || net->events[i].number == first + i - older);
		assert_true(i == 0 || net->events[i].number > net->events[i - 1].number);
	}
	assert_int_equal(n, changes);
	assert_int_equal(net->events[EVENTS_KEPT - 1].number, event_log.next);
}

/* Those of a flood do not push out what was done about it. */
static void test_changes_are_kept_for_longer(void **state)
{
	(void)state;
	memset(&event_log, 0, sizeof(event_log));
	add(EVENT_KIND_NET, 10);
	add(EVENT_KIND_ACTION, 3);
	add(EVENT_KIND_NET, 1000);
	assert_kept(3, 3, 1013 - (EVENTS_KEPT - 3) + 1);
	add(EVENT_KIND_ACTION, 1);
	assert_kept(4, 3, 1014 - (EVENTS_KEPT - 3) + 1);
	add(EVENT_KIND_ACTION, EVENTS_CHANGES + 5); /* the oldest make way to them */
	assert_kept(EVENTS_CHANGES + 6, 0, event_log.next - EVENTS_KEPT + 1);
	add(EVENT_KIND_NET, 1000);
	assert_kept(EVENTS_CHANGES, EVENTS_CHANGES,
		event_log.next - (EVENTS_KEPT - EVENTS_CHANGES) + 1);
}

static void test_time_of_now(void **state)
{
	double before = (double)time(NULL);

	(void)state;
	log_events(0);
	event_log_add(&event_log, 0, EVENT_KIND_ACTION, "now");
	assert_true(event_log.events[0].time >= before);
	assert_true(event_log.events[0].time <= before + 60);
}

static void test_long_texts_are_cut(void **state)
{
	char text[2 * TEXT_LEN] = "";

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	log_events(0);
	event_log_add(&event_log, 1, EVENT_KIND_ACTION, "%s", text);
	assert_int_equal(strlen(event_log.events[0].text), TEXT_LEN - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds_of_the_ring),
		cmocka_unit_test(test_changes_are_kept_for_longer),
		cmocka_unit_test(test_time_of_now),
		cmocka_unit_test(test_long_texts_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
