// SPDX-License-Identifier: BSD-2-Clause
/*
 * What x0top's attachments change on each link type: nothing while it observes. What each mode
 * changes is kept in tests/integration/attach-table.txt; UPDATE_ATTACH_TABLE=1 writes it for the
 * running kernel, with how fast TCP and UDP then are, which nothing asserts. X0_EXPECT_LINKS lists types that must be there; others may be missing.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/utsname.h>

#include <cmocka.h>

#include "control/orchestrator.h"
#include "kernel/messages.h"
#include "kernel/pins.h"
#include "mesh/rule.h"
#include "tests/lib/link_beside.h"
#include "tests/lib/link_state.h"
#include "tests/lib/netns.h"

#define TABLE "tests/integration/attach-table.txt"
/* generic_xdp_install() turns LRO and hardware GRO off, and leaves them off; netif_elide_gro() stops GRO
 * without changing a feature. */
#define LRO_OFF	 "it: rx-lro off"
#define TEXT_MAX 1024
#define SPEEDS	 " | " /* begins what no test asserts */
#define ROUNDS	 5

static struct settings settings;
static struct snapshot *now;

static struct orchestrator *open_it(void)
{
	struct orchestrator *orchestrator;
	struct failure failure = { 0 };

	if (orchestrator_open(&settings, &orchestrator, &failure) < 0)
		fail_msg("%s: %s", failure.what, failure.cause);
	orchestrator_sample(orchestrator, NULL, now);
	return orchestrator;
}

static const char *const attaching[] = { "xdp_counter", "xdp_mesh_filter", "tc_classifier" };

static void set_defaults(void)
{
	settings_default(&settings);
	settings.lab = true; /* no lock */
	settings.n_interfaces = 1;
	snprintf(settings.interfaces[0], sizeof(settings.interfaces[0]), LINK_TESTED);
	if (getenv("X0_EMULATED") == NULL)
		return;
	/* Emulation is slow: without the programs that attach to no interface, and the largest. */
	for (size_t i = 0; i < sizeof(attaching) / sizeof(attaching[0]); i++)
		snprintf(settings.only[settings.n_only++], NAME_LEN, "%s", attaching[i]);
}

static bool is_expected(const char *type)
{
	const char *expected = getenv("X0_EXPECT_LINKS");
	char word[32], words[512];

	snprintf(word, sizeof(word), " %s ", type);
	snprintf(words, sizeof(words), " %s ", expected == NULL ? "veth" : expected);
	return strstr(words, word) != NULL;
}

/* Makes the interface; returns false, and says so, where the kernel lacks its type. */
static bool make(const struct link_type *type)
{
	if (link_make(type))
		return true;
	print_message("this kernel has no %s\n", type->name);
	assert_false(is_expected(type->name));
	return false;
}

/* Returns whether x0top cannot read the frames of this type. */
static bool is_left_out(void)
{
	return now->packets.n_interfaces == 0 && now->packets.n_left_out == 1;
}

/* --- observing --------------------------------------------------------------------------------- */

/* `may`: the one difference that is allowed. */
static void observe(const struct link_type *type, uint32_t hook, const char *may)
{
	struct link_abilities before[LINK_STATES_MAX], after[LINK_STATES_MAX];
	char text[TEXT_MAX];
	size_t n = link_states_read(before);
	struct orchestrator *o = open_it();

	if (is_left_out()) {
		print_message(
			"%s is not watched: %s\n", type->name, now->packets.left_out[0].reason);
		orchestrator_close(o);
		return;
	}
	assert_int_equal(now->packets.n_interfaces, 1);
	if (now->packets.interfaces[0].hook != hook)
		fail_msg("%s: hook %u, %s", type->name, now->packets.interfaces[0].hook,
			now->packets.interfaces[0].problem);
	assert_int_equal(link_states_read(after), n);
	link_states_compare(before, after, n, text, sizeof(text));
	if (strcmp(text, "nothing") != 0 && strcmp(text, may) != 0)
		fail_msg("observing a %s changes %s", type->name, text);
	orchestrator_close(o);
	assert_int_equal(link_states_read(after), n);
	link_states_compare(before, after, n, text, sizeof(text));
	if (strcmp(text, "nothing") != 0 && strcmp(text, may) != 0)
		fail_msg("after observing a %s: %s", type->name, text);
}

/* With everything that runs by default; and with a rule, for which generic XDP is attached. */
static void observing_changes_nothing(void **state)
{
	struct failure failure;

	(void)state;
	for (const struct link_type *type = link_types; type->name != NULL; type++) {
		if (!make(type))
			continue;
		set_defaults();
		observe(type, XDP_MODE_TC, "nothing");
		assert_int_equal(rule_parse("drop udp 7777", &settings.rules[0], &failure), 0);
		settings.n_rules = 1;
		observe(type, XDP_MODE_GENERIC, LRO_OFF);
		link_remove(type);
	}
}

/* --- the table --------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	uint32_t wanted;
} modes[] = {
	{ "TC", XDP_WANT_AUTO },
	{ "generic", XDP_WANT_GENERIC },
	{ "native", XDP_WANT_NATIVE },
};

#define MODES (sizeof(modes) / sizeof(modes[0]))

static void set_mode(size_t mode)
{
	set_defaults();
	settings.xdp_mode = modes[mode].wanted;
	settings.n_only = 1;
	snprintf(settings.only[0], sizeof(settings.only[0]), "xdp_counter");
}

static void describe_mode(size_t mode, char *text, size_t size)
{
	struct link_abilities before[LINK_STATES_MAX], after[LINK_STATES_MAX];

	set_mode(mode);
	size_t n = link_states_read(before);
	struct orchestrator *o = open_it();
	assert_int_equal(link_states_read(after), n);
	if (is_left_out())
		snprintf(text, size, "not watched");
	else if (now->packets.interfaces[0].hook == XDP_MODE_OFF)
		snprintf(text, size, "refused");
	else
		link_states_compare(before, after, n, text, size);
	orchestrator_close(o);
}

static int compare(const void *one, const void *other)
{
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

static double median(double values[ROUNDS])
{
	qsort(values, ROUNDS, sizeof(values[0]), compare);
	return values[ROUNDS / 2];
}

/* Adds how fast it is beside the same link without x0top, in pairs; packets of TCP with and without. */
static void add_speeds(size_t mode, char *text, size_t size)
{
	double tcp[ROUNDS], udp[ROUNDS], gro[ROUNDS], gro_without[ROUNDS];
	size_t length = strlen(text);

	for (int i = 0; i < ROUNDS; i++) {
		struct link_speed with, without;
		link_beside_measure(&without);
		set_mode(mode);
		struct orchestrator *o = open_it();
		link_beside_measure(&with);
		orchestrator_close(o);
		tcp[i] = with.tcp / without.tcp;
		udp[i] = with.udp / without.udp;
		gro[i] = with.gro;
		gro_without[i] = without.gro;
	}
	snprintf(text + length, size - length,
		SPEEDS "TCP %.2f, UDP %.2f, packets of TCP %.0f bytes, without %.0f", median(tcp),
		median(udp), median(gro), median(gro_without));
}

/* "6.18": rows are those of this kernel. */
static void kernel_version(char *text, size_t size)
{
	struct utsname name;
	unsigned int major = 0, minor = 0;

	uname(&name);
	sscanf(name.release, "%u.%u", &major, &minor);
	snprintf(text, size, "%u.%u", major, minor);
}

/* Compares a row with the kept table, if that has this kernel and link type. */
static void check_row(const char *kept, const char *row, size_t key)
{
	for (const char *line = kept; line != NULL && *line != '\0';) {
		const char *end = strchr(line, '\n');
		size_t length = end == NULL ? strlen(line) : (size_t)(end - line);
		const char *speeds = memmem(line, length, SPEEDS, strlen(SPEEDS));
		if (speeds != NULL)
			length = (size_t)(speeds - line);
		if (strncmp(line, row, key) == 0 &&
			(length != strlen(row) || strncmp(line, row, length) != 0))
			fail_msg("%s has: %.*s\nIt is: %s", TABLE, (int)length, line, row);
		line = end == NULL ? NULL : end + 1;
	}
}

static const char *kept_table(void)
{
	static char kept[1 << 15];
	FILE *file = fopen(TABLE, "re");

	if (file != NULL) {
		kept[fread(kept, 1, sizeof(kept) - 1, file)] = '\0';
		fclose(file);
	}
	return kept;
}

/* Compares the rows of a type with the table, or writes them to it. */
static void table_type(const struct link_type *type, const char *kept, FILE *table)
{
	char text[TEXT_MAX], rows[MODES][TEXT_MAX + 64], version[32];

	kernel_version(version, sizeof(version));
	for (size_t mode = 0; mode < MODES; mode++) {
		describe_mode(mode, text, sizeof(text));
		int key = snprintf(rows[mode], sizeof(rows[mode]), "%-6s %-10s %-8s ", version,
			type->name, modes[mode].name);
		snprintf(rows[mode] + key, sizeof(rows[mode]) - (size_t)key, "%s", text);
		print_message("%s\n", rows[mode]);
		if (table == NULL)
			check_row(kept, rows[mode], (size_t)key);
	}
	if (table == NULL)
		return;
	bool can_send = link_beside_begin(type);
	for (size_t mode = 0; mode < MODES; mode++) {
		if (can_send && strstr(rows[mode], "refused") == NULL)
			add_speeds(mode, rows[mode], sizeof(rows[mode]));
		fprintf(table, "%s\n", rows[mode]);
	}
	if (can_send)
		link_beside_end();
}

static void modes_change_what_the_table_says(void **state)
{
	const char *update = getenv("UPDATE_ATTACH_TABLE");
	FILE *table = update == NULL ? NULL : fopen(strchr(update, '/') ? update : TABLE, "ae");

	(void)state;
	for (const struct link_type *type = link_types; type->name != NULL; type++) {
		if (!make(type))
			continue;
		table_type(type, kept_table(), table);
		link_remove(type);
	}
	if (table != NULL)
		fclose(table);
}

/* Pins of this test are nobody else's. */
static int enter_mounts(void **state)
{
	(void)state;
	now = snapshot_open();
	return unshare(CLONE_NEWNS) != 0 || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	       mount("bpf", PINS_BPFFS, "bpf", 0, NULL) != 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(observing_changes_nothing),
		cmocka_unit_test(modes_change_what_the_table_says),
	};

	messages_capture(false);
	netns_enter();
	return cmocka_run_group_tests_name("link types", tests, enter_mounts, NULL);
}
