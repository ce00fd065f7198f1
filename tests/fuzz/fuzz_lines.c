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
	static struct class_entry entries[CLASS_ENTRIES_MAX];
	struct class_entry entry = { 0 }, again = { 0 };
	struct class_names names;
	struct failure failure = { 0 };
	char form[LINE_MAX_LEN];
	uint32_t n = classes_default(entries);

	expect(n <= CLASS_ENTRIES_MAX);
	class_names_default(&names);
	if (classes_parse(text, &names, &entry, &failure) < 0) {
		expect(failure.what[0] != '\0');
		return;
	}
	classes_format(&names, &entry, form, sizeof(form));
	expect(classes_parse(form, &names, &again, &failure) == 0);
	expect(again.match == entry.match && again.class == entry.class &&
		again.protocol == entry.protocol && again.value == entry.value);
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
