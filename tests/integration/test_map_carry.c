// SPDX-License-Identifier: BSD-2-Clause
/* kernel/map_carry.c: counts are carried into a larger map while programs count in it, and none is lost. */
#include "kernel/map_carry.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/map_copy.h"
#include "kernel/map_value.h"
#include "kernel/percpu.h"
#include "tests/lib/wait.h"

enum { CPUS_MAX = 4, ROUNDS = 40 };

static const uint32_t zero = 0;
static struct percpu percpu;

struct old_value {
	uint64_t packets, bytes, last, until;
};

struct new_value {
	struct old_value old;
	uint64_t drops[3];
};

static int start(void **state)
{
	(void)state;
	map_value_expect_other_sizes();
	return percpu_open(&percpu, sizeof(struct new_value));
}

static int stop(void **state)
{
	(void)state;
	percpu_close(&percpu);
	return 0;
}

static int make(enum bpf_map_type type, uint32_t key_size, uint32_t value_size)
{
	int map = bpf_map_create(type, "test", key_size, value_size, 2, NULL);

	assert_true(map >= 0);
	return map;
}

/* Each CPU has counted `packets`, and as many hundred bytes; the last at 1000 and its number. */
static void fill(int map, const void *key, uint64_t packets)
{
	struct old_value *values = calloc((size_t)percpu.cpus, sizeof(*values));

	assert_non_null(values);
	for (int cpu = 0; cpu < percpu.cpus; cpu++)
		values[cpu] =
			(struct old_value) { packets, packets * 100, 1000 + (uint64_t)cpu, 7 };
	assert_int_equal(bpf_map_update_elem(map, key, values, BPF_ANY), 0);
	free(values);
}

static struct new_value sum(int map, const void *key)
{
	struct new_value value;

	assert_int_equal(percpu_sum(&percpu, map, key, &value, sizeof(value)), 0);
	return value;
}

static int carry(int from, int to, struct map_words apart)
{
	struct map_carry *carry;
	int error = map_carry_open(from, to, apart, &carry);

	if (error < 0)
		return error;
	error = map_carry_run(carry);
	map_carry_close(carry);
	return error;
}

/* --- while nothing counts -------------------------------------------------------------------- */

static void counts_are_added(void **state)
{
	const struct map_words last = { .first = 2, .n = 1, .largest = true };
	const uint32_t one = 1;
	uint64_t cpus = (uint64_t)percpu.cpus;
	int from = make(BPF_MAP_TYPE_PERCPU_ARRAY, 4, sizeof(struct old_value));
	int to = make(BPF_MAP_TYPE_PERCPU_ARRAY, 4, sizeof(struct new_value));

	(void)state;
	fill(from, &zero, 5);
	fill(from, &one, UINT64_C(1) << 40);
	assert_int_equal(carry(from, to, last), 0);
	struct new_value value = sum(to, &zero);
	assert_int_equal(value.old.packets, 5 * cpus);
	assert_int_equal(value.old.bytes, 500 * cpus);
	assert_int_equal(value.old.last, 1000 + cpus - 1); /* on one CPU, which has the largest */
	assert_int_equal(value.drops[0] | value.drops[1] | value.drops[2], 0);
	assert_int_equal(sum(to, &one).old.packets, cpus << 40);
	/* They are added to what is there; what was later stays. */
	fill(from, &zero, 1);
	fill(from, &one, 0);
	assert_int_equal(carry(from, to, last), 0);
	assert_int_equal(sum(to, &zero).old.packets, 6 * cpus);
	assert_int_equal(sum(to, &zero).old.last, 1000 + cpus - 1);
	close(from);
	close(to);
}

/* --- what user space writes ------------------------------------------------------------------- */

static struct old_value old(uint64_t number)
{
	return (struct old_value) { number, number + 1, number + 2, number + 3 };
}

static void copies(enum bpf_map_type type)
{
	const struct new_value other = { .old = old(90), .drops = { 7, 8, 9 } };
	int from = make(type, 4, sizeof(struct old_value));
	int to = make(type, 4, sizeof(struct new_value));
	struct new_value value;

	for (uint32_t key = 0; key < 2; key++) {
		const struct old_value written = old(10 * key);
		assert_int_equal(bpf_map_update_elem(from, &key, &written, BPF_ANY), 0);
		assert_int_equal(bpf_map_update_elem(to, &key, &other, BPF_ANY), 0);
	}
	assert_int_equal(map_copy(from, to), 0);
	for (uint32_t key = 0; key < 2; key++) {
		const struct new_value expected = { .old = old(10 * key) };
		assert_int_equal(bpf_map_lookup_elem(to, &key, &value), 0);
		assert_memory_equal(&value, &expected, sizeof(value));
	}
	close(from);
	close(to);
}

static void what_user_space_writes_is_copied(void **state)
{
	(void)state;
	copies(BPF_MAP_TYPE_ARRAY);
	copies(BPF_MAP_TYPE_HASH);
	int array = make(BPF_MAP_TYPE_ARRAY, 4, 8), hash = make(BPF_MAP_TYPE_HASH, 4, 8);
	int counts = make(BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8);
	assert_int_equal(map_copy(array, hash), -EOPNOTSUPP);
	assert_int_equal(map_copy(counts, counts), -EOPNOTSUPP);
	close(array);
	close(hash);
	close(counts);
}

static void values_of_another_size_are_read_and_written(void **state)
{
	const struct new_value whole = { .old = old(5), .drops = { 1, 2, 3 } };
	int larger = make(BPF_MAP_TYPE_ARRAY, 4, sizeof(struct new_value));
	int smaller = make(BPF_MAP_TYPE_ARRAY, 4, sizeof(struct old_value));
	struct new_value value;
	const uint32_t none = 2;

	(void)state;
	assert_int_equal(bpf_map_update_elem(larger, &zero, &whole, BPF_ANY), 0);
	memset(&value, 0xff, sizeof(value));
	assert_int_equal(map_value_read(larger, &zero, &value.old, sizeof(value.old)), 0);
	assert_memory_equal(&value.old, &whole.old, sizeof(value.old));
	assert_int_equal(value.drops[0], UINT64_MAX); /* nothing is written behind what is known */
	/* What is not known is zero in what is written. */
	assert_int_equal(map_value_write(larger, &zero, &whole.old, sizeof(whole.old)), 0);
	assert_int_equal(bpf_map_lookup_elem(larger, &zero, &value), 0);
	assert_memory_equal(&value.old, &whole.old, sizeof(value.old));
	assert_int_equal(value.drops[0] | value.drops[1] | value.drops[2], 0);
	/* And of a smaller one what it lacks. */
	assert_int_equal(map_value_write(smaller, &zero, &whole, sizeof(whole)), 0);
	memset(&value, 0xff, sizeof(value));
	assert_int_equal(map_value_read(smaller, &zero, &value, sizeof(value)), 0);
	assert_memory_equal(&value.old, &whole.old, sizeof(value.old));
	assert_int_equal(value.drops[0] | value.drops[1] | value.drops[2], 0);
	assert_int_equal(map_value_read(larger, &none, &value.old, sizeof(value.old)), -ENOENT);
	assert_int_equal(map_value_write(larger, &none, &value.old, sizeof(value.old)), -E2BIG);
	close(larger);
	close(smaller);
}

static void words_that_are_no_counts_stay(void **state)
{
	const struct map_words until = { .first = 2, .n = 2 };
	int from = make(BPF_MAP_TYPE_PERCPU_ARRAY, 4, sizeof(struct old_value));
	int to = make(BPF_MAP_TYPE_PERCPU_ARRAY, 4, sizeof(struct new_value));

	(void)state;
	fill(from, &zero, 3);
	assert_int_equal(carry(from, to, until), 0);
	struct new_value value = sum(to, &zero);
	assert_int_equal(value.old.packets, 3 * percpu.cpus);
	assert_int_equal(value.old.last | value.old.until, 0);
	close(from);
	close(to);
}

/* Elements that the larger map has, and those that it lacks. */
static void hashes_are_carried(void **state)
{
	const char keys[3][6] = { "first", "other", "last." };
	int from = make(BPF_MAP_TYPE_PERCPU_HASH, sizeof(keys[0]), sizeof(struct old_value));
	int to = make(BPF_MAP_TYPE_PERCPU_HASH, sizeof(keys[0]), sizeof(struct new_value));

	(void)state;
	fill(from, keys[0], 4);
	fill(from, keys[1], 6);
	assert_int_equal(percpu_add(&percpu, to, keys[1]), 0);
	assert_int_equal(carry(from, to, (struct map_words) { 0 }), 0);
	assert_int_equal(sum(to, keys[0]).old.packets, 4 * percpu.cpus);
	assert_int_equal(sum(to, keys[1]).old.bytes, 600 * percpu.cpus);
	struct new_value value;
	assert_int_equal(percpu_sum(&percpu, to, keys[2], &value, sizeof(value)), -ENOENT);
	close(from);
	close(to);
}

static void what_cannot_be_carried_is_refused(void **state)
{
	int counts = make(BPF_MAP_TYPE_PERCPU_ARRAY, 4, sizeof(struct old_value));
	int array = make(BPF_MAP_TYPE_ARRAY, 4, sizeof(struct new_value));
	int hash = make(BPF_MAP_TYPE_PERCPU_HASH, 4, sizeof(struct new_value));
	int odd = make(BPF_MAP_TYPE_PERCPU_ARRAY, 4, 12);

	(void)state;
	assert_int_equal(carry(counts, array, (struct map_words) { 0 }), -EOPNOTSUPP);
	assert_int_equal(carry(counts, hash, (struct map_words) { 0 }), -EOPNOTSUPP);
	assert_int_equal(carry(odd, counts, (struct map_words) { 0 }), -EOPNOTSUPP);
	close(counts);
	close(array);
	close(hash);
	close(odd);
}

/* --- while programs count -------------------------------------------------------------------- */

/* Adds one by reading and writing, as programs do: whatever comes between is lost. */
static int load_counting(int map)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = BPF_REG_10, .off = -4 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X,
			.dst_reg = BPF_REG_2,
			.src_reg = BPF_REG_10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_2, .imm = -4 },
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
			.dst_reg = BPF_REG_1,
			.src_reg = BPF_PSEUDO_MAP_FD,
			.imm = map },
		{ 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = BPF_REG_0, .off = 3 },
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_0 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_1, .imm = 1 },
		{ .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_0, .src_reg = BPF_REG_1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "test", "GPL", code,
		sizeof(code) / sizeof(code[0]), NULL);

	assert_true(fd >= 0);
	return fd;
}

struct counting {
	pthread_t thread;
	int program, cpu;
	atomic_bool *ends;
	atomic_ullong runs;
};

static void *count(void *data)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);
	struct counting *counting = data;
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET((size_t)counting->cpu, &cpu);
	pthread_setaffinity_np(pthread_self(), sizeof(cpu), &cpu);
	while (!atomic_load(counting->ends))
		atomic_fetch_add(
			&counting->runs, bpf_prog_test_run_opts(counting->program, &options) == 0);
	return NULL;
}

static bool counts(void *data)
{
	struct counting *counting = data;

	return atomic_load(&counting->runs) > 0;
}

static void no_count_is_lost_meanwhile(void **state)
{
	struct counting counting[CPUS_MAX];
	atomic_bool ends = false;
	uint64_t runs = 0;
	int n = percpu.cpus < CPUS_MAX ? percpu.cpus : CPUS_MAX;
	int from = make(BPF_MAP_TYPE_PERCPU_ARRAY, 4, sizeof(struct old_value));
	int to = make(BPF_MAP_TYPE_PERCPU_ARRAY, 4, sizeof(struct new_value));
	int program = load_counting(to);

	(void)state;
	fill(from, &zero, 1000);
	for (int i = 0; i < n; i++) {
		counting[i] = (struct counting) { .program = program, .cpu = i, .ends = &ends };
		assert_int_equal(pthread_create(&counting[i].thread, NULL, count, &counting[i]), 0);
	}
	for (int i = 0; i < n; i++)
		assert_true(wait_until(counts, &counting[i]));
	for (int i = 0; i < ROUNDS; i++)
		assert_int_equal(carry(from, to, (struct map_words) { .first = 2, .n = 2 }), 0);
	atomic_store(&ends, true);
	for (int i = 0; i < n; i++) {
		pthread_join(counting[i].thread, NULL);
		runs += atomic_load(&counting[i].runs);
	}
	assert_int_equal(sum(to, &zero).old.packets, ROUNDS * 1000 * (uint64_t)percpu.cpus + runs);
	close(program);
	close(from);
	close(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_are_added),
		cmocka_unit_test(words_that_are_no_counts_stay),
		cmocka_unit_test(hashes_are_carried),
		cmocka_unit_test(what_cannot_be_carried_is_refused),
		cmocka_unit_test(what_user_space_writes_is_copied),
		cmocka_unit_test(values_of_another_size_are_read_and_written),
		cmocka_unit_test(no_count_is_lost_meanwhile),
	};

	return cmocka_run_group_tests_name("carrying counts", tests, start, stop);
}
