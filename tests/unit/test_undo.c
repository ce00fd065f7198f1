// SPDX-License-Identifier: BSD-2-Clause
/* What can be undone: its order, its bounds, a change that waits for a yes, and a file that says what is not so. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include "kernel/lock.h"
#include "mesh/history.h"
#include "mesh/rule.h"
#include "tests/lib/set_sample.h"

#define NOBODY 65534
/* What mesh/history.c writes: an entry each 16 MiB behind the head; rules behind its 336 bytes. */
#define ENTRY	    ((off_t)16 << 20)
#define ENTRY_RULES (RULE_LEN + 16)
#define RULE_AT(m)  (ENTRY_RULES + 8 + (off_t)offsetof(struct mesh_rule, m))

static char folder[] = "/tmp/x0-undo-XXXXXX";
static char path[64];
static struct map_registry maps;
static struct rule_table table;
static uint32_t filter; /* the identifier of the map of lines */

/* In libbpf's place. */
int bpf_obj_get_info_by_fd(int fd, void *info, uint32_t *size)
{
	struct bpf_map_info answer = { .id = filter };

	(void)fd;
	memcpy(info, &answer, *size < sizeof(answer) ? *size : sizeof(answer));
	return filter == 0 ? -EBADF : 0;
}

/* The file is root's for root: an ordinary user's is in a folder of the test. */
static int start(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL || setenv("XDG_RUNTIME_DIR", folder, 1) != 0)
		return -1;
	snprintf(path, sizeof(path), "%s/x0top.undo", folder);
	return geteuid() == 0 ? chown(folder, NOBODY, NOBODY) + seteuid(NOBODY) : 0;
}

static int stop(void **state)
{
	(void)state;
	unlink(path);
	return seteuid(getuid()) + rmdir(folder);
}

static int setup(void **state)
{
	static const struct shared_map lines[] = { { .name = "mesh_lines" }, { .name = NULL } };

	(void)state;
	unlink(path);
	filter = 7;
	map_registry_init(&maps);
	map_registry_declare(&maps, lines);
	maps.fds[0] = 0;
	memset(&table, 0, sizeof(table));
	return 0;
}

static int push(const char *action)
{
	return history_push(&maps, &table, NULL, action, NULL);
}

static int push_pending(const char *action, uint64_t token)
{
	const struct history_pending pending = { .token = token, .deadline = 99 };

	return history_push(&maps, &table, NULL, action, &pending);
}

static void push_numbered(int from, int to)
{
	char action[RULE_LEN];

	for (int i = from; i <= to; i++) {
		snprintf(action, sizeof(action), "change %d", i);
		table.bank.policy = i % 2 ? MESH_DROP : MESH_PASS;
		assert_int_equal(push(action), 0);
	}
}

static void assert_last(enum history_which which, const char *expected)
{
	static struct rule_table read;
	char action[RULE_LEN] = "";

	memset(&read, 0, sizeof(read));
	assert_int_equal(history_read(&maps, which, &read, action), 0);
	assert_string_equal(action, expected);
}

static void assert_none(enum history_which which)
{
	static struct rule_table read;
	char action[RULE_LEN] = "";

	assert_int_equal(history_read(&maps, which, &read, action), -ENOENT);
}

/* --- order --------------------------------------------------------------------------------------- */

static void the_last_change_comes_first(void **state)
{
	(void)state;
	assert_none(HISTORY_LAST);
	assert_int_equal(history_pop(&maps), 0);
	push_numbered(1, 3);
	assert_last(HISTORY_LAST, "change 3");
	assert_int_equal(history_pop(&maps), 0);
	assert_last(HISTORY_LAST, "change 2");
	push_numbered(4, 4);
	assert_last(HISTORY_LAST, "change 4");
	for (int i = 0; i < 3; i++)
		assert_int_equal(history_pop(&maps), 0);
	assert_none(HISTORY_LAST);
}

static void ten_changes_are_kept(void **state)
{
	char expected[32];

	(void)state;
	push_numbered(1, 25);
	for (int i = 25; i > 15; i--) {
		snprintf(expected, sizeof(expected), "change %d", i);
		assert_last(HISTORY_LAST, expected);
		assert_int_equal(history_pop(&maps), 0);
	}
	assert_none(HISTORY_LAST);
}

static void a_whole_table_comes_back(void **state)
{
	static struct rule_table read;
	struct mesh_sets *sets = calloc(1, sizeof(*sets));
	struct failure failure;
	char action[RULE_LEN];

	(void)state;
	assert_int_equal(rule_parse("drop tcp 22 from @bad", &table.rules[0], &failure), 0);
	assert_int_equal(
		rule_parse("pass 10.0.0.0/8", &table.rules[MESH_RULES_MAX - 1], &failure), 0);
	snprintf(table.rules[0].comment, MESH_COMMENT_LEN, "thieves");
	table.bank.policy = MESH_DROP;
	set_sample_put(sets, "bad", "10.9.0.0/16\n10.1.0.1\n", 0, "/etc/list");
	assert_int_equal(history_push(&maps, &table, sets, "rule add", NULL), 0);
	sets_free(sets);

	memset(&read, 0xff, sizeof(read));
	read.sets = NULL;
	read.number = 5;
	assert_int_equal(history_read(&maps, HISTORY_LAST, &read, action), 0);
	assert_memory_equal(read.rules, table.rules, sizeof(read.rules));
	assert_int_equal(read.bank.policy, MESH_DROP);
	assert_int_equal(read.number, 5);
	assert_non_null(read.sets);
	assert_int_equal(read.sets->n, 1);
	assert_string_equal(read.sets->sets[0].name, "bad");
	assert_int_equal(read.sets->sets[0].n, 2);
	assert_int_equal(read.sets->elements[0][1].prefix.length, 16);
	sets_free((struct mesh_sets *)read.sets);

	read.sets = NULL;
	table.bank.policy = MESH_PASS;
	assert_int_equal(push("without sets"), 0);
	assert_int_equal(history_read(&maps, HISTORY_LAST, &read, action), 0);
	assert_null(read.sets);
	assert_int_equal(read.bank.policy, MESH_PASS);
}

/* --- a change that waits for a yes ------------------------------------------------------------------ */

static void one_change_waits(void **state)
{
	(void)state;
	assert_int_equal(history_pending(&maps).token, 0);
	assert_int_equal(history_settle(&maps, false), -ENOENT);
	assert_none(HISTORY_PENDING);
	push_numbered(1, 1);
	assert_none(HISTORY_PENDING);
	assert_none(HISTORY_BEHIND_PENDING);
	assert_int_equal(push_pending("waits", 42), 0);
	assert_int_equal(history_pending(&maps).token, 42);
	assert_int_equal(history_pending(&maps).deadline, 99);
	assert_int_equal(push_pending("another", 43), -EBUSY);
	assert_int_equal(history_pending(&maps).token, 42);
	assert_none(HISTORY_BEHIND_PENDING);
	push_numbered(2, 3);
	assert_last(HISTORY_PENDING, "waits");
	assert_last(HISTORY_BEHIND_PENDING, "change 2");
	assert_last(HISTORY_LAST, "change 3");
}

static void confirmed_it_is_a_change_like_others(void **state)
{
	(void)state;
	push_numbered(1, 1);
	assert_int_equal(push_pending("waits", 42), 0);
	push_numbered(2, 2);
	assert_int_equal(history_settle(&maps, false), 0);
	assert_int_equal(history_pending(&maps).token, 0);
	assert_int_equal(history_settle(&maps, true), -ENOENT);
	assert_last(HISTORY_LAST, "change 2");
	assert_int_equal(history_pop(&maps), 0);
	assert_last(HISTORY_LAST, "waits");
}

static void undone_all_that_came_later_is_forgotten(void **state)
{
	(void)state;
	push_numbered(1, 1);
	assert_int_equal(push_pending("waits", 42), 0);
	push_numbered(2, 3);
	assert_int_equal(history_settle(&maps, true), 0);
	assert_int_equal(history_pending(&maps).token, 0);
	assert_last(HISTORY_LAST, "change 1");
}

static void taken_back_it_no_longer_waits(void **state)
{
	(void)state;
	assert_int_equal(push_pending("waits", 42), 0);
	push_numbered(1, 1);
	assert_int_equal(history_pop(&maps), 0);
	assert_int_equal(history_pending(&maps).token, 42);
	assert_int_equal(history_pop(&maps), 0);
	assert_int_equal(history_pending(&maps).token, 0);
	assert_none(HISTORY_PENDING);
}

/* An undoing that waits: a yes forgets it and what it undoes, a no only it. */
static void an_undoing_waits(void **state)
{
	(void)state;
	assert_int_equal(history_undoes(&maps), -ENOENT);
	push_numbered(1, 2);
	assert_int_equal(push_pending("undo", 42), 0);
	assert_int_equal(history_undoes(&maps), 0);
	assert_int_equal(history_settle(&maps, true), 0);
	assert_last(HISTORY_LAST, "change 2");
	assert_int_equal(push_pending("undo", 43), 0);
	assert_int_equal(history_undoes(&maps), 0);
	assert_int_equal(history_settle(&maps, false), 0);
	assert_last(HISTORY_LAST, "change 1");
	/* What came later is undone first, and the next that waits is no undoing. */
	push_numbered(2, 2);
	assert_int_equal(push_pending("undo", 44), 0);
	assert_int_equal(history_undoes(&maps), 0);
	push_numbered(3, 3);
	assert_int_equal(history_settle(&maps, false), 0);
	assert_last(HISTORY_LAST, "change 3");
	assert_int_equal(push_pending("waits", 45), 0);
	assert_int_equal(history_settle(&maps, false), 0);
	assert_last(HISTORY_LAST, "waits");
}

/* Nine more have room behind it; a tenth would push it out. */
static void what_waits_stays(void **state)
{
	(void)state;
	push_numbered(1, 4); /* so that it lies in the middle of the ring */
	assert_int_equal(push_pending("waits", 42), 0);
	push_numbered(5, 13);
	assert_int_equal(push("too many"), -EBUSY);
	assert_last(HISTORY_LAST, "change 13");
	assert_last(HISTORY_PENDING, "waits");
	assert_last(HISTORY_BEHIND_PENDING, "change 5");
	assert_int_equal(history_settle(&maps, false), 0);
	push_numbered(14, 14);
	assert_last(HISTORY_LAST, "change 14");
}

/* --- a file that is not of this filter, or not sound ------------------------------------------------- */

static void a_filter_has_a_history_of_its_own(void **state)
{
	(void)state;
	push_numbered(1, 2);
	filter = 8;
	assert_none(HISTORY_LAST);
	push_numbered(3, 3);
	assert_last(HISTORY_LAST, "change 3");
	filter = 7;
	assert_none(HISTORY_LAST);
	filter = 0;
	assert_int_equal(push("nowhere"), -ENOENT);
	assert_int_equal(history_pop(&maps), -ENOENT);
	assert_int_equal(history_settle(&maps, true), -ENOENT);
	assert_int_equal(history_pending(&maps).token, 0);
	maps.fds[0] = -1;
	filter = 7;
	assert_int_equal(push("nowhere"), -ENOENT);
}

static void nobody_else_may_write_it(void **state)
{
	static const mode_t refused[] = { 0620, 0602 };

	(void)state;
	push_numbered(1, 1);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		assert_return_code(chmod(path, refused[i]), errno);
		assert_int_equal(push("refused"), -EPERM);
		assert_int_equal(history_pending(&maps).token, 0);
	}
	assert_return_code(chmod(path, 0644), errno);
	assert_last(HISTORY_LAST, "change 1");
}

/* Overwrites bytes of the file. */
static void spoil(off_t offset, const void *bytes, size_t size)
{
	int fd = open(path, O_WRONLY);

	assert_return_code(fd, errno);
	assert_int_equal(pwrite(fd, bytes, size, offset), size);
	close(fd);
}

static void a_head_that_is_not_sound_is_none(void **state)
{
	const struct {
		off_t offset;
		uint32_t value;
		bool sound;
	} heads[] = {
		{ 0, 1, false }, /* the number that the file begins with */
		{ 8, sizeof(struct mesh_rule) + 1, false },
		{ 12, 9, false }, /* the filter */
		{ 20, HISTORY_MAX + 1, false }, /* how many */
		{ 20, HISTORY_MAX, true },
		{ 40, 2, false }, /* which of them waits */
		{ 40, 0, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		unlink(path);
		push_numbered(1, 1);
		assert_int_equal(push_pending("waits", 42), 0);
		spoil(heads[i].offset, &heads[i].value, sizeof(uint32_t));
		assert_int_equal(history_pending(&maps).token, heads[i].sound ? 42 : 0);
	}
}

static void an_entry_that_is_not_whole_is_refused(void **state)
{
	static const struct {
		off_t offset;
		size_t size;
		uint8_t byte;
	} entries[] = {
		{ 0, 1, '\n' }, /* the action's words */
		{ RULE_LEN, 1, MESH_DROP + 1 }, /* policy */
		{ RULE_LEN + 4, 2, 5 }, /* 1,285 rules */
		{ RULE_LEN + 4, 1, 2 }, /* a rule more than there is */
		{ RULE_LEN + 8, 4, 1 }, /* bytes of sets */
		{ ENTRY_RULES + 1, 1, MESH_RULES_MAX >> 8 }, /* the rule's place */
		{ RULE_AT(match), 1, MESH_MATCH_NONE },
		{ RULE_AT(action), 1, MESH_ACTIONS },
		{ RULE_AT(interface), 16, 'x' },
		{ RULE_AT(comment), MESH_COMMENT_LEN, 'x' },
		{ RULE_AT(names), MESH_SET_NAME_LEN, 'x' },
		{ RULE_AT(names) + (MESH_RULE_SETS_MAX - 1) * MESH_SET_NAME_LEN, MESH_SET_NAME_LEN,
			'x' },
	};
	static struct rule_table read;
	char action[RULE_LEN];
	struct failure failure;
	uint8_t bytes[256];

	(void)state;
	assert_int_equal(rule_parse("drop 10.0.0.1", &table.rules[3], &failure), 0);
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		unlink(path);
		assert_int_equal(push("change"), 0);
		assert_last(HISTORY_LAST, "change");
		assert_in_range(entries[i].size, 1, sizeof(bytes));
		memset(bytes, entries[i].byte, sizeof(bytes));
		spoil(ENTRY + entries[i].offset, bytes, entries[i].size);
		if (history_read(&maps, HISTORY_LAST, &read, action) != -EBADMSG)
			fail_msg("entry %zu is taken", i);
	}
}

static void an_entry_that_was_cut_is_refused(void **state)
{
	static const off_t sizes[] = { 0, ENTRY_RULES - 1, ENTRY_RULES,
		ENTRY_RULES + 8 + (off_t)sizeof(struct mesh_rule) - 1 };
	static struct rule_table read;
	char action[RULE_LEN];
	struct failure failure;

	(void)state;
	assert_int_equal(rule_parse("drop 10.0.0.1", &table.rules[3], &failure), 0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(push("change"), 0);
		assert_return_code(truncate(path, ENTRY + sizes[i]), errno);
		assert_int_equal(history_read(&maps, HISTORY_LAST, &read, action), -EBADMSG);
		assert_int_equal(history_pop(&maps), 0);
	}
}

/* A long action is cut, and remains a text. */
static void a_long_action_is_cut(void **state)
{
	char action[2 * RULE_LEN];

	(void)state;
	memset(action, 'x', sizeof(action));
	action[sizeof(action) - 1] = '\0';
	assert_int_equal(push(action), 0);
	action[RULE_LEN - 1] = '\0';
	assert_last(HISTORY_LAST, action);
}

#define test(function) cmocka_unit_test_setup(function, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_last_change_comes_first),
		test(ten_changes_are_kept),
		test(a_whole_table_comes_back),
		test(one_change_waits),
		test(confirmed_it_is_a_change_like_others),
		test(undone_all_that_came_later_is_forgotten),
		test(taken_back_it_no_longer_waits),
		test(an_undoing_waits),
		test(what_waits_stays),
		test(a_filter_has_a_history_of_its_own),
		test(nobody_else_may_write_it),
		test(a_head_that_is_not_sound_is_none),
		test(an_entry_that_is_not_whole_is_refused),
		test(an_entry_that_was_cut_is_refused),
		test(a_long_action_is_cut),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
