// SPDX-License-Identifier: BSD-2-Clause
/* kernel/map_carry.c: counts are carried into a larger map while programs count in it, and none is lost. */
#include "kernel/map_carry.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
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
#include "kernel/map_move.h"
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

/* --- what programs write ---------------------------------------------------------------------- */

static struct map_move *move(int from, int to)
{
	struct map_move *move = NULL;

	assert_int_equal(map_move_open(from, to, &move), 0);
	return move;
}

static void settle(struct map_move *move)
{
	assert_int_equal(map_move_settle(move), 0);
	map_move_close(move);
}

static void put_old(int map, uint32_t key, uint64_t number)
{
	const struct old_value value = old(number);

	assert_int_equal(bpf_map_update_elem(map, &key, &value, BPF_ANY), 0);
}

static struct new_value get(int map, uint32_t key)
{
	struct new_value value;

	assert_int_equal(bpf_map_lookup_elem(map, &key, &value), 0);
	return value;
}

/* The old program goes on between the copy and its end, and the new one before all is settled. */
static void what_programs_write_is_moved(void **state)
{
	static const enum bpf_map_type types[] = { BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_HASH };

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		int from = make(types[i], 4, sizeof(struct old_value));
		int to = make(types[i], 4, sizeof(struct new_value));
		put_old(from, 0, 100);
		put_old(from, 1, 200);
		struct map_move *moved = move(from, to);
		assert_int_equal(get(to, 0).old.packets, 100);
		put_old(from, 0, 107); /* by the old one */
		struct new_value value = get(to, 0);
		value.old.packets += 30;
		value.drops[1] = 5;
		assert_int_equal(bpf_map_update_elem(to, &zero, &value, BPF_ANY), 0);
		settle(moved);
		assert_int_equal(get(to, 0).old.packets, 137);
		assert_int_equal(get(to, 0).old.until, 110);
		assert_int_equal(get(to, 0).drops[1], 5);
		assert_int_equal(get(to, 1).old.packets, 200);
		close(from);
		close(to);
	}
}

static void what_comes_and_goes_is_moved(void **state)
{
	const uint32_t one = 1;
	int from = make(BPF_MAP_TYPE_HASH, 4, sizeof(struct old_value));
	int to = make(BPF_MAP_TYPE_HASH, 4, sizeof(struct new_value));
	struct new_value value = { .old = old(40) };

	(void)state;
	put_old(from, 1, 10);
	struct map_move *moved = move(from, to);
	assert_int_equal(bpf_map_delete_elem(from, &one), 0);
	put_old(from, 7, 3); /* both begin it */
	const uint32_t seven = 7;
	assert_int_equal(bpf_map_update_elem(to, &seven, &value, BPF_ANY), 0);
	settle(moved);
	assert_int_equal(bpf_map_lookup_elem(to, &one, &value), -ENOENT);
	assert_int_equal(get(to, 7).old.packets, 43);
	/* What has been removed and is used again stays; what has come is there. */
	moved = move(to, from);
	assert_int_equal(bpf_map_delete_elem(to, &seven), 0);
	put_old(from, 7, 50);
	value = (struct new_value) { .old = old(60) };
	assert_int_equal(bpf_map_update_elem(to, &one, &value, BPF_ANY), 0);
	settle(moved);
	struct old_value smaller;
	assert_int_equal(bpf_map_lookup_elem(from, &seven, &smaller), 0);
	assert_int_equal(smaller.packets, 50);
	assert_int_equal(bpf_map_lookup_elem(from, &one, &smaller), 0);
	assert_int_equal(smaller.packets, 60);
	close(from);
	close(to);
}

/* More than the room that is made at first, and values that are no whole words. */
static void many_elements_are_moved(void **state)
{
	enum { ELEMENTS = 5000 };
	LIBBPF_OPTS(bpf_map_create_opts, options);
	int from = bpf_map_create(BPF_MAP_TYPE_HASH, "test", 4, 12, ELEMENTS, &options);
	int to = bpf_map_create(BPF_MAP_TYPE_HASH, "test", 4, 20, ELEMENTS, &options);

	(void)state;
	for (uint32_t i = 0; i < ELEMENTS; i++) {
		const uint32_t value[3] = { i, i + 1, i + 2 };
		assert_int_equal(bpf_map_update_elem(from, &i, value, BPF_ANY), 0);
	}
	struct map_move *moved = move(from, to);
	for (uint32_t i = 0; i < ELEMENTS; i += 7) {
		const uint32_t value[3] = { i + 5, i + 6, i + 7 };
		assert_int_equal(bpf_map_update_elem(from, &i, value, BPF_ANY), 0);
	}
	settle(moved);
	for (uint32_t i = 0; i < ELEMENTS; i++) {
		const uint32_t more = i % 7 == 0 ? 5 : 0;
		const uint32_t expected[5] = { i + more, i + 1 + more, i + 2 + more, 0, 0 };
		uint32_t value[5];
		assert_int_equal(bpf_map_lookup_elem(to, &i, value), 0);
		assert_memory_equal(value, expected, sizeof(value));
	}
	close(from);
	close(to);
}

static void counts_of_all_cpus_are_moved(void **state)
{
	static const enum bpf_map_type types[] = { BPF_MAP_TYPE_PERCPU_ARRAY,
		BPF_MAP_TYPE_PERCPU_HASH };

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		int from = make(types[i], 4, sizeof(struct old_value));
		int to = make(types[i], 4, sizeof(struct new_value));
		fill(from, &zero, 5);
		struct map_move *moved = move(from, to);
		assert_int_equal(sum(to, &zero).old.packets, 5 * percpu.cpus);
		fill(from, &zero, 8);
		settle(moved);
		assert_int_equal(sum(to, &zero).old.packets, 8 * percpu.cpus);
		assert_int_equal(sum(to, &zero).old.bytes, 800 * percpu.cpus);
		assert_int_equal(sum(to, &zero).drops[2], 0);
		close(from);
		close(to);
	}
}

static void flows_are_decided_again(void **state)
{
	int from = make(BPF_MAP_TYPE_PERCPU_ARRAY, 4, sizeof(struct old_value));
	int to = make(BPF_MAP_TYPE_PERCPU_ARRAY, 4, sizeof(struct new_value));
	const struct map_words decided = { .first = 2, .n = 1 };

	(void)state;
	fill(from, &zero, 5);
	assert_int_equal(map_move_flows(from, to, decided), 0);
	assert_int_equal(sum(to, &zero).old.packets, 5 * percpu.cpus);
	assert_int_equal(sum(to, &zero).old.last, 0);
	assert_int_equal(sum(to, &zero).old.until, 7 * percpu.cpus);
	close(from);
	close(to);
}

/* --- values with locks ------------------------------------------------------------------------- */

struct locked_value {
	uint32_t lock, tag;
	uint64_t highest, sum, refused;
};

/* Makes a hash whose values begin with a lock, which the kernel finds by BTF; of `size` bytes. */
static int make_locked(uint32_t size)
{
	struct btf *btf = btf__new_empty();
	LIBBPF_OPTS(bpf_map_create_opts, options);

	assert_non_null(btf);
	const int number = btf__add_int(btf, "unsigned int", 4, 0);
	const int word = btf__add_int(btf, "unsigned long", 8, 0);
	const int array = btf__add_array(btf, number, word, size / 8 - 1);
	const int lock = btf__add_struct(btf, "bpf_spin_lock", 4);
	assert_int_equal(btf__add_field(btf, "val", number, 0, 0), 0);
	const int value = btf__add_struct(btf, "value", size);
	assert_int_equal(btf__add_field(btf, "lock", lock, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "tag", number, 32, 0), 0);
	assert_int_equal(btf__add_field(btf, "words", array, 64, 0), 0);
	assert_int_equal(btf__load_into_kernel(btf), 0);
	options.btf_fd = (uint32_t)btf__fd(btf);
	options.btf_key_type_id = (uint32_t)number;
	options.btf_value_type_id = (uint32_t)value;
	int map = bpf_map_create(BPF_MAP_TYPE_HASH, "test", 4, size, 2, &options);
	assert_true(map >= 0);
	btf__free(btf);
	return map;
}

static struct {
	int map; /* changed while it is merged, so often */
	int changes;
} meanwhile;

static void merge_locked(void *there, const void *copied, const void *now)
{
	struct locked_value *value = there;
	const struct locked_value *was = copied, *is = now;

	value->sum += is->sum - was->sum;
	value->highest = value->highest > is->highest ? value->highest : is->highest;
	if (meanwhile.changes-- > 0) {
		uint64_t whole[8];
		struct locked_value *changed = (struct locked_value *)whole;
		assert_int_equal(
			bpf_map_lookup_elem_flags(meanwhile.map, &zero, whole, BPF_F_LOCK), 0);
		changed->sum++;
		assert_int_equal(
			bpf_map_update_elem(meanwhile.map, &zero, whole, BPF_EXIST | BPF_F_LOCK),
			0);
	}
}

static void values_with_locks_are_merged(void **state)
{
	static const struct map_merging merging = { .words = 4, .added = 3, .merge = merge_locked };
	struct locked_value value = { .tag = 9, .highest = 50, .sum = 100, .refused = 7 };
	int from = make_locked(sizeof(value)), to = make_locked(64);
	struct map_move *moved = NULL;
	uint64_t whole[8];
	struct locked_value *there = (struct locked_value *)whole;

	(void)state;
	assert_int_equal(bpf_map_update_elem(from, &zero, &value, BPF_NOEXIST), 0);
	assert_int_equal(map_move_locked(from, to, &merging, &moved), 0);
	assert_int_equal(bpf_map_lookup_elem_flags(to, &zero, whole, BPF_F_LOCK), 0);
	assert_int_equal(there->sum, 100);
	assert_int_equal(there->tag, 9);
	there->sum += 1000; /* by the new one */
	there->refused += 2;
	whole[6] = 5;
	assert_int_equal(bpf_map_update_elem(to, &zero, whole, BPF_EXIST | BPF_F_LOCK), 0);
	value.sum += 11; /* by the old one */
	value.highest = 60;
	value.refused += 3;
	assert_int_equal(bpf_map_update_elem(from, &zero, &value, BPF_EXIST | BPF_F_LOCK), 0);
	meanwhile.map = to;
	meanwhile.changes = 20;
	settle(moved);
	assert_int_equal(bpf_map_lookup_elem_flags(to, &zero, whole, BPF_F_LOCK), 0);
	assert_int_equal(there->sum, 1131);
	assert_int_equal(there->highest, 60);
	assert_int_equal(there->refused, 12);
	assert_int_equal(there->tag, 9);
	assert_int_equal(whole[6], 5);
	/* Without knowing what it means: only what the new one has not changed. */
	moved = move(from, to);
	value.sum = 3;
	assert_int_equal(bpf_map_update_elem(from, &zero, &value, BPF_EXIST | BPF_F_LOCK), 0);
	settle(moved);
	assert_int_equal(bpf_map_lookup_elem_flags(to, &zero, whole, BPF_F_LOCK), 0);
	assert_int_equal(there->sum, 1131);
	close(from);
	close(to);
}

static void what_cannot_be_moved_is_refused(void **state)
{
	LIBBPF_OPTS(bpf_map_create_opts, unreadable, .map_flags = BPF_F_WRONLY);
	struct map_move *none;
	int array = make(BPF_MAP_TYPE_ARRAY, 4, 8), hash = make(BPF_MAP_TYPE_HASH, 4, 8);
	int queue = bpf_map_create(BPF_MAP_TYPE_QUEUE, "test", 0, 8, 2, NULL);
	int hidden = bpf_map_create(BPF_MAP_TYPE_HASH, "test", 4, 8, 2, &unreadable);

	(void)state;
	assert_int_equal(map_move_open(array, hash, &none), -EOPNOTSUPP);
	assert_int_equal(map_move_open(queue, queue, &none), -EOPNOTSUPP);
	assert_true(hidden >= 0);
	assert_int_equal(map_move_open(hidden, hash, &none), -EPERM);
	close(hidden);
	close(queue);
	close(hash);
	close(array);
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
		cmocka_unit_test(what_programs_write_is_moved),
		cmocka_unit_test(what_comes_and_goes_is_moved),
		cmocka_unit_test(many_elements_are_moved),
		cmocka_unit_test(counts_of_all_cpus_are_moved),
		cmocka_unit_test(flows_are_decided_again),
		cmocka_unit_test(values_with_locks_are_merged),
		cmocka_unit_test(what_cannot_be_moved_is_refused),
		cmocka_unit_test(no_count_is_lost_meanwhile),
	};

	return cmocka_run_group_tests_name("carrying counts", tests, start, stop);
}
