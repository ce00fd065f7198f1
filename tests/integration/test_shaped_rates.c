// SPDX-License-Identifier: BSD-2-Clause
/* Rates of shaped links: what comes out of them while more is sent than they take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/lib/netns.h"
#include "tests/lib/shaped.h"

#define WARM_S	0.15
#define SECONDS 0.4
#define EXACT	0.05
#define LINKS	(sizeof(links) / sizeof(links[0]))
#define KBIT	UINT64_C(1000)
#define MBIT	(1000 * KBIT)
#define ONE(r)                                                                   \
	{                                                                        \
		.rate = (r), .fallback = 1, .n = 1, .classes = {                 \
			{ .number = 1, .share = 1, .rate = (r), .ceiling = (r) } \
		}                                                                \
	}

static struct netlink netlink;

static struct shaped_link links[] = {
	{ .name = "100 kbit/s",
		.shape = ONE(100 * KBIT),
		.mtu = 1500,
		.frame = 60,
		.senders = { { .number = 1, .expected = 1e5 } } },
	{ .name = "1 Mbit/s",
		.shape = ONE(MBIT),
		.mtu = 1500,
		.frame = 400,
		.senders = { { .number = 1, .expected = 1e6 } } },
	{ .name = "10 Mbit/s",
		.shape = ONE(10 * MBIT),
		.mtu = 1500,
		.frame = 1514,
		.senders = { { .number = 1, .expected = 1e7 } } },
	{ .name = "100 Mbit/s",
		.shape = ONE(100 * MBIT),
		.mtu = 1500,
		.frame = 1514,
		.senders = { { .number = 1, .expected = 1e8 } } },
	{ .name = "1 Gbit/s",
		.shape = ONE(1000 * MBIT),
		.mtu = 60000,
		.frame = 60014,
		.senders = { { .number = 1, .expected = 1e9 } } },
	{ .name = "packets without a class",
		.shape = ONE(5 * MBIT),
		.mtu = 1500,
		.frame = 1000,
		.senders = { { .number = 0, .counted = 1, .expected = 5e6 } } },
	{ .name = "borrowing to the ceiling",
		.shape = { .rate = 10 * MBIT,
			.fallback = 2,
			.n = 2,
			.classes = { { .number = 1,
					     .share = 1,
					     .rate = 2 * MBIT,
					     .ceiling = 8 * MBIT },
				{ .number = 2, .share = 1, .rate = MBIT, .ceiling = 10 * MBIT } } },
		.mtu = 1500,
		.frame = 1514,
		.senders = { { .number = 1, .expected = 8e6 } } },
	{ .name = "no class starves",
		.shape = { .rate = 10 * MBIT,
			.fallback = 2,
			.n = 3,
			.classes = { { .number = 1,
					     .priority = 0,
					     .share = 64,
					     .rate = 2 * MBIT,
					     .ceiling = 10 * MBIT },
				{ .number = 2,
					.priority = 7,
					.share = 1,
					.rate = 500 * KBIT,
					.ceiling = 10 * MBIT },
				{ .number = 3,
					.priority = 1,
					.share = 1,
					.rate = 300 * KBIT,
					.ceiling = 10 * MBIT } } },
		.mtu = 1500,
		.frame = 200,
		.senders = { { .number = 1, .expected = 9.2e6 }, { .number = 2, .expected = 5e5 },
			{ .number = 3, .expected = 3e5 } } },
	{ .name = "shares of what is left",
		.shape = { .rate = 10 * MBIT,
			.fallback = 2,
			.n = 2,
			.classes = { { .number = 1,
					     .share = 3,
					     .rate = MBIT,
					     .ceiling = 10 * MBIT },
				{ .number = 2, .share = 1, .rate = MBIT, .ceiling = 10 * MBIT } } },
		.mtu = 1500,
		.frame = 1000,
		.senders = { { .number = 1, .expected = 7e6 }, { .number = 2, .expected = 3e6 } } },
};

static int start(void **unused)
{
	(void)unused;
	netns_enter();
	return netlink_open(&netlink);
}

static void assert_near(const char *name, const char *what, double had, double expected)
{
	printf("%-26s %-10s %12.0f of %12.0f bit/s (%+.1f %%)\n", name, what, had, expected,
		100 * (had / expected - 1));
	if (had < expected * (1 - EXACT) || had > expected * (1 + EXACT))
		fail_msg("%s: %s had %.0f of %.0f bit/s", name, what, had, expected);
}

static void assert_link(const struct shaped_link *link)
{
	double sum = 0;

	for (const struct shaped_sender *s = link->senders; s->expected > 0; s++) {
		char class[16];
		snprintf(class, sizeof(class), "class %u", s->number);
		assert_near(link->name, class, s->had, s->expected);
		sum += s->expected;
	}
	assert_near(link->name, "all", link->had, sum);
}

static void rates_are_held(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < LINKS; i++)
		shaped_open(&links[i], &netlink);
	shaped_measure(links, LINKS, &netlink, WARM_S, SECONDS);
	for (size_t i = 0; i < LINKS; i++)
		assert_link(&links[i]);
	for (size_t i = 0; i < LINKS; i++)
		shaped_close(&links[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_are_held),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
