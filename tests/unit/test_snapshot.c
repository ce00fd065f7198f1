// SPDX-License-Identifier: BSD-2-Clause
/* A snapshot costs what it holds, keeps what it is given, and counts what it has no room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "export/json.h"
#include "export/record.h"
#include "export/replay.h"
#include "model/field_rows.h"
#include "model/snapshot.h"
#include "tests/lib/fields_fill.h"
#include "tests/lib/fields_same.h"
#include "tests/lib/snapshot_sample.h"

enum { KB = 1000 };

static struct snapshot *first, *second;
static struct failure failure;

static int open_snapshots(void **state)
{
	(void)state;
	first = snapshot_open();
	second = snapshot_open();
	return first == NULL || second == NULL;
}

static int close_snapshots(void **state)
{
	(void)state;
	snapshot_close(first);
	snapshot_close(second);
	return 0;
}

/* The bytes of memory that were ever touched in `size` bytes from a page's beginning on. */
static size_t resident(void *memory, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = (size + page - 1) / page, n = 0;
	unsigned char *is_there = calloc(pages, 1);

	assert_non_null(is_there);
	assert_int_equal(mincore(memory, size, is_there), 0);
	for (size_t i = 0; i < pages; i++)
		n += is_there[i] & 1;
	free(is_there);
	return n * page;
}

static bool is_zero(const void *memory, size_t size)
{
	const char *bytes = memory;

	return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

/* --- a snapshot ------------------------------------------------------------------------------ */

static void test_two_interfaces_cost_kilobytes(void **state)
{
	(void)state;
	snapshot_sample(first);
	first->packets.n_interfaces = first->tc.n_interfaces = first->net_events.n_interfaces = 2;
	size_t copied = snapshot_copy(second, first);
	size_t touched = resident(second, sizeof(*second));
	size_t again = snapshot_copy(second, first), cleared = snapshot_clear(second);

	print_message("a snapshot of %zu kB: %zu kB copied, %zu kB cleared, %zu kB resident\n",
		sizeof(*second) / KB, copied / KB, cleared / KB, touched / KB);
	assert_int_equal(copied, again);
	assert_int_equal(copied, cleared);
	assert_true(copied < 64 * KB);
	assert_true(touched < 176 * KB); /* each list that is used touches a page, or two */
	assert_int_equal(resident(second, sizeof(*second)), touched);
	assert_true(is_zero(second, sizeof(*second)));
}

/* Also under transparent huge pages, of which one would be larger than a whole snapshot. */
static void test_an_empty_one_costs_less(void **state)
{
	(void)state;
	assert_int_equal(resident(first, sizeof(*first)), 0);
	assert_true(snapshot_copy(second, first) < 8 * KB);
	assert_true(resident(second, sizeof(*second)) < 80 * KB);
}

static void test_a_full_one_survives(void **state)
{
	static char *text;
	static size_t size;
	FILE *file = open_memstream(&text, &size);

	(void)state;
	fields_fill(snapshot_fields, first, FILL_LISTS_FULL);
	assert_int_equal(first->packets.n_interfaces, INTERFACES_MAX);
	assert_true(snapshot_copy(second, first) > sizeof(*second) / 10 * 9);
	assert_memory_equal(second, first, sizeof(*first));

	assert_int_equal(json_write(first, file, true), 0);
	fclose(file);
	snapshot_clear(second);
	assert_true(is_zero(second, sizeof(*second)));
	if (json_read(text, size, second, &failure) != 0)
		fail_msg("%s", failure.what);
	assert_memory_equal(second, first, sizeof(*first));
	free(text);
}

/* Texts of characters that JSON has to escape take six times their room. */
static void widen_texts(const struct field *fields, char *base)
{
	for (const struct field *field = fields; field->name != NULL; field++) {
		char *member = base + field->offset;
		bool array = field->type == FIELD_LIST || field->type == FIELD_KEYED;

		if (field->type == FIELD_TEXT && field->names == NULL)
			memset(member, '\x01', field->size - 1);
		if (field->type == FIELD_STRUCT)
			widen_texts(field->fields, member);
		for (uint32_t i = 0; array && i < field->count; i++)
			widen_texts(field->fields, member + i * field->size);
	}
}

/* As a line, and as a record that is appended to it. */
static void test_the_longest_sample_can_be_replayed(void **state)
{
	char path[] = "/tmp/x0top-test-snapshot-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	struct recorder *recorder;
	struct replayer *replayer;

	(void)state;
	fields_fill(snapshot_fields, first, FILL_LISTS_FULL);
	widen_texts(snapshot_fields, (char *)first);
	assert_int_equal(json_write(first, file, true), 0);
	fclose(file);
	assert_int_equal(recorder_open(path, UINT64_MAX, &recorder, &failure), 0);
	assert_int_equal(recorder_write(recorder, first, &failure), 0);
	recorder_close(recorder);
	assert_int_equal(replayer_open(path, &replayer, &failure), 0);
	assert_int_equal(replayer_count(replayer), 2);
	for (uint32_t i = 0, at; i < 2; i++) {
		at = i;
		if (replayer_read(replayer, &at, second, &failure) != 0)
			fail_msg("%s", failure.what);
		assert_int_equal(at, i);
		if (i == 0)
			assert_memory_equal(second, first, sizeof(*first));
		assert_ptr_equal(fields_differ(snapshot_fields, first, second), NULL);
	}
	replayer_close(replayer);
	unlink(path);
}

static void test_what_is_shorter_leaves_nothing_behind(void **state)
{
	(void)state;
	fields_fill(snapshot_fields, second, FILL_LISTS_FULL);
	snapshot_sample(first);
	snapshot_copy(second, first);
	assert_memory_equal(second, first, sizeof(*first));
}

/* A file that breaks off within a list leaves elements that clearing must find. */
static void test_half_a_snapshot_can_be_cleared(void **state)
{
	static char *text;
	static size_t size;
	FILE *file = open_memstream(&text, &size);

	(void)state;
	snapshot_sample(first);
	assert_int_equal(json_write(first, file, true), 0);
	fclose(file);
	memcpy(strstr(strstr(text, "\"sum\""), "\"name\":\"wg0\""), "\"name\":12345", 12);
	assert_int_equal(json_read(text, size, second, &failure), -EINVAL);
	assert_string_equal(second->packets.interfaces[1].name, "eth0");
	snapshot_clear(second);
	assert_true(is_zero(second, sizeof(*second)));
	free(text);
}

/* --- lists that nobody fills yet -------------------------------------------------------------- */

struct made_up_flow {
	char key[64];
	struct traffic traffic;
};

struct made_up {
	uint32_t n_programs, n_flows;
	struct snapshot_program programs[1024];
	struct made_up_flow flows[4096];
};

static const struct field made_up_flow_fields[] = {
	TEXT(made_up_flow, key, "Flow"),
	TRAFFIC(made_up_flow, traffic, "Packets"),
	END,
};

static const struct field made_up_fields[] = {
	LIST(made_up, programs, program_fields, "Programs of the host"),
	LIST(made_up, flows, made_up_flow_fields, "Flows"),
	END,
};

static void test_longer_lists_cost_what_they_hold(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct made_up *made[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		made[i] = mmap(NULL, sizeof(*made[i]), PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_true(made[i] != MAP_FAILED);
		madvise(made[i], sizeof(*made[i]), MADV_NOHUGEPAGE);
	}
	made[0]->n_programs = made[0]->n_flows = 3;
	snprintf(made[0]->programs[2].name, NAME_LEN, "sshd");
	made[0]->flows[2].traffic.bytes.total = 77;
	size_t bytes = 3 * (sizeof(struct snapshot_program) + sizeof(struct made_up_flow)) + 8;
	assert_int_equal(fields_copy(made_up_fields, made[1], made[0]), bytes);
	assert_string_equal(made[1]->programs[2].name, "sshd");
	assert_int_equal(made[1]->flows[2].traffic.bytes.total, 77);
	assert_true(resident(made[1], sizeof(*made[1])) <= 4 * page);
	assert_int_equal(fields_clear(made_up_fields, made[1]), bytes);
	assert_true(is_zero(made[1], sizeof(*made[1])));
	assert_true(resident(made[1], page) <= page);

	fields_fill(made_up_fields, made[0], FILL_LISTS_FULL);
	fields_copy(made_up_fields, made[1], made[0]);
	assert_memory_equal(made[1], made[0], sizeof(*made[0]));
	for (int i = 0; i < 2; i++)
		munmap(made[i], sizeof(*made[i]));
}

/* --- adding ---------------------------------------------------------------------------------- */

static void test_an_added_element_is_zeroed(void **state)
{
	(void)state;
	memset(&first->mesh.rules[0], 0xff, 2 * sizeof(first->mesh.rules[0]));
	struct snapshot_rule *rule = SNAPSHOT_ADD(first, &first->mesh, rules);
	assert_ptr_equal(rule, &first->mesh.rules[0]);
	assert_int_equal(first->mesh.n_rules, 1);
	assert_true(is_zero(rule, sizeof(*rule)));
	assert_false(is_zero(&first->mesh.rules[1], sizeof(*rule)));
	assert_ptr_equal(SNAPSHOT_ADD(first, first, programs), &first->programs[0]);
	assert_int_equal(first->n_programs, 1);
}

static void assert_loss(uint32_t at, const char *what, uint64_t total)
{
	assert_string_equal(first->self.losses[at].what, what);
	assert_int_equal(first->self.losses[at].count.total, total);
}

static void test_no_room_is_counted(void **state)
{
	(void)state;
	for (int i = 0; i < INTERFACES_MAX; i++)
		assert_non_null(SNAPSHOT_ADD(first, &first->packets, interfaces));
	assert_int_equal(first->self.n_losses, 0);
	for (int i = 0; i < 88; i++)
		assert_null(SNAPSHOT_ADD(first, &first->packets, interfaces));
	first->n_programs = PROGRAMS_MAX;
	assert_null(SNAPSHOT_ADD(first, first, programs));
	assert_int_equal(first->packets.n_interfaces, INTERFACES_MAX);
	assert_int_equal(first->self.n_losses, 2);
	assert_loss(0, "no room: packets.interfaces", 88);
	assert_loss(1, "no room: programs", 1);
}

/* The kinds of losses are a list, too: one more than fits is still a loss that is seen. */
static void test_a_loss_too_many_is_counted(void **state)
{
	(void)state;
	for (int i = 0; i < LOSSES_MAX - 1; i++) {
		struct snapshot_loss *loss = SNAPSHOT_ADD(first, &first->self, losses);
		assert_non_null(loss);
		snprintf(loss->what, sizeof(loss->what), "kind %d", i);
	}
	assert_int_equal(first->self.n_losses, LOSSES_MAX - 1);
	assert_null(SNAPSHOT_ADD(first, &first->self, losses));
	assert_null(SNAPSHOT_ADD(first, &first->self, losses));
	first->mesh.n_rules = MESH_RULES_MAX;
	assert_null(SNAPSHOT_ADD(first, &first->mesh, rules));
	assert_int_equal(first->self.n_losses, LOSSES_MAX);
	assert_loss(0, "kind 0", 0);
	assert_loss(LOSSES_MAX - 2, "kind 126", 0);
	assert_loss(LOSSES_MAX - 1, "no room: self.losses and others", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_snapshots, close_snapshots)
		TEST(test_two_interfaces_cost_kilobytes),
		TEST(test_an_empty_one_costs_less),
		TEST(test_a_full_one_survives),
		TEST(test_the_longest_sample_can_be_replayed),
		TEST(test_what_is_shorter_leaves_nothing_behind),
		TEST(test_half_a_snapshot_can_be_cleared),
		TEST(test_longer_lists_cost_what_they_hold),
		TEST(test_an_added_element_is_zeroed),
		TEST(test_no_room_is_counted),
		TEST(test_a_loss_too_many_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
