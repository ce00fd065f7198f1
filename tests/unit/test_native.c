// SPDX-License-Identifier: BSD-2-Clause
/* What native XDP changes is said of each interface, and how many there was no room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "kernel/object.h"
#include "programs/native.h"
#include "programs/settings.h"

enum {
	INTERFACES = 300,
	NAMED_MAX = 40,
};

#define GENERIC \
	"Enforce? XDP is generic (it turns off only GRO and LRO); native (--xdp-mode native) is faster"

static struct watched_interface rows[INTERFACES];
static struct settings settings;
static struct program_context context;
static char sentence[REASON_LEN];

static int empty(void **state)
{
	(void)state;
	memset(rows, 0, sizeof(rows));
	memset(&context, 0, sizeof(context));
	context.settings = &settings;
	context.watch.interfaces = rows;
	snprintf(sentence, sizeof(sentence), "Enforce?");
	return 0;
}

static void add(const char *name, const char *kind)
{
	struct watched_interface *row = &rows[context.watch.n_interfaces++];

	row->used = row->present = true;
	snprintf(row->interface.name, sizeof(row->interface.name), "%s", name);
	snprintf(row->interface.kind, sizeof(row->interface.kind), "%s", kind);
}

static void expect(const char *after)
{
	native_append(&context, sentence, sizeof(sentence));
	if (strncmp(sentence, GENERIC, strlen(GENERIC)) != 0)
		fail_msg("%s", sentence);
	assert_string_equal(sentence + strlen(GENERIC), after);
}

static const char *of_a_veth(void)
{
	return object_kernel_has_frags()
		       ? "its peer sends without segmentation offload"
		       : "its peer sends without segmentation offload, MTU 3506 at most";
}

static void one_effect_is_said_once(void **state)
{
	char expected[REASON_LEN];

	(void)state;
	add("t0", "tun");
	add("v0", "veth");
	add("br0", "bridge");
	add("v1", "veth");
	rows[context.watch.n_interfaces].used = true; /* not there */
	context.watch.n_interfaces++;
	snprintf(expected, sizeof(expected), "; v0, v1: %s; t0: nothing; br0: it has none.",
		of_a_veth());
	expect(expected);
}

static void the_rest_is_counted(void **state)
{
	char name[16], named[NAMED_MAX][16], end[32];
	uint32_t n = 0;

	(void)state;
	for (uint32_t i = 0; i < INTERFACES; i++) {
		snprintf(name, sizeof(name), "veth%u", i);
		add(name, "veth");
	}
	native_append(&context, sentence, sizeof(sentence));
	for (const char *at = strstr(sentence, "veth0"); at != NULL && n < NAMED_MAX;
		at = strstr(at + 1, "veth"))
		sscanf(at, "%15[a-z0-9]", named[n++]);
	assert_true(n > 0 && n < NAMED_MAX);
	for (uint32_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "veth%u", i);
		assert_string_equal(named[i], name);
	}
	snprintf(end, sizeof(end), "; and %u more.", INTERFACES - n);
	assert_string_equal(sentence + strlen(sentence) - strlen(end), end);
	assert_non_null(strstr(sentence, of_a_veth()));
}

/* Behind the question for one drop rule there is room for a name and any effect, and for how many more there are. */
static void one_name_has_room(void **state)
{
	static const char question[] = "Enforce 1 drop rule? It keeps dropping after x0top exits, "
				       "until you turn it off.";
	static const char *const kinds[] = { "", "veth", "tun", "bridge" };
	char begin[REASON_LEN];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (int more = 0; more < 2; more++) {
			empty(NULL);
			add("wlan0", kinds[i]);
			if (more)
				for (int other = 0; other < 8; other++)
					add("enp130s0f1v1234", kinds[i]);
			snprintf(sentence, sizeof(sentence), "%s", question);
			native_append(&context, sentence, sizeof(sentence));
			snprintf(begin, sizeof(begin), "%s%s; wlan0%s", question,
				&GENERIC[strlen("Enforce?")], more ? "" : ": ");
			if (strncmp(sentence, begin, strlen(begin)) != 0 ||
				strstr(sentence, native_effect(&rows[0].interface)) == NULL ||
				(strstr(sentence, "; and ") == NULL && more))
				fail_msg("%s", sentence);
		}
}

static void without_interfaces(void **state)
{
	(void)state;
	expect(".");
}

/* Whatever the question's length: the sentence is whole, or ends where there was room. */
static void any_length(void **state)
{
	(void)state;
	for (size_t length = 0; length < sizeof(sentence); length++) {
		empty(NULL);
		add("v0", "veth");
		add("br0", "bridge");
		memset(sentence, 'x', sizeof(sentence));
		sentence[length] = '\0';
		native_append(&context, sentence, sizeof(sentence));
		assert_true(strlen(sentence) < sizeof(sentence));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_effect_is_said_once, empty),
		cmocka_unit_test_setup(the_rest_is_counted, empty),
		cmocka_unit_test_setup(one_name_has_room, empty),
		cmocka_unit_test_setup(without_interfaces, empty),
		cmocka_unit_test_setup(any_length, empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
