/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes small BPF programs, instruction by instruction. */
#ifndef X0_KERNEL_CODE_H
#define X0_KERNEL_CODE_H

#include <linux/bpf.h>
#include <stdint.h>

struct code {
	struct bpf_insn *at; /* with room for all; the caller's */
	uint32_t n;
};

static inline void code_emit(struct code *code, uint8_t operation, uint8_t to, uint8_t from,
	int16_t offset, int32_t value)
{
	code->at[code->n++] = (struct bpf_insn) {
		.code = operation, .dst_reg = to, .src_reg = from, .off = offset, .imm = value
	};
}

/* Looks a key, behind register 2, up in a map, and ends the program with 0 if it is not there; 6 instructions. */
static inline void code_emit_lookup(struct code *code, int map)
{
	code_emit(code, BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map);
	code_emit(code, 0, 0, 0, 0, 0); /* the upper half of the constant */
	code_emit(code, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem);
	code_emit(code, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 2, 0);
	code_emit(code, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0);
	code_emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Finds the element of `map` whose key is at the beginning of the only one of the array `arguments`, and ends the program
 * with 0 if it is not there. The arguments are behind register 6 then, and the element behind 7; 18 instructions. */
static inline void code_emit_element(struct code *code, int arguments, int map)
{
	code_emit(code, BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -8, 0);
	code_emit(code, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_10, 0, 0);
	code_emit(code, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, -8);
	code_emit_lookup(code, arguments);
	code_emit(code, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, BPF_REG_0, 0, 0);
	code_emit(code, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_0, 0, 0);
	code_emit_lookup(code, map);
	code_emit(code, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_7, BPF_REG_0, 0, 0);
}

#endif
