// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/map_swap.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "kernel/code.h"

enum {
	WORD = sizeof(uint64_t),
	FRAME_INSTRUCTIONS = 40,
	COMPARING_INSTRUCTIONS = 3,
	STORING_INSTRUCTIONS = 2,
};

/* Calls a helper with the lock, the beginning of the element. */
static void emit_lock(struct code *code, int32_t helper)
{
	code_emit(code, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_7, 0, 0);
	code_emit(code, BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

static void emit_end(struct code *code, int32_t result)
{
	emit_lock(code, BPF_FUNC_spin_unlock);
	code_emit(code, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, result);
	code_emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void emit_swap(struct code *code, const struct map_swap *swap, uint32_t added)
{
	const uint32_t compared = added < swap->n ? added : swap->n;

	for (uint32_t word = 1; word < compared; word++) {
		/* To the end without a change, behind what compares and stores the rest. */
		const uint32_t behind = COMPARING_INSTRUCTIONS * (compared - word - 1) +
					STORING_INSTRUCTIONS * (swap->n - 1) + 4;
		code_emit(code, BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_6,
			(int16_t)((swap->key_words + word) * WORD), 0);
		code_emit(code, BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_2, BPF_REG_7,
			(int16_t)(word * WORD), 0);
		code_emit(
			code, BPF_JMP | BPF_JNE | BPF_X, BPF_REG_1, BPF_REG_2, (int16_t)behind, 0);
	}
	for (uint32_t word = 1; word < swap->n; word++) {
		code_emit(code, BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_6,
			(int16_t)((swap->key_words + swap->n + word) * WORD), 0);
		code_emit(code, BPF_STX | (word < added ? BPF_MEM : BPF_ATOMIC) | BPF_DW, BPF_REG_7,
			BPF_REG_1, (int16_t)(word * WORD), word < added ? 0 : BPF_ADD);
	}
	emit_end(code, 1);
	emit_end(code, 0);
}

static int load_program(struct map_swap *swap, int map, uint32_t added)
{
	struct code code = { .at = calloc(
				     FRAME_INSTRUCTIONS + swap->n * (COMPARING_INSTRUCTIONS +
									    STORING_INSTRUCTIONS),
				     sizeof(*code.at)) };

	if (code.at == NULL)
		return -ENOMEM;
	code_emit_element(&code, swap->arguments, map);
	emit_lock(&code, BPF_FUNC_spin_lock);
	emit_swap(&code, swap, added);
	/* No tracing program may have a lock. */
	swap->program =
		bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "x0_carry", "GPL", code.at, code.n, NULL);
	int error = swap->program < 0 ? -errno : 0;
	free(code.at);
	return error;
}

static size_t element_size(const struct map_swap *swap)
{
	return (size_t)(swap->key_words + 2 * swap->n) * WORD;
}

int map_swap_open(struct map_swap *swap, int map, uint32_t key_size, uint32_t n, uint32_t added)
{
	*swap = (struct map_swap)MAP_SWAP_NONE;
	swap->key_size = key_size;
	swap->key_words = (key_size + WORD - 1) / WORD;
	swap->n = n;
	if (element_size(swap) > INT16_MAX)
		return -E2BIG;
	swap->element = calloc(1, element_size(swap));
	if (swap->element == NULL)
		return -ENOMEM;
	swap->expected = swap->element + swap->key_words;
	swap->wanted = swap->expected + n;
	swap->arguments = bpf_map_create(BPF_MAP_TYPE_ARRAY, "x0_carry", sizeof(uint32_t),
		(uint32_t)element_size(swap), 1, NULL);
	return swap->arguments < 0 ? -errno : load_program(swap, map, added);
}

int map_swap_run(struct map_swap *swap, const void *key)
{
	const uint8_t frame[ETH_HLEN] = { 0 };
	const uint32_t zero = 0;
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame));

	memcpy(swap->element, key, swap->key_size);
	if (bpf_map_update_elem(swap->arguments, &zero, swap->element, BPF_ANY) < 0)
		return -errno;
	int error = bpf_prog_test_run_opts(swap->program, &options);
	return error < 0 ? error : options.retval == 1;
}

void map_swap_close(struct map_swap *swap)
{
	const uint32_t zero = 0;

	if (swap->element != NULL) {
		explicit_bzero(swap->element, element_size(swap));
		bpf_map_update_elem(swap->arguments, &zero, swap->element, BPF_ANY);
	}
	fd_close(&swap->program);
	fd_close(&swap->arguments);
	free(swap->element);
	*swap = (struct map_swap)MAP_SWAP_NONE;
}
