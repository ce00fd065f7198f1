// SPDX-License-Identifier: BSD-2-Clause
/* Policies: what a file may say, and what is refused with its place. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/action.h"
#include "mapek/measure.h"
#include "mapek/policy.h"

static struct policies policies;
static struct failure failure;
static const struct connection operator_of = { "203.0.113.7", 22 };

/* Reads a text as a file of policies. */
static int read_text(const char *text)
{
	char path[] = "/tmp/test_policy.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	memset(&policies, 0, sizeof(policies));
	int error = policies_read(&policies, path, &operator_of, &failure);
	unlink(path);
	return error;
}

static void refuses(const char *text, const char *line, const char *why)
{
	assert_true(read_text(text) < 0);
	if (strstr(failure.what, line) == NULL || strstr(failure.what, why) == NULL)
		fail_msg("\"%s\" lacks \"%s\" or \"%s\"", failure.what, line, why);
	assert_int_equal(policies.n, 0);
}

#define ONE(more) "policies:\n- name: a\n  watch: udp\n" more

static void test_what_is_not_said_has_a_default(void **state)
{
	(void)state;
	assert_int_equal(read_text(ONE("")), 0);
	assert_int_equal(policies.mode, MAPEK_ADVISE);
	assert_int_equal(policies.brake, 10);
	assert_int_equal(policies.n, 1);
	assert_string_equal(measures[policies.list[0].series].name, "udp");
	assert_int_equal(policies.list[0].side, POLICY_HIGH);
	assert_true(isnan(policies.list[0].from));
	assert_int_equal(policies.list[0].most, 1);
	assert_int_equal(policies.list[0].length, 60);
	assert_int_equal(policies.list[0].line, 2);
	assert_string_equal(policies.list[0].action, "");
}

static void test_every_member_is_read(void **state)
{
	(void)state;
	assert_int_equal(
		read_text(
			"mode: act\nbrake: 7\nleast: 200/s\nnever: [192.0.2.0/24, fd00::1]\n"
			"policies:\n- name: quiet\n  watch: neighbours\n  is: low\n  score: 7.5\n  from: 3\n"
			"  hold: 250ms\n  calm: 2m\n  do: rule add limit 300/s from {source} proto udp\n"
			"  busy: 12.5\n  most: 16\n  for: 1h\n"),
		0);
	const struct policy *policy = &policies.list[0];
	char text[RULE_LEN];
	assert_int_equal(policies.mode, MAPEK_ACT);
	assert_int_equal(policies.brake, 7);
	assert_int_equal(policies.least, 200);
	assert_int_equal(policies.n_never, 2);
	assert_int_equal(policy->side, POLICY_LOW);
	assert_true(policy->score == 7.5 && policy->from == 3 && policy->busy == 12.5);
	assert_true(policy->hold == 0.25 && policy->calm == 120);
	assert_int_equal(policy->most, 16);
	assert_int_equal(policy->length, 3600);
	assert_int_equal(policy_target(policy), POLICY_SOURCES);
	assert_string_equal(policy_action(policy, "10.0.0.9", text, sizeof(text)),
		"rule add limit 300/s from 10.0.0.9 proto udp");
}

/* The action is read as one about an address; its lengths stand beside it. */
static void test_the_network_of_a_source(void **state)
{
	static const struct {
		const char *text;
		uint32_t length_4, length_6;
		const char *about_4, *about_6;
	} cases[] = {
		{ "{source}", 0, 0, "10.1.255.9", "fd00:1:2:3:4::9" },
		{ "{source}/24", 24, 64, "10.1.255.0/24", "fd00:1:2:3::/64" },
		{ "{source}/20/47", 20, 47, "10.1.240.0/20", "fd00:1:2::/47" },
		{ "{source}/8/16", 8, 16, "10.0.0.0/8", "fd00::/16" },
		{ "{source}/32/128", 32, 128, "10.1.255.9/32", "fd00:1:2:3:4::9/128" },
	};
	const struct policy *policy = &policies.list[0];
	char text[256], about[MAPEK_TARGET_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), ONE("  do: rule add drop from %s proto udp\n"),
			cases[i].text);
		assert_int_equal(read_text(text), 0);
		assert_int_equal(policy->length_4, cases[i].length_4);
		assert_int_equal(policy->length_6, cases[i].length_6);
		assert_string_equal(policy->action, "rule add drop from {source} proto udp");
		assert_string_equal(
			policy_about(policy, "10.1.255.9", about, sizeof(about)), cases[i].about_4);
		assert_string_equal(policy_about(policy, "fd00:1:2:3:4::9", about, sizeof(about)),
			cases[i].about_6);
		assert_string_equal(policy_about(policy, "02:00:00:00:00:01", about, sizeof(about)),
			"02:00:00:00:00:01");
	}
	assert_int_equal(
		read_text(ONE("  run: [/bin/page, \"{source}/24\", \"of {source}/24 now\"]\n")), 0);
	assert_string_equal(policy->action, "mapek run a for {source}");
	assert_string_equal(policy->hook + strlen("/bin/page") + 1, "{source}");
}

static void test_names_of_policies(void **state)
{
	char text[128], name[40];

	(void)state;
	for (int length = 31; length <= 32; length++) {
		memset(name, 'n', sizeof(name));
		name[length] = '\0';
		snprintf(text, sizeof(text), "policies:\n- watch: udp\n  name: %s\n", name);
		if (length == 31)
			assert_int_equal(read_text(text), 0);
		else
			refuses(text, "line 3, column 9", "1 to 31 characters");
	}
	refuses("policies:\n- watch: udp\n  name: \"\"\n", "line 3", "1 to 31 characters");
	refuses("policies:\n- watch: udp\n  name: \"a\\tb\"\n", "line 3", "1 to 31 characters");
	refuses("policies:\n- watch: udp\n  name: a\"b\n", "line 3", "1 to 31 characters");
}

/* The first of all measures, and the last. */
static void test_all_measures_can_be_watched(void **state)
{
	char text[128];

	(void)state;
	for (uint32_t i = 0; measures[i].name != NULL; i++) {
		snprintf(text, sizeof(text), "policies:\n- name: a\n  watch: %s\n",
			measures[i].name);
		assert_int_equal(read_text(text), 0);
		assert_int_equal(policies.list[0].series, i);
	}
}

static void test_lengths_that_are_none(void **state)
{
	static const char *const wrong[] = { "/", "/7", "/33", "/24/", "/24/15", "/24/129", "/x",
		"/024", "/24x", "/24/64/1", "/99999999999", "/-8" };
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(
			text, sizeof(text), ONE("  do: rule add drop from {source}%s\n"), wrong[i]);
		refuses(text, "line ", "");
	}
	refuses(ONE("  do: rule add drop from {source}/7\n"), "line 4, column 7", "from 8 to 32");
	refuses(ONE("  run: [/bin/page, \"{source}/24\", \"{source}/23\"]\n"), "line 4",
		"the same lengths");
	refuses(ONE("  run: [/bin/page, \"{source}\", \"{source}/24\"]\n"), "line 4",
		"the same lengths");
	/* Two of the same network contradict each other, two of different ones do not. */
	refuses(ONE("  do: rule add drop {source}/24\n"
		    "- name: b\n  watch: tcp\n  do: rule add limit 1k/s from {source}/24\n"),
		"line 5", "");
	assert_int_equal(
		read_text(
			ONE("  do: rule add drop {source}/24\n"
			    "- name: b\n  watch: tcp\n  do: rule add limit 1k/s from {source}\n")),
		0);
	/* Whom a source may be is looked at when it floods. */
	assert_int_equal(
		read_text("never: [198.51.100.0/24]\n" ONE("  do: rule add drop {source}/8\n")), 0);
	assert_int_equal(
		read_text("never: [198.51.100.0/24]\n" ONE("  do: rule add drop {source}\n")), 0);
	refuses("never: [198.51.100.0/24]\n" ONE("  do: rule add drop 198.51.0.0/16\n"), "line 3",
		"\"never\" spares");
}

static void test_mistakes_name_line_and_column(void **state)
{
	(void)state;
	refuses("mode: maybe\n", "line 1, column 7", "not a mode");
	refuses("brake: 0\n", "line 1, column 8", "1 to 1000");
	refuses("brake: 1001\n", "line 1, column 8", "1 to 1000");
	refuses("least: 10Mbit/s\n", "line 1, column 8", "not a rate of packets");
	refuses("never: [10.1.0.0/8]\n", "line 1, column 9", "");
	refuses("nevr: []\n", "line 1, column 1", "\"nevr\" is not a member");
	refuses("policies: 3\n", "line 1, column 11", "Expected a list");
	refuses("policies:\n- 3\n", "line 2, column 3", "Expected a policy");
	refuses("policies:\n- watch: udp\n", "line 2, column 3", "no name");
	refuses("policies:\n- name: a\n", "line 2, column 3", "what to watch");
	refuses("policies:\n- name: a\n  watch: foo\n", "line 3, column 10", "not a series");
	refuses(ONE("  watch: tcp\n"), "line 4, column 3", "second time");
	refuses(ONE("  is: strange\n"), "line 4, column 7", "high or low");
	refuses(ONE("  score: 301\n"), "line 4, column 10", "0 to 300");
	refuses(ONE("  score: -1\n"), "line 4, column 10", "0 to 300");
	refuses(ONE("  score: +1\n"), "line 4, column 10", "0 to 300");
	refuses(ONE("  score: .5\n"), "line 4, column 10", "0 to 300");
	refuses(ONE("  score: inf\n"), "line 4, column 10", "0 to 300");
	refuses(ONE("  score: 1x\n"), "line 4, column 10", "0 to 300");
	refuses(ONE("  hold: 5\n"), "line 4, column 9", "not a time");
	refuses(ONE("  hold: 2d\n"), "line 4, column 9", "not a time");
	refuses(ONE("  user: daemon\n"), "line 2, column 3", "runs nothing");
	refuses(ONE("  run: [/bin/true]\n  user: root\n"), "line 5, column 9", "root's rights");
	refuses(ONE("  run: [/bin/true]\n  user: no-such\n"), "line 5, column 9", "no user");
	refuses(ONE("  most: 17\n"), "line 4, column 9", "1 to 16");
	refuses(ONE("  for: 1s\n"), "line 4, column 8", "2s to a day");
	refuses(ONE("  do: rule ad drop all\n"), "line 2", "");
	refuses(ONE("- name: a\n  watch: tcp\n"), "line 4", "line 2 has this name");
}

static void test_what_could_cut_the_operator_off_is_refused(void **state)
{
	(void)state;
	refuses(ONE("  do: rule add drop all\n"), "line 2", "cut everybody off");
	refuses(ONE("  do: rule add drop proto udp\n"), "line 2", "cut everybody off");
	refuses(ONE("  do: rule add drop 0.0.0.0/0\n"), "line 2", "cut everybody off");
	refuses(ONE("  do: rule add limit 1k/s tcp 22\n"), "line 2", "cut everybody off");
	refuses(ONE("  do: rule add limit 1k/s all\n"), "line 2", "cut everybody off");
	refuses(ONE("  do: rule add drop 203.0.112.0/22\n"), "line 2", "your own connection");
	refuses(ONE("  do: rule add drop 0.0.0.0/1\n"), "line 2", "cut everybody off");
	refuses(ONE("  do: rule add drop 8.0.0.0/7\n"), "line 2", "cut everybody off");
	refuses(ONE("  do: rule add drop 2000::/3\n"), "line 2", "cut everybody off");
	refuses(ONE("  do: rule add drop to 10.0.0.0/8\n"), "line 2", "cut everybody off");
	refuses(ONE("  do: rule add drop ethertype 0x0800\n"), "line 2", "cut everybody off");
	refuses(ONE("  do: rule add drop from {source} mac {mac}\n"), "line 2", "");
	refuses(ONE("  do: program off {source}\n"), "line 2", "");
	refuses(ONE("  do: mapek run a\n"), "line 2", "may not do \"mapek run\"");
	refuses(ONE("  do: mapek never {source}\n"), "line 2", "may not do");
	refuses(ONE("  do: rule flush\n"), "line 2", "may not do \"rule flush\"");
	refuses(ONE("  do: rule policy drop\n"), "line 2", "may not do");
	refuses(ONE("  do: enforce on xdp_mesh_filter\n"), "line 2", "may not do");
	refuses(ONE("  do: qos off eth0\n"), "line 2", "may not do \"qos off\"");
	refuses(ONE("  do: qos police eth0 in bulk none\n"), "line 2", "comes by itself");
	refuses(ONE("  do: qos mark eth0 out bulk none\n"), "line 2", "comes by itself");
	refuses(ONE("  do: qos police eth0 in {source} 5Mbit/s\n"), "line 2", "stands for nothing");
	refuses("least: 100/s\n" ONE("  do: qos police eth0 in bulk 1Mbit/s\n"), "line 3",
		"lower than \"least\"");
	assert_int_equal(read_text(ONE("  do: qos police eth0 in bulk 2Mbit/s\n")), 0);
	refuses("least: 100/s\n" ONE("  do: qos rate eth0 bulk 1Mbit/s\n"), "line 3",
		"lower than \"least\" allows");
	assert_int_equal(read_text(ONE("  do: qos rate eth0 bulk 2Mbit/s 4Mbit/s share 3\n")), 0);
	refuses(ONE("  do: qos rate eth0 bulk 2Mbit/s share 3\n"
		    "- name: b\n  watch: tcp\n  do: qos rate eth0 bulk 2Mbit/s share 4\n"),
		"line 5", "contradicts");
	assert_int_equal(
		read_text(ONE("  do: qos rate eth0 bulk 2Mbit/s\n"
			      "- name: b\n  watch: tcp\n  do: qos rate eth0 mesh 3Mbit/s\n")),
		0);
	assert_int_equal(read_text(ONE("  do: qos mark eth0 out bulk le\n")), 0);
	assert_int_equal(read_text(ONE("  do: rule add limit 1k/s proto udp\n")), 0);
	assert_int_equal(read_text(ONE("  do: rule insert 0 drop mac 02:00:00:00:00:09\n")), 0);
	assert_int_equal(read_text(ONE("  do: program off tc_classifier\n")), 0);
	assert_int_equal(read_text(ONE("  do: enforce on xdp_pqc_verify\n")), 0);
	assert_int_equal(read_text(ONE("  do: enforce off xdp_mesh_filter\n")), 0);
}

/* No rule of those that come with x0top lets a flood pass for long before its first drop. */
static void test_bursts_are_short(void **state)
{
	struct action action;
	char text[RULE_LEN];

	(void)state;
	assert_int_equal(policies_read(&policies, NULL, NULL, &failure), 0);
	for (uint32_t i = 0; i < policies.n; i++) {
		const enum policy_target target = policy_target(&policies.list[i]);
		policy_action(&policies.list[i],
			target == POLICY_SENDERS ? "02:00:00:00:00:01" : "10.0.0.1", text,
			sizeof(text));
		if (strncmp(text, "rule ", 5) != 0)
			continue;
		assert_int_equal(action_parse(text, &action, &failure), 0);
		assert_in_range(action.rule.burst, 10, 100);
	}
}

static void test_bounds_hold_for_every_rule(void **state)
{
	(void)state;
	refuses("least: 1k/s\n" ONE("  do: rule add limit 999/s from {source}\n"), "line 3",
		"\"least\"");
	refuses("least: 1k/s\n" ONE("  do: rule add limit 12Mbit/s from {source}\n"), "line 3",
		"1000 packets of 1,514 bytes are 12.11 Mbit/s");
	refuses(ONE("  do: rule add drop 192.0.2.0/25\n") "never: [192.0.2.9]\n", "line 2",
		"192.0.2.9");
	refuses(ONE("  do: rule add pass {source}\n"), "line 2", "passes");
	refuses(ONE("  do: rule add drop {source} for 1h\n"), "line 2", "notes of its own");
	refuses(ONE("  do: rule add drop {source} origin operator\n"), "line 2",
		"notes of its own");
	assert_int_equal(
		read_text("least: 1k/s\n" ONE("  do: rule add limit 1k/s from {source}\n")), 0);
	assert_int_equal(
		read_text("least: 1k/s\n" ONE("  do: rule add limit 13Mbit/s from {source}\n")), 0);
}

/* The remedy is whole, and says what to do. */
static void test_mistakes_that_are_easily_made(void **state)
{
	(void)state;
	refuses("policies:\n- name: a\n  watch: upd\n", "line 3, column 10",
		"\"upd\" is not a series that can be watched");
	assert_string_equal(
		failure.remedy, "Watch one that x0top-mapek(7) lists, as udp, drops or call-p99");
	refuses(ONE("  run: [/bin/echo, {source}]\n"), "line 4, column 20",
		"one that begins with { is put in quotes");
	assert_int_equal(read_text(ONE("  run: [/bin/echo, \"{source}\"]\n")), 0);
}

static void test_contradictions_are_refused(void **state)
{
	(void)state;
	refuses(ONE("  do: rule add drop {source}\n"
		    "- name: b\n  watch: tcp\n  do: rule add limit 1k/s from {source}\n"),
		"line 5", "contradicts \"a\" on line 2");
	refuses(ONE("  do: program off tc_classifier\n"
		    "- name: b\n  watch: tcp\n  do: program on tc_classifier\n"),
		"line 5", "contradicts");
	refuses(ONE("  do: rule add drop {source}\n"
		    "- name: b\n  watch: tcp\n  do: program off xdp_mesh_filter\n"),
		"line 5", "contradicts \"a\" on line 2");
	refuses(ONE("  do: program off xdp_mesh_filter\n"
		    "- name: b\n  watch: tcp\n  do: rule insert 0 drop mac {mac}\n"),
		"line 5", "contradicts");
	refuses(ONE("  do: program off tc_classifier\n"
		    "- name: b\n  watch: tcp\n  do: qos police eth0 in bulk 5Mbit/s\n"),
		"line 5", "contradicts");
	refuses(ONE("  do: qos rate eth0 bulk 5Mbit/s\n"
		    "- name: b\n  watch: tcp\n  do: enforce off tc_classifier\n"),
		"line 5", "contradicts");
	refuses(ONE("  do: enforce on xdp_pqc_verify\n"
		    "- name: b\n  watch: tcp\n  do: enforce off xdp_pqc_verify\n"),
		"line 5", "contradicts");
	refuses(ONE("  do: program off xdp_pqc_verify\n"
		    "- name: b\n  watch: tcp\n  do: enforce on xdp_pqc_verify\n"),
		"line 5", "contradicts");
	refuses(ONE("  do: enforce off xdp_mesh_filter\n"
		    "- name: b\n  watch: tcp\n  do: rule add drop {source}\n"),
		"line 5", "contradicts");
	assert_int_equal(
		read_text(ONE("  do: program off tc_classifier\n"
			      "- name: b\n  watch: tcp\n  do: enforce on xdp_pqc_verify\n")),
		0);
	assert_int_equal(read_text(ONE("  do: rule add drop {source}\n"
				       "- name: b\n  watch: tcp\n  do: rule add drop {source}\n")),
		0);
	assert_int_equal(policies.n, 2);
}

/* Two about one class that differ in one thing. */
static void test_classes_that_contradict(void **state)
{
	static const struct {
		const char *a, *b;
		bool contradict;
	} cases[] = {
		{ "police eth0 in bulk 5Mbit/s", "police eth0 in bulk 5Mbit/s", false },
		{ "police eth0 in bulk 5Mbit/s", "police eth0 in bulk 6Mbit/s", true },
		{ "police eth0 in bulk 5Mbit/s", "police eth0 out bulk 6Mbit/s", false },
		{ "police eth0 in bulk 5Mbit/s", "police eth1 in bulk 6Mbit/s", false },
		{ "police eth0 in bulk 5Mbit/s", "police eth0 in mesh 6Mbit/s", false },
		{ "police eth0 in bulk 5Mbit/s", "mark eth0 in bulk ef", false },
		{ "mark eth0 in bulk cs1", "mark eth0 in bulk ef", true },
		{ "rate eth0 bulk 1Mbit/s", "rate eth0 bulk 2Mbit/s", true },
		{ "rate eth0 bulk 1Mbit/s 2Mbit/s", "rate eth0 bulk 1Mbit/s 3Mbit/s", true },
		{ "rate eth0 bulk 1Mbit/s share 1", "rate eth0 bulk 1Mbit/s share 2", true },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text),
			ONE("  do: qos %s\n- name: b\n  watch: tcp\n  do: qos %s\n"), cases[i].a,
			cases[i].b);
		if (cases[i].contradict)
			refuses(text, "line 5", "contradicts \"a\" on line 2");
		else
			assert_int_equal(read_text(text), 0);
	}
}

static void test_hooks(void **state)
{
	char texts[HOOK_ARGUMENTS_MAX][HOOK_LEN], *arguments[HOOK_ARGUMENTS_MAX + 1];

	(void)state;
	assert_int_equal(
		read_text(ONE("  run: [/bin/page, \"{source} floods\", {x}]\n  within: 500ms\n")),
		-EINVAL);
	assert_int_equal(
		read_text(ONE("  run: [/bin/page, \"{source} floods\", \"\"]\n  within: 500ms\n")),
		0);
	const struct policy *policy = &policies.list[0];
	assert_int_equal(policy->n_arguments, 3);
	assert_true(policy->within == 0.5);
	assert_string_equal(policy->action, "mapek run a for {source}");
	assert_int_equal(policy_target(policy), POLICY_SOURCES);
	policy_arguments(policy, "10.0.0.9", texts, arguments);
	assert_string_equal(arguments[0], "/bin/page");
	assert_string_equal(arguments[1], "10.0.0.9 floods");
	assert_string_equal(arguments[2], "");
	assert_null(arguments[3]);
	assert_int_equal(read_text(ONE("  run: [/bin/page]\n")), 0);
	assert_string_equal(policies.list[0].action, "mapek run a");
	assert_true(policies.list[0].within == 10);
	refuses(ONE("  run: /bin/page\n"), "line 4, column 8", "Expected a list");
	refuses(ONE("  run: [page]\n"), "line 4, column 9", "whole path");
	refuses(ONE("  run: [/a]\n  do: rule add drop {source}\n"), "line 2", "another one");
	refuses(ONE("  run: [/a, \"{mac}\", \"{source}\"]\n"), "line 2", "both");
	refuses(ONE("  run: [/a]\n  within: 6m\n"), "line 5, column 11", "5 minutes");
	refuses(ONE("  run: [/a]\n  within: 0ms\n"), "line 5, column 11", "5 minutes");
	refuses(ONE("  run: [/a,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]\n"), "line 4",
		"at most 16 arguments");
}

static void test_what_an_operator_spares(void **state)
{
	(void)state;
	policies = (struct policies) { .n_spared = 3,
		.spared = { { "10.9.0.0/24", 1 }, { "02:00:00:00:00:0a", 1 },
			{ "0123456789abcdef", 1 } } };
	assert_int_equal(policies_spared(&policies, "10.9.0.7"), 0);
	assert_int_equal(policies_spared(&policies, "10.9.0.0/24"), 0);
	assert_int_equal(policies_spared(&policies, "10.9.0.0/23"), 0);
	assert_int_equal(policies_spared(&policies, "10.9.1.7"), -ENOENT);
	assert_int_equal(policies_spared(&policies, "10.9.0.0/16"), 0); /* some of it */
	assert_int_equal(policies_spared(&policies, "10.10.0.0/16"), -ENOENT);
	assert_int_equal(policies_spared(&policies, "02:00:00:00:00:0a"), 1);
	assert_int_equal(policies_spared(&policies, "0123456789abcdef"), 2);
	assert_int_equal(policies_spared(&policies, ""), -ENOENT);
}

static void test_spared_addresses(void **state)
{
	(void)state;
	assert_int_equal(read_text("never: [192.0.2.0/24, fd00::/8]\n"), 0);
	assert_true(policies_spare(&policies, "192.0.2.255"));
	assert_false(policies_spare(&policies, "192.0.3.0"));
	assert_true(policies_spare(&policies, "fd12::1"));
	assert_false(policies_spare(&policies, "fe80::1"));
	assert_true(policies_spare(&policies, "02:00:00:00:00:01"));
	/* A network, of which it spares all or some. */
	assert_true(policies_spare(&policies, "192.0.2.64/26"));
	assert_true(policies_spare(&policies, "192.0.0.0/16"));
	assert_false(policies_spare(&policies, "192.1.0.0/16"));
	assert_true(policies_spare(&policies, "fd12::/32"));
	assert_false(policies_spare(&policies, "fe80::/16"));
}

static void test_those_of_x0top_are_valid_and_advise(void **state)
{
	(void)state;
	memset(&policies, 0, sizeof(policies));
	if (policies_read(&policies, NULL, NULL, &failure) < 0)
		fail_msg("%s", failure.what);
	assert_int_equal(policies.mode, MAPEK_ADVISE);
	assert_true(policies.n >= 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_not_said_has_a_default),
		cmocka_unit_test(test_every_member_is_read),
		cmocka_unit_test(test_the_network_of_a_source),
		cmocka_unit_test(test_all_measures_can_be_watched),
		cmocka_unit_test(test_names_of_policies),
		cmocka_unit_test(test_lengths_that_are_none),
		cmocka_unit_test(test_mistakes_name_line_and_column),
		cmocka_unit_test(test_what_could_cut_the_operator_off_is_refused),
		cmocka_unit_test(test_bursts_are_short),
		cmocka_unit_test(test_bounds_hold_for_every_rule),
		cmocka_unit_test(test_mistakes_that_are_easily_made),
		cmocka_unit_test(test_contradictions_are_refused),
		cmocka_unit_test(test_classes_that_contradict),
		cmocka_unit_test(test_hooks),
		cmocka_unit_test(test_what_an_operator_spares),
		cmocka_unit_test(test_spared_addresses),
		cmocka_unit_test(test_those_of_x0top_are_valid_and_advise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
