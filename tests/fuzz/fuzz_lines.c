// SPDX-License-Identifier: BSD-2-Clause
/* Lines that people and files write: actions, mesh rules, classes. What is read is written and read again
 * the same; what is refused changes nothing. */
#include <errno.h>

#include "control/action.h"
#include "fuzz.h"
#include "mesh/rule.h"
#include "qos/classes.h"

#define LINE_MAX_LEN 512

static void try_action(const char *text)
{
	static struct action before, action, again;
	struct failure failure = { 0 };
	char form[LINE_MAX_LEN], second[LINE_MAX_LEN];

	memset(&action, 0, sizeof(action));
	action.actor = ACTOR_KEY;
	action.confirmed = true;
	before = action;
	int error = action_parse(text, &action, &failure);
	if (error < 0) {
		expect(error == -EINVAL && failure.what[0] != '\0');
		/* NOLINTNEXTLINE(*-memory-comparison,cert-*): gaps are copied, too */
		expect(memcmp(&before, &action, sizeof(action)) == 0);
		return;
	}
	action_format(&action, form, sizeof(form));
	again = before;
	expect(action_parse(form, &again, &failure) == 0 && again.verb == action.verb);
	action_format(&again, second, sizeof(second));
	expect(strcmp(form, second) == 0);
}

static void try_rule(const char *text)
{
	struct mesh_rule rule = { 0 }, again = { 0 };
	struct failure failure = { 0 };
	char form[LINE_MAX_LEN], second[LINE_MAX_LEN];

	if (rule_parse(text, &rule, &failure) < 0) {
		expect(failure.what[0] != '\0');
		return;
	}
	rule_format(&rule, form, sizeof(form));
	expect(rule_parse(form, &again, &failure) == 0);
	rule_format(&again, second, sizeof(second));
	expect(strcmp(form, second) == 0);
}

static void try_class(const char *text)
{
	static struct class_lines lines;
	struct class_line line, again;
	struct failure failure = { 0 };
	char form[RULE_LEN];

	classes_default(&lines);
	if (classes_parse(text, &lines.names, &line, &failure) < 0) {
		expect(failure.what[0] != '\0');
		return;
	}
	classes_format(&lines.names, &line, form, sizeof(form));
	expect(classes_parse(form, &lines.names, &again, &failure) == 0);
	expect(again.class == line.class && rule_same_key(&again.rule, &line.rule));
	expect(classes_put(&lines, &line) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	expect(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	try_action(text);
	try_rule(text);
	try_class(text);
	free(text);
	return 0;
}
