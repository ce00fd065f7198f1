// SPDX-License-Identifier: BSD-2-Clause
/* The manual page, the completion and the README have what the program's own tables have. Run from
 * the root of the repository. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/options.h"
#include "control/action.h"
#include "programs/programs.h"
#include "programs/settings.h"
#include "tui/keys.h"

#define MANUAL	   "man/x0top.8"
#define COMPLETION "completion/x0top.bash"
#define README	   "README.md"

enum { DOCUMENT_SIZE = 1 << 17 };

static char manual[DOCUMENT_SIZE], completion[DOCUMENT_SIZE], readme[DOCUMENT_SIZE];

static void read_stream(FILE *stream, char *text)
{
	assert_non_null(stream);
	size_t size = fread(text, 1, DOCUMENT_SIZE - 1, stream);
	assert_true(size > 0 && size < DOCUMENT_SIZE - 1);
	text[size] = '\0';
}

/* The manual as it is read: in plain ASCII, and so wide that no item is broken. */
static int read_documents(void **state)
{
	(void)state;
	FILE *file = fopen(COMPLETION, "r");
	read_stream(file, completion);
	fclose(file);
	file = fopen(README, "r");
	read_stream(file, readme);
	fclose(file);
	if (system("command -v man >/dev/null") != 0)
		return 0;
	FILE *pipe = popen("LC_ALL=C MANWIDTH=250 man -E ascii -P cat -l " MANUAL, "r");
	read_stream(pipe, manual);
	assert_int_equal(pclose(pipe), 0);
	return 0;
}

static void need_manual(void)
{
	if (manual[0] != '\0')
		return;
	print_message("skipped: man is not installed\n");
	skip();
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* Finds `word` where neither side of it belongs to a longer word. */
static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
		if ((at == text || !is_word(at[-1])) && !is_word(at[length]))
			return true;
	return false;
}

/* Finds a line that begins, after its indentation, with `item`, followed by its text or nothing. */
static bool has_item(const char *text, const char *item)
{
	size_t length = strlen(item);

	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		const char *at = line + strspn(line, " ");
		if (at > line && strncmp(at, item, length) == 0 &&
			(at[length] == '\n' || strncmp(at + length, "  ", 2) == 0))
			return true;
	}
	return false;
}

static unsigned int missing;

static void expect(bool found, const char *where, const char *what, const char *name)
{
	if (found)
		return;
	print_error("%s lacks the %s \"%s\"\n", where, what, name);
	missing++;
}

/* "-i INTERFACE, --interface INTERFACE", as the manual heads an option. */
static void format_option(const struct option_description *option, char *text, size_t size)
{
	const char *space = option->argument != NULL ? " " : "";
	const char *argument = option->argument != NULL ? option->argument : "";
	char letter[64] = "";

	if (option->letter != 0)
		snprintf(letter, sizeof(letter), "-%c%s%s, ", option->letter, space, argument);
	snprintf(text, size, "%s--%s%s%s", letter, option->name, space, argument);
}

static void manual_has_options(void **state)
{
	(void)state;
	char item[128];

	need_manual();
	for (const struct option_description *option = options_table; option->name != NULL;
		option++) {
		format_option(option, item, sizeof(item));
		expect(has_item(manual, item), MANUAL, "option", item);
	}
	assert_int_equal(missing, 0);
}

static void manual_has_keys(void **state)
{
	(void)state;
	need_manual();
	for (int i = 0; i < n_keys; i++)
		expect(has_item(manual, keys[i].keys), MANUAL, "key", keys[i].keys);
	assert_int_equal(missing, 0);
}

static void manual_has_views(void **state)
{
	(void)state;
	char item[64];

	need_manual();
	for (int i = 0; i < VIEWS; i++) {
		snprintf(item, sizeof(item), "%d %s", i + 1, views[i]->name);
		expect(has_item(manual, item), MANUAL, "view", item);
	}
	assert_int_equal(missing, 0);
}

static void readme_has_views(void **state)
{
	(void)state;
	char row[64], linked[64]; /* to its screenshot */

	for (int i = 0; i < VIEWS; i++) {
		snprintf(row, sizeof(row), "| `%d` | %s |", i + 1, views[i]->name);
		snprintf(linked, sizeof(linked), "| `%d` | [%s](", i + 1, views[i]->name);
		expect(strstr(readme, row) != NULL || strstr(readme, linked) != NULL, README,
			"view", row);
	}
	assert_int_equal(missing, 0);
}

/* Each line of the usage is a form, and behind two blanks or more, or in a line of its own, what it does. */
static void manual_has_verbs(void **state)
{
	(void)state;
	char forms[4096];

	need_manual();
	verbs_format_usage(NULL, NULL, forms, sizeof(forms));
	for (char *line = strtok(forms, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		char *form = line + strspn(line, " "), *end = strstr(form, "  ");
		if (strlen(line) > 80)
			fail_msg("%zu wide: %s", strlen(line), line);
		if (form - line > 2)
			continue;
		if (end != NULL)
			*end = '\0';
		expect(has_item(manual, form), MANUAL, "verb", form);
	}
	assert_int_equal(missing, 0);
}

static void manual_has_settings(void **state)
{
	(void)state;
	need_manual();
	for (uint32_t i = 0; settings_key(i) != NULL; i++)
		expect(has_item(manual, settings_key(i)), MANUAL, "setting", settings_key(i));
	assert_int_equal(missing, 0);
}

static void manual_has_exit_statuses(void **state)
{
	(void)state;
	static const int statuses[] = { EXIT_ALL_RAN, EXIT_SOME_FAILED, EXIT_USAGE,
		EXIT_NO_CAPABILITY };
	char number[16];

	need_manual();
	const char *section = strstr(manual, "\nEXIT STATUS\n");
	assert_non_null(section);
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		snprintf(number, sizeof(number), "%d", statuses[i]);
		expect(has_item(section, number), MANUAL, "exit status", number);
	}
	assert_int_equal(missing, 0);
}

static void documents_have_programs(void **state)
{
	(void)state;
	need_manual();
	for (uint32_t i = 0; program_types[i] != NULL; i++) {
		const char *name = program_types[i]->name;
		expect(has_item(manual, name), MANUAL, "program", name);
		expect(has_word(completion, name), COMPLETION, "program", name);
	}
	assert_int_equal(missing, 0);
}

static void completion_has_values(void **state)
{
	(void)state;
	static struct settings settings;

	for (uint32_t i = 0; xdp_mode_wanted_names[i] != NULL; i++)
		expect(has_word(completion, xdp_mode_wanted_names[i]), COMPLETION, "mode",
			xdp_mode_wanted_names[i]);
	for (uint32_t i = 0; syscalls_attach_wanted_names[i] != NULL; i++)
		expect(has_word(completion, syscalls_attach_wanted_names[i]), COMPLETION, "way",
			syscalls_attach_wanted_names[i]);
	settings_default(&settings);
	for (uint32_t i = 0; i < settings.n_syscalls; i++)
		expect(has_word(completion, settings.syscalls[i]), COMPLETION, "call",
			settings.syscalls[i]);
	assert_int_equal(missing, 0);
}

static int forget_missing(void **state)
{
	(void)state;
	missing = 0;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(manual_has_options, forget_missing),
		cmocka_unit_test_setup(manual_has_keys, forget_missing),
		cmocka_unit_test_setup(manual_has_views, forget_missing),
		cmocka_unit_test_setup(readme_has_views, forget_missing),
		cmocka_unit_test_setup(manual_has_verbs, forget_missing),
		cmocka_unit_test_setup(manual_has_settings, forget_missing),
		cmocka_unit_test_setup(manual_has_exit_statuses, forget_missing),
		cmocka_unit_test_setup(documents_have_programs, forget_missing),
		cmocka_unit_test_setup(completion_has_values, forget_missing),
	};
	return cmocka_run_group_tests(tests, read_documents, NULL);
}
