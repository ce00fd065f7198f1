// SPDX-License-Identifier: BSD-2-Clause
/* x0top rules check: the packet that it reads, and what it prints of a verdict; in place of the kernel, this test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/check.h"

static int fake_open(uint32_t audit, struct orchestrator **orchestrator, struct failure *failure);
static int fake_check(const struct orchestrator *orchestrator, const void *frame, size_t size,
	uint32_t ifindex, struct mesh_checked *checked, struct failure *failure);

#define enforcing_open	   fake_open
#define orchestrator_check fake_check
#define orchestrator_close(orchestrator) \
	do {                             \
	} while (0)
#define mesh_checked_free(checked) (void)(checked)
#include "../../cli/rules_check.c"

#include "base/clock.h"

/* What is asked, and what is answered. */
static struct {
	int opened, asked, open_error, check_error;
	size_t size;
	uint32_t ifindex;
	uint8_t frame[CAPTURE_FRAME_MAX];
	struct mesh_verdict verdict;
	struct rule_table table;
	struct mesh_sets sets;
} kernel;

static char printed[8192];

static int fake_open(uint32_t audit, struct orchestrator **orchestrator, struct failure *failure)
{
	*orchestrator = NULL;
	kernel.opened++;
	assert_int_equal(audit, AUDIT_BEST_EFFORT);
	return kernel.open_error == 0 ? 0
				      : failure_set(failure, kernel.open_error, "Nothing enforces");
}

static int fake_check(const struct orchestrator *orchestrator, const void *frame, size_t size,
	uint32_t ifindex, struct mesh_checked *checked, struct failure *failure)
{
	(void)orchestrator;
	kernel.asked++;
	kernel.size = size;
	kernel.ifindex = ifindex;
	memcpy(kernel.frame, frame, size);
	if (kernel.check_error < 0)
		return failure_set(
			failure, kernel.check_error, "The kernel does not judge the packet");
	*checked = (struct mesh_checked) { kernel.verdict, &kernel.table, &kernel.sets };
	return 0;
}

static int setup(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.verdict.rule = -ENOENT;
	kernel.verdict.enforcing = true;
	return 0;
}

static void put_rule(uint32_t place, const char *text)
{
	struct failure failure;

	assert_int_equal(rule_parse(text, &kernel.table.rules[place], &failure), 0);
}

/* Runs it with these words; the output is in `printed`. Returns its status. */
static int run(bool json, const char *text)
{
	char copy[512], *words[128] = { "check" }, *rest = copy;
	int n = 1, out = dup(STDOUT_FILENO), error = dup(STDERR_FILENO);
	FILE *file = tmpfile();

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL;)
		words[n++] = word;
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	int status = rules_check(n, words, json);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	dup2(error, STDERR_FILENO);
	close(out);
	close(error);
	rewind(file);
	printed[fread(printed, 1, sizeof(printed) - 1, file)] = '\0';
	fclose(file);
	return status;
}

static void assert_says(int status, const char *words, const char *text)
{
	assert_int_equal(run(false, words), status);
	assert_string_equal(printed, text);
}

/* --- the packet ---------------------------------------------------------------------------------- */

static void test_words_make_a_frame(void **state)
{
	struct mesh_rule packet;
	struct failure failure;
	uint8_t frame[MESH_FRAME_MAX];

	(void)state;
	assert_int_equal(
		run(false, "10.1.0.7 to 10.1.0.1 udp 6696 sport 1000 in lo"), EXIT_ALL_RAN);
	assert_int_equal(kernel.ifindex, 1);
	assert_int_equal(
		frame_parse("10.1.0.7 to 10.1.0.1 udp 6696 sport 1000 in lo", &packet, &failure),
		0);
	assert_int_equal(kernel.size, frame_make(&packet, frame));
	assert_memory_equal(kernel.frame, frame, kernel.size);
	assert_int_equal(run(false, "10.1.0.7"), EXIT_ALL_RAN);
	assert_int_equal(kernel.ifindex, 0);
}

static void test_words_that_are_no_packet(void **state)
{
	char many[512] = "10.0.0.1";
	static const struct {
		int status;
		const char *words, *text;
	} cases[] = {
		{ EXIT_USAGE, "",
			"x0top: x0top rules check needs a packet.\nTry x0top rules --help.\n" },
		{ EXIT_USAGE, "pcap",
			"x0top: Nothing says which capture the packet is from.\n"
			"Write [in INTERFACE] pcap FILE[:NUMBER].\n" },
		{ EXIT_USAGE, "in lo pcap",
			"x0top: Nothing says which capture the packet is from.\n"
			"Write [in INTERFACE] pcap FILE[:NUMBER].\n" },
		{ EXIT_USAGE, "pcap a b",
			"x0top: A packet of a capture has no other words.\n"
			"Write [in INTERFACE] pcap FILE[:NUMBER].\n" },
		{ EXIT_SOME_FAILED, "in nowhere pcap /dev/null",
			"x0top: There is no interface nowhere.\n" },
		{ EXIT_SOME_FAILED, "10.0.0.1 in nowhere",
			"x0top: There is no interface nowhere.\n" },
		{ EXIT_USAGE, "in", "x0top: Nothing follows \"in\".\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_says(cases[i].status, cases[i].words, cases[i].text);
	for (int i = 0; i < 40; i++)
		strcat(many, " tcp 123");
	assert_says(EXIT_USAGE, many, "x0top: The packet has too many words.\n");
	assert_int_equal(kernel.opened, 0); /* before rights are given up */
}

/* Writes a capture of two frames of 60 bytes, whose bytes are their numbers. */
static void write_capture(const char *path)
{
	const uint32_t head[] = { 0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1 };
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fwrite(head, sizeof(head), 1, file);
	for (int i = 1; i <= 2; i++) {
		const uint32_t frame[] = { 0, 0, 60, 60 };
		fwrite(frame, sizeof(frame), 1, file);
		for (int byte = 0; byte < 60; byte++)
			fputc(i, file);
	}
	fclose(file);
}

static void test_a_frame_of_a_capture(void **state)
{
	char path[] = "/tmp/test_rules_check.XXXXXX", words[96];

	(void)state;
	close(mkstemp(path));
	write_capture(path);
	snprintf(words, sizeof(words), "pcap %s", path);
	assert_int_equal(run(false, words), EXIT_ALL_RAN);
	assert_int_equal(kernel.size, 60);
	assert_int_equal(kernel.frame[0], 1); /* the first, if nothing says which */
	assert_int_equal(kernel.ifindex, 0);
	snprintf(words, sizeof(words), "in lo pcap %s:2", path);
	assert_int_equal(run(false, words), EXIT_ALL_RAN);
	assert_int_equal(kernel.frame[59], 2);
	assert_int_equal(kernel.ifindex, 1);
	snprintf(words, sizeof(words), "pcap %s:3", path);
	assert_int_equal(run(false, words), EXIT_SOME_FAILED);
	assert_int_equal(kernel.asked, 2);
	unlink(path);
}

/* --- the answer ---------------------------------------------------------------------------------- */

static void test_answers_in_words(void **state)
{
	(void)state;
	put_rule(0, "count udp 9");
	put_rule(3, "drop 10.0.0.0/8 comment \"x\"");
	assert_says(EXIT_ALL_RAN, "10.0.0.1",
		"No rule matches: the policy is pass\nThe packet passes\n");
	kernel.table.bank.policy = MESH_DROP;
	kernel.verdict.dropped = true;
	assert_says(EXIT_ALL_RAN, "10.0.0.1",
		"No rule matches: the policy is drop\nThe packet is dropped\n");
	kernel.verdict.dropped = false; /* it is ARP */
	assert_says(EXIT_ALL_RAN, "10.0.0.1",
		"No rule matches: the policy is drop\n"
		"  ARP, neighbour discovery and DHCP are dropped only by rules that name them\n"
		"The packet passes\n");
	kernel.verdict.dropped = true;
	kernel.verdict.unreadable = true;
	assert_says(EXIT_ALL_RAN, "10.0.0.1",
		"No rule decides: its headers hide from the rules\nThe packet is dropped\n");
	kernel.verdict.rule = 3;
	kernel.verdict.headers.source4 = 0x0100000a; /* 10.0.0.1 */
	kernel.verdict.headers.network = NETWORK_IPV4;
	kernel.verdict.n_counted = 1;
	kernel.verdict.enforcing = false;
	assert_says(EXIT_ALL_RAN, "10.0.0.1",
		"Rule 0, count udp 9, counts it\n"
		"Rule 3, drop 10.0.0.0/8 comment \"x\", decides\n"
		"  10.0.0.0/8: 10.0.0.1\n"
		"The packet would be dropped, and passes: nothing enforces\n");
}

static void test_an_answer_names_the_element(void **state)
{
	static struct mesh_element element;

	(void)state;
	element.prefix = (struct mesh_prefix) { .family = 4, .length = 16, .address = { 10, 1 } };
	kernel.sets.n = 1;
	snprintf(kernel.sets.sets[0].name, sizeof(kernel.sets.sets[0].name), "foes");
	kernel.sets.sets[0].n = 1;
	kernel.sets.elements[0] = &element;
	put_rule(1, "drop from @foes");
	kernel.verdict.rule = 1;
	kernel.verdict.dropped = true;
	kernel.verdict.headers.source4 = 0x0300010a; /* 10.1.0.3 */
	kernel.verdict.headers.network = NETWORK_IPV4;
	assert_says(EXIT_ALL_RAN, "10.1.0.3",
		"Rule 1, drop from @foes, decides\n"
		"  from @foes: 10.1.0.3, by the element 10.1.0.0/16\n"
		"The packet is dropped\n");
	assert_int_equal(run(true, "10.1.0.3"), EXIT_ALL_RAN);
	json_t *answer = json_loads(printed, 0, NULL), *condition;
	assert_non_null(answer);
	condition = json_array_get(json_object_get(answer, "conditions"), 0);
	assert_string_equal(
		json_string_value(json_object_get(condition, "element")), "10.1.0.0/16");
	assert_string_equal(
		json_string_value(json_object_get(condition, "condition")), "from @foes");
	assert_string_equal(json_string_value(json_object_get(condition, "value")), "10.1.0.3");
	json_decref(answer);
}

static void test_answers_in_json(void **state)
{
	(void)state;
	assert_int_equal(run(true, "10.0.0.1"), EXIT_ALL_RAN);
	json_t *answer = json_loads(printed, 0, NULL), *expected;
	expected = json_loads(
		"{\"rule\": null, \"text\": \"\", \"dropped\": false, \"enforcing\": true,"
		" \"unreadable\": false, \"counted\": [], \"conditions\": []}",
		0, NULL);
	assert_true(json_equal(answer, expected));
	json_decref(answer);
	json_decref(expected);
	put_rule(0, "count all");
	put_rule(2, "drop unreadable");
	kernel.verdict = (struct mesh_verdict) {
		.rule = 2, .dropped = true, .unreadable = true, .n_counted = 1
	};
	assert_int_equal(run(true, "10.0.0.1"), EXIT_ALL_RAN);
	answer = json_loads(printed, 0, NULL);
	json_object_del(answer, "conditions");
	expected = json_loads(
		"{\"rule\": 2, \"text\": \"drop unreadable\", \"dropped\": true, \"enforcing\": false,"
		" \"unreadable\": true, \"counted\": [0]}",
		0, NULL);
	assert_true(json_equal(answer, expected));
	json_decref(answer);
	json_decref(expected);
}

static void test_failures_are_said(void **state)
{
	(void)state;
	kernel.check_error = -EIO;
	assert_says(EXIT_SOME_FAILED, "10.0.0.1", "x0top: The kernel does not judge the packet.\n");
	kernel.open_error = -ENOENT;
	assert_says(EXIT_SOME_FAILED, "10.0.0.1", "x0top: Nothing enforces.\n");
	assert_int_equal(kernel.asked, 1);
}

#define test(function) cmocka_unit_test_setup(function, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_words_make_a_frame),
		test(test_words_that_are_no_packet),
		test(test_a_frame_of_a_capture),
		test(test_answers_in_words),
		test(test_an_answer_names_the_element),
		test(test_answers_in_json),
		test(test_failures_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
