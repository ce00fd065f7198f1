// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/map_carry.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "kernel/map_info.h"

enum {
	WORD = sizeof(uint64_t),
	VALUE_MAX = 16384, /* bytes: what an instruction's offset reaches, with the key before it */
	KEY_MAX = 256, /* bytes */
	TRIES = 8,
	FRAME_INSTRUCTIONS = 24,
	INSTRUCTIONS_A_WORD = 4,
};

struct map_carry {
	int from, to; /* not owned */
	int arguments; /* an array of one: the key, filled up to a word, and what is to be added */
	int program;
	bool array;
	uint32_t key_size, entries, words, from_words, to_words, key_words;
	struct map_words apart;
	int cpus;
	uint64_t *values; /* of an element on all CPUs, of the larger map */
	uint64_t *wanted; /* in the first `key_words` the key, then what is to be added */
	uint64_t *before, *after; /* `words` each */
};

static bool is_apart(const struct map_carry *carry, uint32_t word)
{
	return word >= carry->apart.first && word - carry->apart.first < carry->apart.n;
}

static bool is_largest(const struct map_carry *carry, uint32_t word)
{
	return carry->apart.largest && is_apart(carry, word);
}

/* --- the program that adds ------------------------------------------------------------------- */

struct code {
	struct bpf_insn *at;
	uint32_t n;
};

static void emit(struct code *code, uint8_t operation, uint8_t to, uint8_t from, int16_t offset,
	int32_t value)
{
	code->at[code->n++] = (struct bpf_insn) {
		.code = operation, .dst_reg = to, .src_reg = from, .off = offset, .imm = value
	};
}

/* Looks a key, behind register 2, up in a map, and ends the program if it is not there. */
static void emit_lookup(struct code *code, int map)
{
	emit(code, BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map);
	emit(code, 0, 0, 0, 0, 0); /* the upper half of the constant */
	emit(code, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem);
	emit(code, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 2, 0);
	emit(code, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0);
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* An instruction adds: whatever counts on this CPU comes before it or after it. */
static void emit_word(struct code *code, const struct map_carry *carry, uint32_t word)
{
	int16_t at = (int16_t)(word * WORD), from = (int16_t)((carry->key_words + word) * WORD);

	if (is_apart(carry, word) && !carry->apart.largest)
		return;
	emit(code, BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_6, from, 0);
	if (is_largest(carry, word)) {
		emit(code, BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_2, BPF_REG_7, at, 0);
		emit(code, BPF_JMP | BPF_JGE | BPF_X, BPF_REG_2, BPF_REG_1, 1, 0);
		emit(code, BPF_STX | BPF_MEM | BPF_DW, BPF_REG_7, BPF_REG_1, at, 0);
	} else {
		emit(code, BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_7, BPF_REG_1, at, BPF_ADD);
	}
}

static int load_program(struct map_carry *carry)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options);
	struct code code = { .at = calloc(FRAME_INSTRUCTIONS + carry->words * INSTRUCTIONS_A_WORD,
				     sizeof(*code.at)) };

	if (code.at == NULL)
		return -ENOMEM;
	emit(&code, BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -WORD, 0);
	emit(&code, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_10, 0, 0);
	emit(&code, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, -WORD);
	emit_lookup(&code, carry->arguments);
	emit(&code, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, BPF_REG_0, 0, 0);
	emit(&code, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_0, 0, 0);
	emit_lookup(&code, carry->to);
	emit(&code, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_7, BPF_REG_0, 0, 0);
	for (uint32_t word = 0; word < carry->words; word++)
		emit_word(&code, carry, word);
	emit(&code, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0);
	emit(&code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	carry->program = bpf_prog_load(
		BPF_PROG_TYPE_RAW_TRACEPOINT, "x0_carry", "GPL", code.at, code.n, &options);
	int error = carry->program < 0 ? -errno : 0;
	free(code.at);
	return error;
}

/* --- preparing ------------------------------------------------------------------------------- */

static uint32_t words_of(uint32_t bytes)
{
	return (bytes + WORD - 1) / WORD;
}

static bool is_per_cpu(uint32_t type)
{
	return type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH ||
	       type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static int compare_maps(struct map_carry *carry)
{
	struct bpf_map_info from, to;
	int error = map_info_read(carry->from, &from);

	if (error == 0)
		error = map_info_read(carry->to, &to);
	if (error < 0)
		return error;
	uint32_t size = from.value_size < to.value_size ? from.value_size : to.value_size;
	if (from.type != to.type || !is_per_cpu(from.type) || from.key_size != to.key_size ||
		from.key_size > KEY_MAX || size % WORD != 0 || size > VALUE_MAX)
		return -EOPNOTSUPP;
	carry->array = from.type == BPF_MAP_TYPE_PERCPU_ARRAY;
	carry->key_size = from.key_size;
	carry->entries = from.max_entries < to.max_entries ? from.max_entries : to.max_entries;
	carry->words = size / WORD;
	carry->from_words = words_of(from.value_size);
	carry->to_words = words_of(to.value_size);
	carry->key_words = words_of(from.key_size);
	return 0;
}

static int make_room(struct map_carry *carry)
{
	uint32_t most = carry->from_words > carry->to_words ? carry->from_words : carry->to_words;

	carry->cpus = libbpf_num_possible_cpus();
	if (carry->cpus < 0)
		return carry->cpus;
	carry->values = calloc((size_t)carry->cpus * most, WORD);
	carry->wanted = calloc(carry->key_words + carry->words, WORD);
	carry->before = calloc(carry->words, WORD);
	carry->after = calloc(carry->words, WORD);
	return carry->values == NULL || carry->wanted == NULL || carry->before == NULL ||
			       carry->after == NULL
		       ? -ENOMEM
		       : 0;
}

int map_carry_open(int from, int to, struct map_words apart, struct map_carry **opened)
{
	struct map_carry *carry = calloc(1, sizeof(*carry));

	if (carry == NULL)
		return -ENOMEM;
	*carry = (struct map_carry) {
		.from = from, .to = to, .apart = apart, .arguments = -1, .program = -1
	};
	int error = compare_maps(carry);
	if (error == 0)
		error = make_room(carry);
	if (error == 0) {
		carry->arguments = bpf_map_create(BPF_MAP_TYPE_ARRAY, "x0_carry", sizeof(uint32_t),
			(carry->key_words + carry->words) * WORD, 1, NULL);
		error = carry->arguments < 0 ? -errno : load_program(carry);
	}
	if (error < 0) {
		map_carry_close(carry);
		return error;
	}
	*opened = carry;
	return 0;
}

void map_carry_close(struct map_carry *carry)
{
	if (carry == NULL)
		return;
	fd_close(&carry->program);
	fd_close(&carry->arguments);
	free(carry->values);
	free(carry->wanted);
	free(carry->before);
	free(carry->after);
	free(carry);
}

/* --- carrying -------------------------------------------------------------------------------- */

/* Reads an element: sums over the CPUs, and the largest where that counts. */
static int read_element(
	struct map_carry *carry, int map, uint32_t words, const void *key, uint64_t *totals)
{
	memset(totals, 0, carry->words * WORD);
	if (bpf_map_lookup_elem(map, key, carry->values) < 0)
		return -errno;
	for (int cpu = 0; cpu < carry->cpus; cpu++)
		for (uint32_t i = 0; i < carry->words; i++) {
			uint64_t value = carry->values[(size_t)cpu * words + i];
			if (!is_largest(carry, i))
				totals[i] += value;
			else if (value > totals[i])
				totals[i] = value;
		}
	return 0;
}

/* Returns whether anything of what is wanted is missing, and forgets the rest: a program that was interrupted between
 * its reading and its writing of a word has written over what was added. Counts only grow. */
static bool any_missing(struct map_carry *carry)
{
	uint64_t *wanted = carry->wanted + carry->key_words, any = 0;

	for (uint32_t i = 0; i < carry->words; i++) {
		uint64_t least = is_largest(carry, i) ? wanted[i] : carry->before[i] + wanted[i];
		if (wanted[i] == 0 || carry->after[i] >= least)
			wanted[i] = 0;
		any |= wanted[i];
	}
	return any != 0;
}

static int add_once(struct map_carry *carry, const void *key)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);
	uint32_t zero = 0;
	int error = read_element(carry, carry->to, carry->to_words, key, carry->before);

	if (error < 0)
		return error;
	if (bpf_map_update_elem(carry->arguments, &zero, carry->wanted, BPF_ANY) < 0)
		return -errno;
	error = bpf_prog_test_run_opts(carry->program, &options);
	return error < 0 ? error
			 : read_element(carry, carry->to, carry->to_words, key, carry->after);
}

static int carry_element(struct map_carry *carry, const void *key)
{
	uint64_t *wanted = carry->wanted + carry->key_words, any = 0;
	int error = read_element(carry, carry->from, carry->from_words, key, wanted);

	for (uint32_t i = 0; error == 0 && i < carry->words; i++) {
		if (is_apart(carry, i) && !carry->apart.largest)
			wanted[i] = 0;
		any |= wanted[i];
	}
	if (error < 0 || any == 0)
		return error == -ENOENT ? 0 : error; /* removed meanwhile */
	memcpy(carry->wanted, key, carry->key_size);
	if (!carry->array) {
		memset(carry->values, 0, (size_t)carry->cpus * carry->to_words * WORD);
		if (bpf_map_update_elem(carry->to, key, carry->values, BPF_NOEXIST) < 0 &&
			errno != EEXIST)
			return -errno;
	}
	for (int i = 0; i < TRIES; i++) {
		error = add_once(carry, key);
		if (error < 0 || !any_missing(carry))
			return error;
	}
	return -EAGAIN;
}

static int carry_array(struct map_carry *carry)
{
	int error = 0;

	for (uint32_t i = 0; i < carry->entries && error == 0; i++)
		error = carry_element(carry, &i);
	return error;
}

/* Bounds the walk: one that is deleted restarts it. */
static int carry_hash(struct map_carry *carry)
{
	uint8_t key[KEY_MAX], next[KEY_MAX];
	bool more = bpf_map_get_next_key(carry->from, NULL, key) == 0;
	int error = 0;

	for (uint32_t i = 0; more && i < carry->entries && error == 0; i++) {
		more = bpf_map_get_next_key(carry->from, key, next) == 0;
		error = carry_element(carry, key);
		memcpy(key, next, carry->key_size);
	}
	return error;
}

int map_carry_run(struct map_carry *carry)
{
	return carry->array ? carry_array(carry) : carry_hash(carry);
}
