// SPDX-License-Identifier: BSD-2-Clause
/* Whether a class gets what it was promised: what two samples tell, and what they do not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "qos/shape_held.h"

enum { RATE = 1000000, PACKET = 1250 }; /* 10 ms of the rate */

static struct shape_held held(uint32_t packets, uint64_t waited, double rate, double interval)
{
	const struct shape_class_state class = { .number = 1,
		.rate = RATE,
		.ceiling = 2 * RATE,
		.backlog_packets = packets,
		.backlog_bytes = packets * PACKET };

	return shape_held(&class, waited, rate, interval);
}

static const struct {
	const char *what;
	uint32_t packets; /* that wait now */
	uint64_t waited; /* bytes, in the sample before */
	double rate, interval;
	bool starved, is_short;
} cases[] = {
	{ "nothing waits", 0, PACKET, 0, 1, false, false },
	{ "what waits came since then", 50, 0, 0, 1, false, false },
	{ "the first sample", 50, PACKET, NAN, 0, false, false },
	{ "the rate is not known", 50, PACKET, NAN, 1, false, false },
	{ "nothing was sent", 50, PACKET, 0, 1, true, true },
	{ "one packet waits, and was not sent", 1, PACKET, 0, 1, true, false },
	{ "it has its rate", 50, PACKET, RATE, 1, false, false },
	{ "it borrows", 50, PACKET, 2 * RATE, 1, false, false },
	{ "nine tenths of what it is owed", 50, PACKET, 0.9 * (RATE - 8 * PACKET), 1, false,
		false },
	{ "a little less", 50, PACKET, 0.899 * (RATE - 8 * PACKET), 1, false, true },
	{ "half of its rate", 50, PACKET, RATE / 2, 1, false, true },
	{ "half of it, and 50 ms of it wait", 5, PACKET, RATE / 2, 1, false, false },
	{ "half of it, and 60 ms of it wait", 6, PACKET, RATE / 2, 1, false, true },
	{ "a time for one packet and a half", 50, PACKET, 8 * PACKET / 0.015, 0.015, false, false },
	{ "a time that one packet takes", 50, PACKET, 0, 0.01, false, false },
	{ "a time for two, and one was sent", 50, PACKET, 8 * PACKET / 0.02, 0.02, false, false },
	{ "a time for four, and one was sent", 50, PACKET, 8 * PACKET / 0.04, 0.04, false, true },
};

static void what_two_samples_tell(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct shape_held had =
			held(cases[i].packets, cases[i].waited, cases[i].rate, cases[i].interval);
		if (had.starved != cases[i].starved || had.short_of_rate != cases[i].is_short)
			fail_msg("%s: starved %d, short of its rate %d", cases[i].what, had.starved,
				had.short_of_rate);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_two_samples_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
