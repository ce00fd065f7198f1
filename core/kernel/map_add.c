// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/map_add.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "kernel/code.h"

enum {
	WORD = sizeof(uint64_t),
	HALF = sizeof(uint32_t),
	FRAME_INSTRUCTIONS = 24,
	INSTRUCTIONS_A_WORD = 4,
};

bool map_words_have(struct map_words words, uint32_t word)
{
	return word >= words.first && word - words.first < words.n;
}

/* --- the program ------------------------------------------------------------------------------ */

/* An instruction adds: whatever counts on this CPU comes before it or after it. */
static void emit_word(struct code *code, const struct map_add *add, uint32_t word, uint32_t bytes,
	struct map_words apart)
{
	int16_t at = (int16_t)(word * WORD), from = (int16_t)((add->key_words + word) * WORD);
	const uint8_t size = bytes - word * WORD < WORD ? BPF_W : BPF_DW;
	const bool is_apart = map_words_have(apart, word);

	if (is_apart && !apart.largest)
		return;
	code_emit(code, BPF_LDX | BPF_MEM | size, BPF_REG_1, BPF_REG_6, from, 0);
	if (is_apart) {
		code_emit(code, BPF_LDX | BPF_MEM | size, BPF_REG_2, BPF_REG_7, at, 0);
		code_emit(code, BPF_JMP | BPF_JGE | BPF_X, BPF_REG_2, BPF_REG_1, 1, 0);
		code_emit(code, BPF_STX | BPF_MEM | size, BPF_REG_7, BPF_REG_1, at, 0);
	} else {
		code_emit(code, BPF_STX | BPF_ATOMIC | size, BPF_REG_7, BPF_REG_1, at, BPF_ADD);
	}
}

static int load_program(struct map_add *add, int map, uint32_t bytes, struct map_words apart)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options);
	struct code code = { .at = calloc(FRAME_INSTRUCTIONS + add->n * INSTRUCTIONS_A_WORD,
				     sizeof(*code.at)) };

	if (code.at == NULL)
		return -ENOMEM;
	code_emit_element(&code, add->arguments, map);
	for (uint32_t word = 0; word < add->n; word++)
		emit_word(&code, add, word, bytes, apart);
	code_emit(&code, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0);
	code_emit(&code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	add->program = bpf_prog_load(
		BPF_PROG_TYPE_RAW_TRACEPOINT, "x0_carry", "GPL", code.at, code.n, &options);
	int error = add->program < 0 ? -errno : 0;
	free(code.at);
	return error;
}

/* --- life ------------------------------------------------------------------------------------- */

int map_add_open(
	struct map_add *add, int map, uint32_t key_size, uint32_t bytes, struct map_words apart)
{
	*add = (struct map_add)MAP_ADD_NONE;
	add->key_size = key_size;
	add->key_words = (key_size + WORD - 1) / WORD;
	add->n = bytes / WORD + (bytes % WORD >= HALF);
	add->element = calloc(add->key_words + add->n + 1, WORD);
	if (add->element == NULL)
		return -ENOMEM;
	add->words = add->element + add->key_words;
	add->arguments = bpf_map_create(BPF_MAP_TYPE_ARRAY, "x0_carry", sizeof(uint32_t),
		(add->key_words + add->n) * WORD, 1, NULL);
	return add->arguments < 0 ? -errno : load_program(add, map, bytes, apart);
}

int map_add_run(struct map_add *add, const void *key)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);
	const uint32_t zero = 0;

	memcpy(add->element, key, add->key_size);
	if (bpf_map_update_elem(add->arguments, &zero, add->element, BPF_ANY) < 0)
		return -errno;
	return bpf_prog_test_run_opts(add->program, &options);
}

void map_add_close(struct map_add *add)
{
	fd_close(&add->program);
	fd_close(&add->arguments);
	free(add->element);
	*add = (struct map_add)MAP_ADD_NONE;
}
