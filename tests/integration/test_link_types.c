// SPDX-License-Identifier: BSD-2-Clause
/*
 * What x0top's attachments change on each link type: nothing while it observes. What each mode
 * changes is kept in tests/integration/attach-table.txt; UPDATE_ATTACH_TABLE=1 writes it for the
 * running kernel, with how fast TCP and UDP then are, which nothing asserts. X0_EXPECT_LINKS lists types that must be there; others may be missing.
 */
#include <arpa/inet.h>
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
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

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

/* --- rounds -------------------------------------------------------------------------------------- */

/*
 * As many types as can be there together, each numbered by its place in link_types, plus one: x0top attaches to
 * all of them at once, for loading its programs is what takes the time. The real devices are each other's
 * peer, and so are in rounds of their own.
 */
#define TYPES_MAX 32

static bool done[TYPES_MAX]; /* by place in link_types */
static size_t members[TYPES_MAX], n_members; /* places, of this round */

static bool is_alone; /* rounds of one, without a number: for link_beside.h */

static unsigned int number_of(size_t place)
{
	return is_alone ? 0 : (unsigned int)place + 1;
}

static void tested_name(size_t place, char name[NAME_LEN])
{
	if (is_alone)
		snprintf(name, NAME_LEN, LINK_TESTED);
	else
		snprintf(name, NAME_LEN, LINK_TESTED "%u", number_of(place));
}

/* Returns false, and says so, where the kernel lacks what is left. */
static bool begin_round(void)
{
	n_members = 0;
	for (size_t i = 0; link_types[i].name != NULL; i++) {
		if (done[i] || (is_alone && n_members > 0) || !link_make(&link_types[i]))
			continue;
		if (!is_alone)
			link_number(number_of(i));
		done[i] = true;
		members[n_members++] = i;
	}
	if (n_members > 0)
		return true;
	for (size_t i = 0; link_types[i].name != NULL; i++) {
		if (!done[i]) {
			print_message("this kernel has no %s\n", link_types[i].name);
			assert_false(is_expected(link_types[i].name));
		}
		done[i] = false;
	}
	return false;
}

static void end_round(void)
{
	for (size_t i = 0; i < n_members; i++) {
		if (!is_alone)
			link_unnumber(number_of(members[i]));
		link_remove(&link_types[members[i]]);
	}
}

static void watch_members(void)
{
	settings.n_interfaces = (uint32_t)n_members;
	for (size_t i = 0; i < n_members; i++)
		tested_name(members[i], settings.interfaces[i]);
}

/* Returns why x0top does not watch it; NULL: it does. */
static const char *left_out(size_t place)
{
	char name[NAME_LEN];

	tested_name(place, name);
	for (uint32_t i = 0; i < now->packets.n_left_out; i++)
		if (strcmp(now->packets.left_out[i].name, name) == 0)
			return now->packets.left_out[i].reason;
	return NULL;
}

static const struct snapshot_packets_interface *interface_of(size_t place)
{
	char name[NAME_LEN];

	tested_name(place, name);
	for (uint32_t i = 0; i < now->packets.n_interfaces; i++)
		if (strcmp(now->packets.interfaces[i].name, name) == 0)
			return &now->packets.interfaces[i];
	fail_msg("%s is neither watched nor left out", link_types[place].name);
	abort();
}

/* --- observing --------------------------------------------------------------------------------- */

static struct link_abilities states[3][LINK_STATES_MAX]; /* before, with, and after x0top */

static void assert_same(size_t place, size_t n, int with, const char *may, const char *when)
{
	char text[TEXT_MAX];

	link_states_compare(states[0], states[with], n, number_of(place), text, sizeof(text));
	if (strcmp(text, "nothing") != 0 && strcmp(text, may) != 0)
		fail_msg("%s a %s: %s", when, link_types[place].name, text);
}

/* `may`: the one difference that is allowed. */
static void observe(uint32_t hook, const char *may)
{
	size_t n = link_states_read(states[0]);

	watch_members();
	struct orchestrator *o = open_it();
	assert_int_equal(link_states_read(states[1]), n);
	for (size_t i = 0; i < n_members; i++) {
		const char *reason = left_out(members[i]);
		if (reason != NULL)
			print_message(
				"%s is not watched: %s\n", link_types[members[i]].name, reason);
		else if (interface_of(members[i])->hook != hook)
			fail_msg("%s: hook %u, %s", link_types[members[i]].name,
				interface_of(members[i])->hook, interface_of(members[i])->problem);
	}
	orchestrator_close(o);
	assert_int_equal(link_states_read(states[2]), n);
	for (size_t i = 0; i < n_members; i++) {
		assert_same(members[i], n, 1, may, "observing");
		assert_same(members[i], n, 2, may, "after observing");
	}
}

/* Emulation is slow: what has been seen to change nothing is not loaded again, but for the chain of XDP. */
static void without_classifier(void)
{
	if (settings.n_only > 0)
		settings.n_only--; /* the last of `attaching` */
}

/* With everything that runs by default; and with a rule, for which generic XDP is attached. */
static void observing_changes_nothing(void **state)
{
	struct failure failure;

	(void)state;
	is_alone = false;
	while (begin_round()) {
		set_defaults();
		observe(XDP_MODE_TC, "nothing");
		assert_int_equal(rule_parse("drop udp 7777", &settings.rules[0], &failure), 0);
		settings.n_rules = 1;
		without_classifier();
		observe(XDP_MODE_GENERIC, LRO_OFF);
		end_round();
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

static char rows[TYPES_MAX][MODES][TEXT_MAX + 64];

static void set_mode(size_t mode)
{
	set_defaults();
	watch_members();
	settings.xdp_mode = modes[mode].wanted;
	settings.n_only = 1;
	snprintf(settings.only[0], sizeof(settings.only[0]), "xdp_counter");
}

static void describe_mode(size_t mode, char texts[TYPES_MAX][TEXT_MAX])
{
	size_t n = link_states_read(states[0]);

	set_mode(mode);
	struct orchestrator *o = open_it();
	assert_int_equal(link_states_read(states[1]), n);
	for (size_t i = 0; i < n_members; i++) {
		if (left_out(members[i]) != NULL)
			snprintf(texts[i], TEXT_MAX, "not watched");
		else if (interface_of(members[i])->hook == XDP_MODE_OFF)
			snprintf(texts[i], TEXT_MAX, "refused");
		else
			link_states_compare(
				states[0], states[1], n, number_of(members[i]), texts[i], TEXT_MAX);
	}
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

/* Makes the rows of the round, and compares them with the table. */
static void make_rows(const char *kept)
{
	static char texts[TYPES_MAX][TEXT_MAX];
	char version[32];

	kernel_version(version, sizeof(version));
	for (size_t mode = 0; mode < MODES; mode++) {
		describe_mode(mode, texts);
		for (size_t i = 0; i < n_members; i++) {
			char *row = rows[i][mode];
			int key = snprintf(row, sizeof(rows[i][mode]), "%-6s %-10s %-8s ", version,
				link_types[members[i]].name, modes[mode].name);
			snprintf(row + key, sizeof(rows[i][mode]) - (size_t)key, "%s", texts[i]);
			print_message("%s\n", row);
			check_row(kept, row, (size_t)key);
		}
	}
}

/* Writes the rows of a round of one to the table, with speeds. */
static void write_rows(FILE *table)
{
	bool can_send = link_beside_begin(&link_types[members[0]]);

	for (size_t mode = 0; mode < MODES; mode++) {
		if (can_send && strstr(rows[0][mode], "refused") == NULL)
			add_speeds(mode, rows[0][mode], sizeof(rows[0][mode]));
		fprintf(table, "%s\n", rows[0][mode]);
	}
	if (can_send)
		link_beside_end();
}

static void modes_change_what_the_table_says(void **state)
{
	const char *update = getenv("UPDATE_ATTACH_TABLE");
	FILE *table = update == NULL ? NULL : fopen(strchr(update, '/') ? update : TABLE, "ae");

	(void)state;
	is_alone = table != NULL;
	while (begin_round()) {
		make_rows(table == NULL ? kept_table() : "");
		if (table != NULL)
			write_rows(table);
		end_round();
	}
	if (table != NULL)
		fclose(table);
}

/* --- reading ----------------------------------------------------------------------------------- */

static const char *const of_ip[] = { "tun", "wireguard", "gre", NULL };

/* Waits until the other end has refused connections: so many segments of TCP have come. */
static void be_refused(const char *type, int times)
{
	const struct sockaddr_in there = { .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = inet_addr("10.77.0.2") };

	for (int i = 0; i < times; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(fd, (const struct sockaddr *)&there, sizeof(there)) == 0 ||
			errno != ECONNREFUSED)
			fail_msg("%s: %s", type, strerror(errno));
		close(fd);
	}
}

static void read_there(size_t mode, const char *type)
{
	enum { SEGMENTS = 20 };
	const struct snapshot_packets_interface *seen;

	set_mode(mode);
	struct orchestrator *o = open_it();
	if (left_out(members[0]) != NULL) {
		assert_string_equal(type, "gre");
		assert_non_null(getenv("X0_OLD_TUNNELS"));
	} else {
		be_refused(type, SEGMENTS);
		orchestrator_sample(o, NULL, now);
		seen = interface_of(members[0]);
		assert_in_range(
			seen->transports[TRANSPORT_TCP].packets.total, SEGMENTS, UINT32_MAX);
		assert_int_equal(seen->networks[NETWORK_OTHER].packets.total, 0);
		assert_int_equal(seen->malformed.total, 0);
	}
	orchestrator_close(o);
}

/* Frames without an Ethernet header are not read as if they had one. */
static void frames_of_ip_are_read(void **state)
{
	(void)state;
	is_alone = true;
	n_members = 1;
	for (size_t i = 0; link_types[i].name != NULL; i++) {
		const char *const *name = of_ip;
		while (*name != NULL && strcmp(*name, link_types[i].name) != 0)
			name++;
		if (*name == NULL || !link_make(&link_types[i]))
			continue;
		members[0] = i;
		if (link_beside_begin(&link_types[i])) {
			read_there(0, *name);
			read_there(1, *name);
			link_beside_end();
		} else {
			print_message("%s leads nowhere\n", *name);
			assert_false(is_expected(*name));
		}
		link_remove(&link_types[i]);
	}
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
		cmocka_unit_test(frames_of_ip_are_read),
		cmocka_unit_test(modes_change_what_the_table_says),
	};

	messages_capture(false);
	netns_enter();
	return cmocka_run_group_tests_name("link types", tests, enter_mounts, NULL);
}
