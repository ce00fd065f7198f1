// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a change of mesh rules does to the operator's own connection, which is there before it: what nobody can know of
 * it, as its interface, is what lets it be there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mesh/lockout.h"
#include "mesh/rule.h"
#include "programs/connection.h"
#include "tests/lib/set_sample.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define X	     "02:00:00:00:00:01"
#define Y	     "02:00:00:00:00:02"

enum { RULES = 4 };

static struct mesh_rule rules_before[MESH_RULES_MAX], rules_after[MESH_RULES_MAX];
static struct lockout_table before = { .rules = rules_before }, after = { .rules = rules_after };

static void parse(const char *text, struct mesh_rule *rule)
{
	struct failure failure;

	if (rule_parse(text, rule, &failure) < 0)
		fail_msg("%s: %s", text, failure.what);
}

/* A rule that is there before and after ends at the same time. */
static void fill(const char *const *texts, const char *const *others)
{
	memset(rules_after, 0, sizeof(rules_after));
	memset(rules_before, 0, sizeof(rules_before));
	for (int i = 0; i < RULES && texts[i] != NULL; i++)
		parse(texts[i], &rules_before[i]);
	for (int i = 0; i < RULES && others[i] != NULL; i++) {
		parse(others[i], &rules_after[i]);
		for (int j = 0; j < RULES && texts[j] != NULL; j++)
			if (strcmp(texts[j], others[i]) == 0)
				rules_after[i] = rules_before[j];
	}
}

/* From 10.1.2.3 to port 22. */
static void a_connection_is_there_before(void **state)
{
	static const struct {
		const char *before[RULES], *after[RULES];
		uint32_t policy_before, policy_after;
		int cut;
	} cases[] = {
		/* What has not dropped it does not keep what would from being asked about. */
		{ { "drop mac " X }, { "drop mac " X, "drop tcp 22" }, MESH_PASS, MESH_PASS, 1 },
		{ { "drop in eth7" }, { "drop in eth7", "drop all" }, MESH_PASS, MESH_PASS, 1 },
		{ { "drop in eth7" }, { "drop in eth7" }, MESH_PASS, MESH_DROP, LOCKOUT_POLICY },
		{ { "drop in eth7" }, { "drop in eth7", "drop udp 9" }, MESH_PASS, MESH_PASS,
			LOCKOUT_NONE },
		{ { "drop in eth7" }, { "drop udp 9", "drop in eth7" }, MESH_PASS, MESH_PASS,
			LOCKOUT_NONE },
		{ { "drop mac " X }, { "drop mac " Y }, MESH_PASS, MESH_PASS, 0 },
		/* What may be all that passes it stays. */
		{ { "pass in eth0" }, { NULL }, MESH_DROP, MESH_DROP, LOCKOUT_POLICY },
		{ { "pass in eth0", "drop all" }, { "drop all" }, MESH_PASS, MESH_PASS, 0 },
		{ { "pass in eth0" }, { "pass in eth0", "drop tcp 22" }, MESH_DROP, MESH_DROP,
			LOCKOUT_NONE },
		{ { "pass in eth0", "pass mac " X }, { "pass mac " X }, MESH_DROP, MESH_DROP,
			LOCKOUT_POLICY },
		{ { "pass in eth0" }, { "drop in eth0" }, MESH_DROP, MESH_DROP, 0 },
		{ { "pass in eth0" }, { "drop in eth1", "pass in eth0" }, MESH_DROP, MESH_DROP,
			LOCKOUT_NONE },
		{ { "pass in eth0" }, { "drop mac " X, "pass in eth0" }, MESH_DROP, MESH_DROP, 0 },
		/* The order of rules. */
		{ { "drop mac " X, "pass tcp 22" }, { "pass tcp 22", "drop mac " X }, MESH_PASS,
			MESH_PASS, LOCKOUT_NONE },
		{ { "pass tcp 22", "drop mac " X }, { "drop mac " X, "pass tcp 22" }, MESH_PASS,
			MESH_PASS, 0 },
		/* Limits. */
		{ { "limit 20/s tcp 22" }, { "drop tcp 22" }, MESH_PASS, MESH_PASS, 0 },
		{ { "limit 20/s tcp 22" }, { "limit 10/s tcp 22" }, MESH_PASS, MESH_PASS, 0 },
		{ { "limit 20/s tcp 22" }, { "limit 30/s tcp 22" }, MESH_PASS, MESH_PASS,
			LOCKOUT_NONE },
		{ { "limit 20/s tcp 22" }, { "limit 20/s tcp 22", "drop udp 9" }, MESH_PASS,
			MESH_PASS, LOCKOUT_NONE },
		/* For a time. */
		{ { "pass tcp 22" }, { "pass tcp 22 for 1h" }, MESH_DROP, MESH_DROP,
			LOCKOUT_POLICY },
		{ { "pass tcp 22 for 1h" }, { "pass tcp 22 for 1h", "drop udp 9" }, MESH_DROP,
			MESH_DROP, LOCKOUT_NONE },
		{ { "pass tcp 22 for 1h" }, { "pass tcp 22 for 1h" }, MESH_PASS, MESH_DROP,
			LOCKOUT_POLICY },
		/* What drops it all the same is no news, and something else is. */
		{ { "drop tcp 22" }, { "drop tcp 22", "drop udp 9" }, MESH_PASS, MESH_PASS,
			LOCKOUT_NONE },
		{ { "drop tcp 22" }, { "drop 10.1.2.3" }, MESH_PASS, MESH_PASS, 0 },
		{ { "drop tcp 22" }, { NULL }, MESH_PASS, MESH_PASS, LOCKOUT_NONE },
		{ { NULL }, { NULL }, MESH_DROP, MESH_DROP, LOCKOUT_NONE },
		{ { "drop tcp 22" }, { NULL }, MESH_PASS, MESH_DROP, LOCKOUT_POLICY },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		fill(cases[i].before, cases[i].after);
		before.policy = cases[i].policy_before;
		after.policy = cases[i].policy_after;
		int cut = lockout_compare(&before, &after, "10.1.2.3", 22);
		if (cut != cases[i].cut)
			fail_msg("case %zu: %d", i, cut);
	}
}

/* Without ARP, or neighbour discovery, nobody finds the way to the operator. */
static void the_way_to_it_is_found(void **state)
{
	static const struct {
		const char *before, *after[RULES], *address;
		int cut;
	} cases[] = {
		{ NULL, { "drop arp" }, "10.1.2.3", 0 },
		{ NULL, { "drop arp in eth0" }, "10.1.2.3", 0 },
		{ NULL, { "drop ethertype 0x0806" }, "10.1.2.3", 0 },
		{ NULL, { "drop arp" }, "fd00::7", LOCKOUT_NONE },
		{ NULL, { "drop nd" }, "fd00::7", 0 },
		{ NULL, { "drop nd" }, "10.1.2.3", LOCKOUT_NONE },
		{ NULL, { "drop proto icmpv6" }, "fd00::7", LOCKOUT_NONE }, /* not of that */
		{ NULL, { "drop dhcp", "drop unreadable" }, "10.1.2.3", LOCKOUT_NONE },
		{ NULL, { "limit 10/s arp" }, "10.1.2.3", LOCKOUT_NONE },
		{ NULL, { "pass arp", "drop ethertype 0x0806" }, "10.1.2.3", LOCKOUT_NONE },
		{ NULL, { "pass arp in eth0", "drop arp" }, "10.1.2.3", 1 },
		{ "drop arp", { "drop arp", "drop udp 9" }, "10.1.2.3", LOCKOUT_NONE },
		{ "drop arp in eth7", { "drop arp in eth7", "drop arp" }, "10.1.2.3", 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		fill((const char *const[RULES]) { cases[i].before }, cases[i].after);
		before.policy = after.policy = MESH_PASS;
		int cut = lockout_compare(&before, &after, cases[i].address, 22);
		if (cut != cases[i].cut)
			fail_msg("case %zu: %d", i, cut);
	}
	after.policy = MESH_DROP; /* which spares what finds hosts */
	fill((const char *const[RULES]) { NULL }, (const char *const[RULES]) { "pass tcp 22" });
	assert_int_equal(lockout_compare(&before, &after, "10.1.2.3", 22), LOCKOUT_NONE);
}

/* --- sets -------------------------------------------------------------------------------------------- */

static int cut_of(const char *rule, const char *other, uint32_t policy)
{
	fill((const char *const[RULES]) { rule }, (const char *const[RULES]) { other });
	before.policy = MESH_PASS;
	after.policy = policy;
	return lockout_compare(&before, &after, "10.1.2.3", 22);
}

static void sets_that_change(void **state)
{
	struct mesh_sets *was = calloc(1, sizeof(*was)), *is = calloc(1, sizeof(*is));

	(void)state;
	set_sample_put(was, "bad", X "\n", MESH_ORIGIN_FILE, "");
	set_sample_put(is, "bad", X "\n" Y "\n", MESH_ORIGIN_FILE, "");
	set_sample_put(was, "same", X "\n", MESH_ORIGIN_FILE, "");
	set_sample_put(is, "same", X "\n", MESH_ORIGIN_FILE, "");
	set_sample_put(was, "near", "10.1.2.3\n", MESH_ORIGIN_FEED, "all");
	set_sample_put(is, "near", "10.1.2.3\n10.1.2.4\n", MESH_ORIGIN_FEED, "all");
	set_sample_put(was, "friends", "10.1.2.3\n", MESH_ORIGIN_FILE, "");
	set_sample_put(is, "friends", "10.1.2.0/24\n", MESH_ORIGIN_FILE, "");
	set_sample_put(was, "guests", "10.1.2.3\n", MESH_ORIGIN_FILE, "");
	set_sample_put(is, "guests", "10.1.2.4\n", MESH_ORIGIN_FILE, "");
	before.sets = was;
	after.sets = is;
	assert_int_equal(cut_of("drop mac @bad", "drop mac @bad", MESH_PASS), 0);
	assert_int_equal(cut_of("drop mac @same", "drop mac @same", MESH_PASS), LOCKOUT_NONE);
	assert_int_equal(
		cut_of("pass from @friends", "pass from @friends", MESH_DROP), LOCKOUT_NONE);
	assert_int_equal(
		cut_of("pass from @friends in eth0", "pass from @friends in eth0", MESH_DROP),
		LOCKOUT_POLICY);
	assert_int_equal(
		cut_of("pass from @guests", "pass from @guests", MESH_DROP), LOCKOUT_POLICY);
	assert_int_equal(cut_of("drop from @guests", "drop from @guests", MESH_PASS), LOCKOUT_NONE);
	/* What a set will hold that follows something, nobody knows. */
	assert_int_equal(cut_of("pass from @near", "pass from @near", MESH_DROP), LOCKOUT_POLICY);
	assert_int_equal(cut_of(NULL, "drop from @near", MESH_PASS), 0);
	assert_int_equal(cut_of("drop from @near", "drop from @near", MESH_PASS), LOCKOUT_NONE);
	is->sets[(uint32_t)sets_find(is, "near")].feed = 1;
	assert_int_equal(cut_of("drop from @near", "drop from @near", MESH_PASS), 0);
	assert_int_equal(cut_of("drop mac @near", "drop mac @near", MESH_PASS), 0);
	/* One that is there later only, one of as many, and one that a rule names behind another. */
	set_sample_put(is, "new", X "\n", MESH_ORIGIN_FILE, "");
	set_sample_put(was, "swap", X "\n", MESH_ORIGIN_FILE, "");
	set_sample_put(is, "swap", Y "\n", MESH_ORIGIN_FILE, "");
	assert_int_equal(cut_of("drop mac @new", "drop mac @new", MESH_PASS), 0);
	assert_int_equal(cut_of("drop mac @none", "drop mac @none", MESH_PASS), LOCKOUT_NONE);
	assert_int_equal(cut_of("drop mac @swap", "drop mac @swap", MESH_PASS), 0);
	assert_int_equal(
		cut_of("drop from @friends mac @same", "drop from @friends mac @same", MESH_PASS),
		LOCKOUT_NONE);
	assert_int_equal(
		cut_of("drop from @friends mac @swap", "drop from @friends mac @swap", MESH_PASS),
		0);
	/* Of rules alone, sets stay as they are. */
	after.sets = was;
	assert_int_equal(cut_of("drop mac @bad", "drop mac @bad", MESH_PASS), LOCKOUT_NONE);
	assert_int_equal(cut_of("drop from @near", "drop from @near", MESH_PASS), LOCKOUT_NONE);
	before.sets = after.sets = NULL;
	sets_free(was);
	sets_free(is);
}

/* --- who it is --------------------------------------------------------------------------------------- */

/* sshd names the interface of an address that is of one link. */
static void addresses_are_those_of_packets(void **state)
{
	static const struct {
		const char *text, *address;
		uint16_t port;
	} cases[] = {
		{ "10.1.2.3 22", "10.1.2.3", 22 },
		{ "fe80::1%eth0 2222", "fe80::1", 2222 },
		{ "::ffff:10.1.2.3 22", "10.1.2.3", 22 },
		{ "::ffff:a01:203 22", "::ffff:a01:203", 22 },
		{ "fd00::7", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct connection connection = { 0 };
		connection_read(cases[i].text, &connection);
		assert_string_equal(connection.address, cases[i].address);
		assert_int_equal(connection.port, cases[i].port);
	}
	fill((const char *const[RULES]) { NULL }, (const char *const[RULES]) { "drop fe80::/10" });
	before.policy = after.policy = MESH_PASS;
	assert_int_equal(lockout_compare(&before, &after, "fe80::1", 22), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_is_there_before),
		cmocka_unit_test(the_way_to_it_is_found),
		cmocka_unit_test(sets_that_change),
		cmocka_unit_test(addresses_are_those_of_packets),
	};

	return cmocka_run_group_tests_name("lockout", tests, NULL, NULL);
}
