// SPDX-License-Identifier: BSD-2-Clause
/* Which classes packets of the operator's own connection may be in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "qos/own_class.h"

#define CLASS(number) (UINT64_C(1) << (number))
#define SSH	      22

enum { OWN = CLASS_BEST_EFFORT + 1 };

static struct class_lines lines;

static int setup(void **state)
{
	(void)state;
	classes_default(&lines);
	return 0;
}

/* Puts lines before the default ones. */
static void put(const char *text)
{
	struct class_line line;
	struct failure failure;

	if (classes_parse(text, &lines.names, &line, &failure) < 0)
		fail_msg("%s: %s", text, failure.what);
	assert_int_equal(classes_put(&lines, &line), 0);
}

static void assert_own(enum traffic_direction direction, uint16_t port, uint64_t expected)
{
	assert_int_equal(own_classes(&lines, direction, port), expected);
}

/* BGP's port may be that of the other end; of all else, SSH's port decides. */
static void test_default_lines(void **state)
{
	(void)state;
	for (int way = 0; way < TRAFFIC_DIRECTIONS; way++) {
		assert_own(way, SSH, CLASS(CLASS_CONTROL) | CLASS(CLASS_INTERACTIVE));
		assert_own(way, 2222,
			CLASS(CLASS_CONTROL) | CLASS(CLASS_INTERACTIVE) | CLASS(CLASS_BULK) |
				CLASS(CLASS_BEST_EFFORT));
		assert_own(way, 179, CLASS(CLASS_CONTROL));
	}
}

static void test_directions(void **state)
{
	(void)state;
	put("tcp 22 ingress own");
	assert_own(DIRECTION_INGRESS, SSH, CLASS(OWN));
	assert_own(DIRECTION_EGRESS, SSH, CLASS(CLASS_CONTROL) | CLASS(CLASS_INTERACTIVE));
}

/* Each may hold for some packets, or for none that are known: it does not decide. */
static void test_what_is_not_known(void **state)
{
	static const char *const some[] = { "10.0.0.0/8 own", "tcp 22 to @others own",
		"dscp ef own", "vlan 5 own", "on eth0 own", "tcp 22 sport 1000 own",
		"port @services own", "ethertype 0x0800 own" };
	static const char *const none[] = { "udp 22 own", "proto sctp own",
		"ethertype 0x4305 own" };
	const uint64_t others = CLASS(CLASS_CONTROL) | CLASS(CLASS_INTERACTIVE);

	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		setup(state);
		put(some[i]);
		assert_own(DIRECTION_INGRESS, SSH, others | CLASS(OWN));
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		setup(state);
		put(none[i]);
		assert_own(DIRECTION_INGRESS, SSH, others);
	}
}

static void test_all(void **state)
{
	(void)state;
	put("tcp 20-25 own");
	assert_own(DIRECTION_INGRESS, SSH, CLASS(OWN));
	setup(state);
	put("all own");
	assert_own(DIRECTION_EGRESS, SSH, CLASS(OWN));
	lines.n = 0;
	assert_own(DIRECTION_EGRESS, SSH, CLASS(CLASS_BEST_EFFORT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_default_lines, setup),
		cmocka_unit_test_setup(test_directions, setup),
		cmocka_unit_test_setup(test_what_is_not_known, setup),
		cmocka_unit_test_setup(test_all, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
