// SPDX-License-Identifier: BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/action.h"
#include "programs/programs.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_valid_actions_survive_both_ways(void **state)
{
	static const struct {
		const char *text;
		const struct verb *verb;
	} cases[] = {
		{ "program on xdp_counter", &control_verbs[VERB_PROGRAM_ON] },
		{ "program off kprobe_syscall_latency_secure", &control_verbs[VERB_PROGRAM_OFF] },
		{ "program replace xdp_counter /root/xdp_counter.bpf.o",
			&control_verbs[VERB_PROGRAM_REPLACE] },
		{ "program replace tc_classifier built-in", &control_verbs[VERB_PROGRAM_REPLACE] },
		{ "program replace xdp_mesh_filter /root/x.bpf.o canary 30",
			&control_verbs[VERB_PROGRAM_REPLACE] },
		{ "program keep xdp_mesh_filter", &control_verbs[VERB_PROGRAM_KEEP] },
		{ "program take-back xdp_mesh_filter", &control_verbs[VERB_PROGRAM_TAKE_BACK] },
		{ "enforce on xdp_mesh_filter", &control_verbs[VERB_ENFORCE_ON] },
		{ "enforce off xdp_mesh_filter", &control_verbs[VERB_ENFORCE_OFF] },
		{ "mapek never 10.9.0.0/24", &control_verbs[VERB_MAPEK_NEVER] },
		{ "mapek never 02:00:00:00:00:01", &control_verbs[VERB_MAPEK_NEVER] },
		{ "mapek again 0123456789abcdef", &control_verbs[VERB_MAPEK_AGAIN] },
		{ "mapek run page me for 10.9.0.7", &control_verbs[VERB_MAPEK_RUN] },
		{ "rule on 0", &mesh_filter_verbs[MESH_FILTER_RULE_ON] },
		{ "rule off 17", &mesh_filter_verbs[MESH_FILTER_RULE_OFF] },
		{ "set load foes /etc/foes.txt prefixes",
			&mesh_filter_verbs[MESH_FILTER_SET_LOAD] },
		{ "set add foes 10.0.0.0/8", &mesh_filter_verbs[MESH_FILTER_SET_ADD] },
		{ "set remove foes 10.0.0.0/8", &mesh_filter_verbs[MESH_FILTER_SET_REMOVE] },
		{ "set feed near kernel", &mesh_filter_verbs[MESH_FILTER_SET_FEED] },
		{ "set follow near", &mesh_filter_verbs[MESH_FILTER_SET_FOLLOW] },
		{ "rule only-neighbours on", &mesh_filter_verbs[MESH_FILTER_ONLY_NEIGHBOURS] },
		{ "set delete foes", &mesh_filter_verbs[MESH_FILTER_SET_DELETE] },
		{ "rule delete 1023", &mesh_filter_verbs[MESH_FILTER_RULE_DELETE] },
		{ "rule add drop 10.1.0.0/16", &mesh_filter_verbs[MESH_FILTER_RULE_ADD] },
		{ "rule add pass mac 02:00:00:00:00:01", &mesh_filter_verbs[MESH_FILTER_RULE_ADD] },
		{ "rule add drop udp 6696", &mesh_filter_verbs[MESH_FILTER_RULE_ADD] },
		{ "rule add off drop udp 6696", &mesh_filter_verbs[MESH_FILTER_RULE_ADD] },
		{ "rule insert 0 drop tcp 22", &mesh_filter_verbs[MESH_FILTER_RULE_INSERT] },
		{ "rule insert 9 off limit 10k/s burst 1 10.1.0.0/16 to 10.2.0.0/16 udp 1-65535 in eth0",
			&mesh_filter_verbs[MESH_FILTER_RULE_INSERT] },
		{ "rule move 7 3", &mesh_filter_verbs[MESH_FILTER_RULE_MOVE] },
		{ "rule change 7 off drop tcp 22", &mesh_filter_verbs[MESH_FILTER_RULE_CHANGE] },
		{ "rule flush", &mesh_filter_verbs[MESH_FILTER_RULE_FLUSH] },
		{ "rule policy drop", &mesh_filter_verbs[MESH_FILTER_RULE_POLICY] },
		{ "rule load /etc/x0top/my rules.yaml", &mesh_filter_verbs[MESH_FILTER_RULE_LOAD] },
		{ "rule undo", &mesh_filter_verbs[MESH_FILTER_RULE_UNDO] },
		{ "rule confirm", &mesh_filter_verbs[MESH_FILTER_RULE_CONFIRM] },
		{ "rule rollback", &mesh_filter_verbs[MESH_FILTER_RULE_ROLLBACK] },
		{ "rule expire", &mesh_filter_verbs[MESH_FILTER_RULE_EXPIRE] },
		{ "rule add drop tcp 22 for 10m comment \"why not\"",
			&mesh_filter_verbs[MESH_FILTER_RULE_ADD] },
		{ "rule only-neighbours on", &mesh_filter_verbs[MESH_FILTER_ONLY_NEIGHBOURS] },
		{ "rule only-neighbours off", &mesh_filter_verbs[MESH_FILTER_ONLY_NEIGHBOURS] },
		{ "set load blocked /etc/x0top/list", &mesh_filter_verbs[MESH_FILTER_SET_LOAD] },
		{ "set load b-2_c list macs", &mesh_filter_verbs[MESH_FILTER_SET_LOAD] },
		{ "set add blocked 10.1.0.1-10.1.0.9", &mesh_filter_verbs[MESH_FILTER_SET_ADD] },
		{ "set remove blocked 22", &mesh_filter_verbs[MESH_FILTER_SET_REMOVE] },
		{ "set delete blocked", &mesh_filter_verbs[MESH_FILTER_SET_DELETE] },
		{ "set feed near kernel,babel", &mesh_filter_verbs[MESH_FILTER_SET_FEED] },
		{ "set feed near batman-adv macs", &mesh_filter_verbs[MESH_FILTER_SET_FEED] },
		{ "set follow near", &mesh_filter_verbs[MESH_FILTER_SET_FOLLOW] },
		{ "class add dscp ef voip", &control_verbs[VERB_CLASS_ADD] },
		{ "class insert 0 10.1.0.0/16 to @phones udp 5060-5061 egress voip",
			&control_verbs[VERB_CLASS_INSERT] },
		{ "class edit 255 all bulk", &control_verbs[VERB_CLASS_EDIT] },
		{ "class delete 7", &control_verbs[VERB_CLASS_DELETE] },
		{ "class move 7 0", &control_verbs[VERB_CLASS_MOVE] },
		{ "class load /etc/x0top/x0top.yaml", &control_verbs[VERB_CLASS_LOAD] },
		{ "class reset", &control_verbs[VERB_CLASS_RESET] },
		{ "class undo", &control_verbs[VERB_CLASS_UNDO] },
		{ "mapek undo 7", &control_verbs[VERB_MAPEK_UNDO] },
		{ "qos preset uplink eth0 10Mbit/s", &control_verbs[VERB_QOS_PRESET] },
		{ "qos preset mesh-first wlan0.5 1234567bit/s", &control_verbs[VERB_QOS_PRESET] },
		{ "qos rate eth0 bulk 1Mbit/s", &control_verbs[VERB_QOS_RATE] },
		{ "qos rate eth0 best_effort 8kbit/s 400Gbit/s", &control_verbs[VERB_QOS_RATE] },
		{ "qos rate eth0 bulk 1Mbit/s share 64", &control_verbs[VERB_QOS_RATE] },
		{ "qos rate eth0 bulk 1Mbit/s 2Mbit/s share 1", &control_verbs[VERB_QOS_RATE] },
		{ "qos mark eth0 out bulk cs1", &control_verbs[VERB_QOS_MARK] },
		{ "qos mark eth0 in voice-2 33", &control_verbs[VERB_QOS_MARK] },
		{ "qos mark eth0 out voice ef priority 6", &control_verbs[VERB_QOS_MARK] },
		{ "qos mark eth0 in bulk none", &control_verbs[VERB_QOS_MARK] },
		{ "qos police eth0 in bulk 100kbit/s", &control_verbs[VERB_QOS_POLICE] },
		{ "qos police eth0 out bulk 1Gbit/s 30kB", &control_verbs[VERB_QOS_POLICE] },
		{ "qos police eth0 out bulk none", &control_verbs[VERB_QOS_POLICE] },
		{ "qos on eth0 mark", &control_verbs[VERB_QOS_ON] },
		{ "qos off eth0", &control_verbs[VERB_QOS_OFF] },
		{ "qos off eth0 shape", &control_verbs[VERB_QOS_OFF] },
		{ "qos load /etc/x0top/qos.yaml", &control_verbs[VERB_QOS_LOAD] },
		{ "qos undo", &control_verbs[VERB_QOS_UNDO] },
		{ "qos confirm", &control_verbs[VERB_QOS_CONFIRM] },
		{ "qos rollback", &control_verbs[VERB_QOS_ROLLBACK] },
		{ "keys reload", &pqc_verify_verbs[PQC_VERIFY_KEYS_RELOAD] },
	};

	(void)state;
	assert_null(verb_at(51)); /* a new verb needs a case above */
	assert_non_null(verb_at(50));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct action action = { .actor = ACTOR_COMMAND_LINE };
		struct failure failure;
		char text[TEXT_LEN];

		assert_int_equal(action_parse(cases[i].text, &action, &failure), 0);
		assert_ptr_equal(action.verb, cases[i].verb);
		assert_int_equal(action.actor, ACTOR_COMMAND_LINE);
		action_format(&action, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
}

#define LASTS "also after x0top exits, until it is switched off"

/* NULL: it is done without a question. */
static void test_what_qos_asks(void **state)
{
	static const struct {
		const char *text;
		enum action_actor actor;
		const char *question;
	} cases[] = {
		{ "qos off eth0", ACTOR_COMMAND_LINE, NULL },
		{ "qos off eth0", ACTOR_KEY,
			"all that is done to classes there on eth0 ends: what it sends goes as "
			"before x0top. Switch it off?" },
		{ "qos off eth0 shape", ACTOR_KEY,
			"shape on eth0 ends: what it sends goes as before x0top. Switch it off?" },
		{ "qos off eth0 mark", ACTOR_KEY,
			"mark on eth0 ends, and is kept for later. Switch it off?" },
		{ "qos on eth0 mark", ACTOR_KEY,
			"What was asked for on eth0 is in force again: mark. Do it?" },
		{ "qos mark eth0 in bulk none", ACTOR_KEY, NULL },
		{ "qos mark eth0 in bulk ef", ACTOR_MAPEK, NULL },
		{ "qos mark eth0 in bulk ef", ACTOR_KEY,
			"Each packet of bulk that eth0 receives gets the code point ef in place of "
			"its own, " LASTS ". Mark them?" },
		{ "qos police eth0 out bulk none", ACTOR_KEY, NULL },
		{ "qos police eth0 out bulk 5Mbit/s", ACTOR_MAPEK, NULL },
		{ "qos police eth0 out bulk 5Mbit/s", ACTOR_KEY,
			"What eth0 sends of bulk beyond 5Mbit/s is dropped, " LASTS
			". Police it?" },
		{ "qos rate eth0 bulk 5Mbit/s", ACTOR_MAPEK, NULL },
		{ "qos rate eth0 bulk 5Mbit/s", ACTOR_ADOPTION, NULL },
		{ "qos rate eth0 bulk 5Mbit/s", ACTOR_KEY,
			"bulk gets 5Mbit/s of what eth0 sends whatever the others do, " LASTS
			". Do it?" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct action action = { .actor = cases[i].actor };
		const struct verb_call call = { .action = &action };
		struct failure failure;
		char asked[REASON_LEN] = "";

		assert_int_equal(action_parse(cases[i].text, &action, &failure), 0);
		assert_int_equal(action.verb->decide(&call, asked, sizeof(asked)),
			cases[i].question == NULL ? DECISION_DO : DECISION_ASK);
		assert_string_equal(asked, cases[i].question == NULL ? "" : cases[i].question);
	}
}

/* Spaces that were typed behind a path are none of it. */
static void test_a_path_ends_with_its_last_letter(void **state)
{
	struct action action;
	struct failure failure;

	(void)state;
	assert_int_equal(action_parse("rule load /etc/my rules  ", &action, &failure), 0);
	assert_string_equal(action.source, "/etc/my rules");
}

static void test_invalid_actions_are_refused_and_change_nothing(void **state)
{
	static const char *const cases[] = {
		"",
		"program",
		"program on",
		"program replace",
		"program replace xdp_counter",
		"program replace xdp_counter a b",
		"program replace xdp_counter a canary 0",
		"program replace ../x built-in",
		"program on a b",
		"keys",
		"keys reload now",
		"reload keys",
		"program up xdp_counter",
		"programs on xdp_counter",
		"Program on xdp_counter",
		"program on ../../etc/passwd",
		"program on XDP",
		"program on a_name_that_is_longer_than_any_program",
		"enforce maybe xdp_mesh_filter",
		"rule on",
		"rule on -1",
		"rule on x",
		"rule on 1024",
		"rule on 1 2",
		"rule on 01",
		"rule delete 99999999999999999999999",
		"rule add",
		"rule add drop",
		"rule add drop 10.1.2.3/16",
		"rule add drop udp 53 54",
		"rule add drop udp 53 54 55 56",
		"on",
		"program on xdp_counter\n",
		"rule add drop \x01",
		"class add",
		"class add voip",
		"class add dscp ef none",
		"class add dscp ef voip now",
		"class insert dscp ef voip",
		"class insert 256 dscp ef voip",
		"class edit 7",
		"class delete",
		"class delete -1",
		"class move 7",
		"class move 7 8 9",
		"class load",
		"class reset now",
		"qos preset uplink eth0",
		"qos preset uplink eth0 10Mbit/s now",
		"qos preset uplink eth0 10M",
		"qos preset uplink eth0 79kbit/s",
		"qos preset uplink eth0 401Gbit/s",
		"qos preset uplink eth0 0bit/s",
		"qos preset uplink ../eth0 10Mbit/s",
		"qos preset uplink a_name_that_is_longer_than_names 10Mbit/s",
		"qos preset downlink eth0 10Mbit/s",
		"qos rate eth0 bulk 7kbit/s",
		"qos rate eth0 bulk 1Mbit/s share 0",
		"qos rate eth0 bulk 1Mbit/s share 65",
		"qos rate eth0 bulk 1Mbit/s share",
		"qos rate eth0 bulk share 3",
		"qos rate eth0 bulk 1Mbit/s 2Mbit/s 3",
		"qos rate eth0 bulk 1Mbit/s 2Mbit/s 3 4",
		"qos mark eth0 out bulk 64",
		"qos mark eth0 out bulk -1",
		"qos mark eth0 up bulk ef",
		"qos mark eth0 out bulk ef priority",
		"qos mark eth0 out bulk ef priority 16",
		"qos mark eth0 out bulk ef 6 6",
		"qos mark eth0 out bulk none priority 6",
		"qos mark eth0 out a_class_whose_name_is_too_long ef",
		"qos police eth0 out bulk 7999bit/s",
		"qos police eth0 out bulk 1Mbit/s 30k",
		"qos police eth0 out bulk 1Mbit/s 2GB",
		"qos police eth0 out bulk none 30kB",
		"qos on eth0 count",
		"qos on eth0",
		"qos off",
		"qos off eth0 eth1",
		"qos undo eth0",
	};
	struct action untouched;

	(void)state;
	memset(&untouched, 0xa5, sizeof(untouched));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct action action = untouched;
		struct failure failure = { 0 };

		if (action_parse(cases[i], &action, &failure) != -EINVAL)
			fail_msg("accepted: \"%s\"", cases[i]);
		assert_true(strlen(failure.what) > 0);
		assert_memory_equal(&action, &untouched, sizeof(action));
	}
}

static void test_unknown_verbs_are_written_without_harm(void **state)
{
	struct action action = { .verb = NULL };
	char text[TEXT_LEN];

	(void)state;
	action_format(&action, text, sizeof(text));
	assert_string_equal(text, "no action");
}

static void test_every_builtin_program_can_be_named(void **state)
{
	(void)state;
	uint32_t n = 0;
	for (uint32_t i = 0; program_types[i] != NULL; i++, n++) {
		struct action action = { 0 };
		struct failure failure;
		char text[TEXT_LEN] = "program on ";

		assert_ptr_equal(program_type_find(program_types[i]->name), program_types[i]);
		assert_true(program_types[i]->capabilities != 0);
		assert_int_equal(
			action_parse(strcat(text, program_types[i]->name), &action, &failure), 0);
		assert_string_equal(action.program, program_types[i]->name);
	}
	assert_int_equal(n, 7);
	assert_null(program_type_find("xdp"));
	assert_null(program_type_find(""));
}

/* Every remedy names commands that exist: they are made from the verbs. */
static void test_remedies_name_the_verbs(void **state)
{
	struct action action = { .actor = ACTOR_COMMAND_LINE };
	struct failure failure = { 0 };
	char usage[4096];

	(void)state;
	assert_int_equal(action_parse("rule remve 2", &action, &failure), -EINVAL);
	assert_non_null(strstr(failure.remedy, "\"rule delete NUMBER\""));
	assert_non_null(strstr(failure.remedy, "\"rule add [off] RULE\""));
	assert_null(strstr(failure.remedy, "enforce"));
	assert_int_equal(action_parse("frob", &action, &failure), -EINVAL);
	assert_string_equal(failure.remedy,
		"Begin with one of program, enforce, mapek, class, qos, rule, set, keys");
	verbs_format_usage("keys", NULL, usage, sizeof(usage));
	assert_string_equal(
		usage, "  keys reload                            read the trust store again\n");
	verbs_format_usage(NULL, NULL, usage, sizeof(usage));
	for (uint32_t i = 0; verb_at(i) != NULL; i++)
		assert_non_null(strstr(usage, verb_at(i)->help));
}

static bool enforced, dangerous;

static int enforce_nothing(struct program *program, bool on)
{
	(void)program;
	(void)on;
	return 0;
}

static bool is_enforced(const struct program *program)
{
	(void)program;
	return enforced;
}

static bool ask(struct program *program, char *sentence, size_t size)
{
	(void)program;
	snprintf(sentence, size, "Enforce?");
	return dangerous;
}

/* A key is easily pressed, so it asks before it enforces or ends that; the rest only if it is dangerous. */
static void test_what_is_asked_before(void **state)
{
	static const struct {
		int verb;
		enum action_actor actor;
		bool running, enforced, dangerous, asks;
	} cases[] = {
		{ VERB_ENFORCE_ON, ACTOR_KEY, true, false, false, true },
		{ VERB_ENFORCE_ON, ACTOR_KEY, true, false, true, true },
		{ VERB_ENFORCE_ON, ACTOR_KEY, false, false, true, false },
		{ VERB_ENFORCE_ON, ACTOR_COMMAND_LINE, true, false, false, false },
		{ VERB_ENFORCE_ON, ACTOR_COMMAND_LINE, true, false, true, true },
		{ VERB_ENFORCE_OFF, ACTOR_KEY, true, true, false, true },
		{ VERB_ENFORCE_OFF, ACTOR_KEY, true, false, false, false },
		{ VERB_ENFORCE_OFF, ACTOR_COMMAND_LINE, true, true, false, false },
		{ VERB_PROGRAM_OFF, ACTOR_KEY, true, true, false, true },
		{ VERB_PROGRAM_OFF, ACTOR_KEY, true, false, false, false },
		{ VERB_PROGRAM_OFF, ACTOR_CONFIGURATION, true, true, false, false },
	};
	const struct program_type enforcer = { .name = "filter",
		.enforce = enforce_nothing,
		.enforced = is_enforced,
		.enforce_question = ask };
	const struct program_type observer = { .name = "observer" };
	static struct settings settings;
	static struct program_context context = { .settings = &settings };
	char sentence[TEXT_LEN];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct verb *verb = &control_verbs[cases[i].verb];
		struct program program = {
			.type = &enforcer, .context = &context, .running = cases[i].running
		};
		struct action action = { .verb = verb, .actor = cases[i].actor };
		struct verb_call call = { .program = &program, .action = &action };

		enforced = cases[i].enforced;
		dangerous = cases[i].dangerous;
		if (verb->decide(&call, sentence, sizeof(sentence)) !=
			(cases[i].asks ? DECISION_ASK : DECISION_DO))
			fail_msg("case %zu", i);
		/* What enforces nothing, or is no program, needs no question. */
		action.actor = ACTOR_KEY;
		program.type = &observer;
		assert_int_equal(verb->decide(&call, sentence, sizeof(sentence)), DECISION_DO);
		call.program = NULL;
		assert_int_equal(verb->decide(&call, sentence, sizeof(sentence)), DECISION_DO);
	}
}

static bool drops_at_once(const struct program *program)
{
	(void)program;
	return true;
}

static void test_what_drops_at_once_is_asked_about(void **state)
{
	static const struct program_type dropper = { .name = "dropper", .drops = drops_at_once },
					 looker = { .name = "looker" };
	const struct verb *verb = &control_verbs[VERB_PROGRAM_ON];
	struct program program = { .type = &dropper };
	struct action action = { .verb = verb, .actor = ACTOR_KEY };
	const struct verb_call call = { .program = &program, .action = &action };
	char sentence[REASON_LEN];

	(void)state;
	assert_int_equal(verb->decide(&call, sentence, sizeof(sentence)), DECISION_ASK);
	assert_non_null(strstr(sentence, "dropper"));
	program.running = true;
	assert_int_equal(verb->decide(&call, sentence, sizeof(sentence)), DECISION_DO);
	program.running = false;
	action.actor = ACTOR_COMMAND_LINE;
	assert_int_equal(verb->decide(&call, sentence, sizeof(sentence)), DECISION_DO);
	action.actor = ACTOR_KEY;
	program.type = &looker;
	assert_int_equal(verb->decide(&call, sentence, sizeof(sentence)), DECISION_DO);
}

/* Returns how many letters a word of an action may have. A longer one is refused, a shorter one kept whole. */
static size_t most_letters(const char *before, const char *behind)
{
	char text[2048], word[1024], back[2048];
	size_t most = 0;

	for (size_t length = 1; length < sizeof(word); length++) {
		struct action action = { 0 };
		struct failure failure;
		memset(word, 'a', length);
		word[length] = '\0';
		snprintf(text, sizeof(text), "%s%s%s", before, word, behind);
		if (action_parse(text, &action, &failure) < 0)
			continue;
		action_format(&action, back, sizeof(back));
		if (strcmp(text, back) != 0)
			fail_msg("\"%s\" becomes \"%s\"", text, back);
		if (length != most + 1)
			fail_msg("%s: %zu letters are taken, and %zu are not", before, length,
				most + 1);
		most = length;
	}
	return most;
}

/* No name or path is cut: one letter more than there is room for is refused. */
static void test_words_are_whole(void **state)
{
	static const struct {
		const char *before, *behind;
		size_t most;
	} cases[] = {
		{ "set load ", " /etc/list", MESH_SET_NAME_LEN - 1 },
		{ "set add ", " 10.1.0.0/16", MESH_SET_NAME_LEN - 1 },
		{ "set delete ", "", MESH_SET_NAME_LEN - 1 },
		{ "set load list /", "", MESH_SET_SOURCE_LEN - 2 },
		{ "rule add drop from @", "", MESH_SET_NAME_LEN - 1 },
		{ "rule add drop in ", "", 15 },
		{ "rule add drop tcp 22 comment \"", "\"", MESH_COMMENT_LEN - 1 },
		{ "rule load /", "", MESH_SET_SOURCE_LEN - 2 },
		{ "class load /", "", MESH_SET_SOURCE_LEN - 2 },
		{ "qos load /", "", MESH_SET_SOURCE_LEN - 2 },
		{ "program replace xdp_counter /", "", PROGRAM_PATH_LEN - 2 },
		{ "qos preset uplink ", " 10Mbit/s", 15 },
		{ "qos police ", " in bulk 1Mbit/s", 15 },
		{ "qos police eth0 in ", " 1Mbit/s", CLASS_NAME_LEN - 1 },
		{ "qos mark eth0 in ", " ef", CLASS_NAME_LEN - 1 },
		{ "qos rate eth0 ", " 1Mbit/s", CLASS_NAME_LEN - 1 },
		{ "qos on ", " mark", 15 },
		{ "class add udp 5060 ", "", CLASS_NAME_LEN - 1 },
		{ "class add to @", " voip", MESH_SET_NAME_LEN - 1 },
		{ "mapek run ", "", MESH_SET_SOURCE_LEN - 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t most = most_letters(cases[i].before, cases[i].behind);
		if (most != cases[i].most)
			fail_msg("%s: %zu letters", cases[i].before, most);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid_actions_survive_both_ways),
		cmocka_unit_test(test_what_qos_asks),
		cmocka_unit_test(test_a_path_ends_with_its_last_letter),
		cmocka_unit_test(test_invalid_actions_are_refused_and_change_nothing),
		cmocka_unit_test(test_unknown_verbs_are_written_without_harm),
		cmocka_unit_test(test_every_builtin_program_can_be_named),
		cmocka_unit_test(test_remedies_name_the_verbs),
		cmocka_unit_test(test_what_is_asked_before),
		cmocka_unit_test(test_what_drops_at_once_is_asked_about),
		cmocka_unit_test(test_words_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
