// SPDX-License-Identifier: BSD-2-Clause
/* What is said of a link, and the sum of all of them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/format.h"
#include "model/snapshot_links.h"

static void states_that_are_down_have_a_reason(void **state)
{
	static const struct {
		uint32_t state;
		const char *why;
	} cases[] = {
		{ LINK_UP, NULL },
		{ LINK_OFF, NULL },
		{ LINK_ABSENT, NULL },
		{ LINK_NO_CARRIER, "no carrier" },
		{ LINK_LOWER_DOWN, "its peer or lower device is down" },
		{ LINK_DORMANT, "it is dormant" },
		{ LINK_TESTING, "it is being tested" },
		{ LINK_STATES, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct snapshot_link link = { .state = cases[i].state };
		const char *why = link_why_down(cases[i].state);

		if (cases[i].why == NULL)
			assert_null(why);
		else
			assert_string_equal(why, cases[i].why);
		assert_int_equal(link_is_down(&link), cases[i].why != NULL);
	}
}

static void links_are_described(void **state)
{
	struct snapshot_link link = { .state = LINK_UP, .speed = NAN, .mtu = 1500 };
	char text[64];

	(void)state;
	assert_string_equal(link_describe(&link, text, sizeof(text)), "up, MTU 1500");
	link.speed = 1e9;
	assert_string_equal(link_describe(&link, text, sizeof(text)), "up, 1.00Gbit/s, MTU 1500");
	link.state = LINK_STATES;
	assert_string_equal(
		link_describe(&link, text, sizeof(text)), "unknown, 1.00Gbit/s, MTU 1500");
	assert_string_equal(link_describe(&link, text, 8), "unknown");
}

static struct counter counter(uint64_t total, double rate)
{
	return (struct counter) { .total = total, .rate = rate };
}

static void assert_counter(struct counter got, uint64_t total, double rate)
{
	assert_int_equal(got.total, total);
	assert_true(got.rate == rate);
}

static void links_add_up(void **state)
{
	static struct snapshot_links links = { .n_links = 2 };
	struct snapshot_link sum = { .mtu = 9 };

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		struct snapshot_link *link = &links.links[i];
		link->received.packets = counter(1 << (8 * i), 1 + i);
		link->received.bytes = counter(2 << (8 * i), 10 + i);
		link->sent.packets = counter(3 << (8 * i), 20 + i);
		link->sent.bytes = counter(4 << (8 * i), 30 + i);
		link->receive_errors = counter(5 << (8 * i), 40 + i);
		link->send_errors = counter(6 << (8 * i), 50 + i);
		link->receive_dropped = counter(7 << (8 * i), 60 + i);
		link->send_dropped = counter(8 << (8 * i), 70 + i);
	}
	links_sum(&links, &sum);
	assert_counter(sum.received.packets, 0x101, 3);
	assert_counter(sum.received.bytes, 0x202, 21);
	assert_counter(sum.sent.packets, 0x303, 41);
	assert_counter(sum.sent.bytes, 0x404, 61);
	assert_counter(sum.receive_errors, 0x505, 81);
	assert_counter(sum.send_errors, 0x606, 101);
	assert_counter(sum.receive_dropped, 0x707, 121);
	assert_counter(sum.send_dropped, 0x808, 141);
	assert_int_equal(sum.mtu, 0);
}

/* An interface that was asked for by name, and does not exist, leaves the others their sum. */
static void an_absent_link_carries_nothing(void **state)
{
	static struct snapshot_links links = { .n_links = 3 };
	struct snapshot_link sum;
	char text[TEXT_LEN];

	(void)state;
	links.links[0].received.packets = counter(5, 2);
	links.links[1] = links.links[2] =
		(struct snapshot_link) { .state = LINK_ABSENT, .speed = NAN, .mtu = COUNT_UNKNOWN };
	for (uint32_t i = 1; i < 3; i++) {
		fields_set_unknown(traffic_fields, &links.links[i].received);
		fields_set_unknown(counter_fields, &links.links[i].send_dropped);
	}
	links.links[1].received.packets.total = 7; /* from before it went */
	links_sum(&links, &sum);
	assert_counter(sum.received.packets, 12, 2);
	assert_counter(sum.send_dropped, 0, 0);
	assert_string_equal(link_describe(&links.links[1], text, sizeof(text)), "absent");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_that_are_down_have_a_reason),
		cmocka_unit_test(links_are_described),
		cmocka_unit_test(links_add_up),
		cmocka_unit_test(an_absent_link_carries_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
