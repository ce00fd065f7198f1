// SPDX-License-Identifier: BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mesh/rule.h"
#include "qos/class_book.h"

static struct class_lines lines, read_back;
static struct class_book book;
static char text[RULE_LEN];

/* Not lock.c's file: one without a name. */
static int setup(void **state)
{
	FILE *file = tmpfile();

	(void)state;
	book = (struct class_book) { .fd = dup(fileno(file)) };
	fclose(file);
	classes_default(&lines);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	class_book_close(&book);
	return 0;
}

static void put(const char *line)
{
	struct failure failure;
	struct class_line parsed;

	assert_int_equal(classes_parse(line, &lines.names, &parsed, &failure), 0);
	assert_int_equal(classes_put(&lines, &parsed), 0);
}

static void expect_lines(uint32_t n, const char *first)
{
	assert_int_equal(class_book_read(&book, &read_back), 0);
	assert_int_equal(read_back.n, n);
	classes_format(&read_back.names, &read_back.lines[0], text, sizeof(text));
	assert_string_equal(text, first);
}

static void lines_are_read_as_they_were_written(void **state)
{
	(void)state;
	assert_int_equal(class_book_read(&book, &read_back), -ENOENT);
	assert_false(class_book_changed(&book));
	put("from @phones udp 5060 egress voip");
	assert_int_equal(class_book_write(&book, &lines, "", false), 0);
	assert_false(class_book_changed(&book));
	expect_lines(38, "from @phones udp 5060 egress voip");
	assert_false(book.by_operator);
	assert_string_equal(read_back.names.names[CLASS_BEST_EFFORT + 1], "voip");
	assert_int_equal(classes_name_set(&read_back, "phones"), 0);
	assert_int_equal(classes_name_set(&read_back, "phone"), -ENOENT);

	/* Another one sees the change. */
	struct class_book other = book;
	put("udp 7 seven");
	assert_int_equal(class_book_write(&book, &lines, "class add udp 7 seven", true), 0);
	assert_true(class_book_changed(&other));
	assert_int_equal(class_book_read(&other, &read_back), 0);
	assert_true(other.by_operator && !class_book_changed(&other));
	assert_int_equal(class_book_undo(&book, text), 0);
	assert_false(book.by_operator); /* as it began */
}

static void the_last_changes_can_be_undone(void **state)
{
	char line[32], action[RULE_LEN];

	(void)state;
	assert_int_equal(class_book_undo(&book, action), -ENOENT);
	assert_int_equal(class_book_write(&book, &lines, "", false), 0);
	assert_int_equal(class_book_undo(&book, action), -ENOENT);
	for (int i = 0; i < CLASS_BOOK_UNDOS + 5; i++) {
		snprintf(line, sizeof(line), "udp %d voip", 1000 + i);
		put(line);
		assert_int_equal(class_book_write(&book, &lines, line, true), 0);
	}
	for (int i = CLASS_BOOK_UNDOS + 4; i >= 5; i--) {
		assert_int_equal(class_book_undo(&book, action), 0);
		snprintf(line, sizeof(line), "udp %d voip", 1000 + i);
		assert_string_equal(action, line);
		expect_lines(37 + (uint32_t)i, "udp 1000 voip");
		assert_true(book.by_operator);
	}
	assert_int_equal(class_book_undo(&book, action), -ENOENT);
	assert_int_equal(class_book_write(&book, &lines, "", false), 0);
	assert_int_equal(class_book_undo(&book, action), -ENOENT);
}

/* Whatever lies there is no lines, or sound ones. */
static void damage_is_no_lines(void **state)
{
	unsigned char byte;
	int refused = 0;

	(void)state;
	put("from 10.1.0.0/16 to @phones voip");
	assert_int_equal(class_book_write(&book, &lines, "", false), 0);
	off_t size = lseek(book.fd, 0, SEEK_END);
	srandom(1);
	for (int i = 0; i < 2000; i++) {
		off_t at = i < 40 ? i : random() % size;
		assert_int_equal(pread(book.fd, &byte, 1, at), 1);
		byte ^= (unsigned char)(1 << random() % 8);
		assert_int_equal(pwrite(book.fd, &byte, 1, at), 1);
		int error = class_book_read(&book, &read_back);
		refused += error < 0;
		assert_true(error == 0 || error == -ENOENT || error == -EBADMSG);
		if (error < 0) {
			assert_int_equal(class_book_write(&book, &lines, "", false), 0);
			continue;
		}
		for (uint32_t line = 0; line < read_back.n; line++) {
			assert_in_range(read_back.lines[line].class, 1, TRAFFIC_CLASSES - 1);
			classes_format(
				&read_back.names, &read_back.lines[line], text, sizeof(text));
		}
	}
	assert_true(refused > 0);
	assert_int_equal(ftruncate(book.fd, 1000), 0);
	assert_true(class_book_read(&book, &read_back) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			lines_are_read_as_they_were_written, setup, teardown),
		cmocka_unit_test_setup_teardown(the_last_changes_can_be_undone, setup, teardown),
		cmocka_unit_test_setup_teardown(damage_is_no_lines, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
