// SPDX-License-Identifier: BSD-2-Clause
/* The table of interfaces, in a map of the kernel's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <errno.h>
#include <unistd.h>

#include "kernel/interface_table.h"

static int table;

static int start(void **state)
{
	(void)state;
	table = bpf_map_create(BPF_MAP_TYPE_ARRAY, "interfaces", sizeof(uint32_t),
		sizeof(struct interface_bucket), INTERFACE_BUCKETS, NULL);
	return table < 0 ? -1 : 0;
}

static int stop(void **state)
{
	(void)state;
	close(table);
	return 0;
}

static int put(uint32_t ifindex, uint16_t slot)
{
	return interface_table_put(
		table, &(struct interface_entry) { ifindex, slot, INTERFACE_RAW_IP });
}

static void assert_slot(uint32_t ifindex, uint16_t slot)
{
	struct interface_entry entry;

	assert_int_equal(interface_table_find(table, ifindex, &entry), 0);
	assert_int_equal(entry.ifindex, ifindex);
	assert_int_equal(entry.slot, slot);
	assert_int_equal(entry.flags, INTERFACE_RAW_IP);
}

static void entries_come_change_and_go(void **state)
{
	struct interface_entry entry;

	(void)state;
	assert_int_equal(interface_table_find(table, 7, &entry), -ENOENT);
	assert_int_equal(interface_table_remove(table, 7), -ENOENT);
	assert_int_equal(put(7, 1), 0);
	assert_slot(7, 1);
	assert_int_equal(put(7, 2), 0);
	assert_slot(7, 2);
	assert_int_equal(interface_table_remove(table, 7), 0);
	assert_int_equal(interface_table_find(table, 7, &entry), -ENOENT);
}

/* Interfaces of one bucket: eight fit, the ninth is told so, and a gap is used again. */
static void a_bucket_may_be_full(void **state)
{
	uint32_t same[INTERFACE_WAYS + 1];
	size_t n = 0;

	(void)state;
	for (uint32_t ifindex = 1; n <= INTERFACE_WAYS; ifindex++)
		if (INTERFACE_BUCKET(ifindex) == INTERFACE_BUCKET(1))
			same[n++] = ifindex;
	for (uint16_t i = 0; i < INTERFACE_WAYS; i++)
		assert_int_equal(put(same[i], i), 0);
	assert_int_equal(put(same[INTERFACE_WAYS], 9), -ENOSPC);
	assert_int_equal(put(same[3], 33), 0); /* a change needs no room */
	assert_int_equal(interface_table_remove(table, same[5]), 0);
	assert_int_equal(put(same[INTERFACE_WAYS], 9), 0);
	assert_slot(same[INTERFACE_WAYS], 9);
	assert_slot(same[3], 33);
	assert_slot(same[7], 7);
}

/* As many as are watched at most, numbered as kernels do: none is refused. */
static void the_most_fit(void **state)
{
	static const uint32_t firsts[] = { 1, 2, 1000, 65530, 4194300, 2147483000 };

	for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		for (uint32_t n = 0; n < INTERFACES_MAX; n++)
			assert_int_equal(put(firsts[i] + n, (uint16_t)n), 0);
		for (uint32_t n = 0; n < INTERFACES_MAX; n++)
			assert_slot(firsts[i] + n, (uint16_t)n);
		stop(state);
		start(state);
	}
}

static bool is_odd(const struct interface_entry *entry, void *data)
{
	++*(uint32_t *)data;
	return entry->ifindex % 2 == 1;
}

static void a_sweep_keeps_what_it_is_told(void **state)
{
	struct interface_entry entry;
	uint32_t asked = 0;

	(void)state;
	for (uint32_t ifindex = 1; ifindex <= 100; ifindex++)
		assert_int_equal(put(ifindex, (uint16_t)ifindex), 0);
	assert_int_equal(interface_table_sweep(table, is_odd, &asked), 50);
	assert_int_equal(asked, 100);
	for (uint32_t ifindex = 1; ifindex <= 100; ifindex++)
		assert_int_equal(interface_table_find(table, ifindex, &entry),
			ifindex % 2 == 1 ? 0 : -ENOENT);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(entries_come_change_and_go),
		TEST(a_bucket_may_be_full),
		TEST(the_most_fit),
		TEST(a_sweep_keeps_what_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
