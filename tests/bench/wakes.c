// SPDX-License-Identifier: BSD-2-Clause
/*
 * How often a service is woken, with the processes that it has forked, by others than themselves: by timers, packets,
 * threads of the kernel. What they answer each other happens within one wake. The scheduler's own counts
 * (voluntary_ctxt_switches) have all of that, and locks, as many as chance makes of them.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <linux/bpf.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "bench.h"

enum { PROCESSES = 16, CODE_MAX = 64 };

/* On the stack of the program: the id of a process. */
enum { KEY = -4 };

struct code {
	struct bpf_insn list[CODE_MAX];
	unsigned int n;
};

static void emit(struct code *code, int op, int destination, int source, int offset, int32_t imm)
{
	code->list[code->n++] = (struct bpf_insn) { .code = (uint8_t)op,
		.dst_reg = (uint8_t)destination & 15,
		.src_reg = (uint8_t)source & 15,
		.off = (int16_t)offset,
		.imm = imm };
}

static void emit_end(struct code *code)
{
	emit(code, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0);
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void emit_key(struct code *code, int destination)
{
	emit(code, BPF_ALU64 | BPF_MOV | BPF_X, destination, BPF_REG_10, 0, 0);
	emit(code, BPF_ALU64 | BPF_ADD | BPF_K, destination, 0, 0, KEY);
}

/* Looks the id on the stack up, and ends unless that is `found`. */
static void emit_look_up(struct code *code, int map, bool found)
{
	enum { END = 2 }; /* instructions of emit_end() */

	emit(code, BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map);
	emit(code, 0, 0, 0, 0, 0);
	emit_key(code, BPF_REG_2);
	emit(code, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem);
	emit(code, BPF_JMP | (found ? BPF_JNE : BPF_JEQ) | BPF_K, BPF_REG_0, 0, END, 0);
	emit_end(code);
}

/* Returns the place of the process's id in what the kernel knows of a thread, or -1. */
static int find_id(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	const int type =
		btf != NULL ? btf__find_by_name_kind(btf, "task_struct", BTF_KIND_STRUCT) : -1;
	const struct btf_type *task = type > 0 ? btf__type_by_id(btf, (uint32_t)type) : NULL;
	int place = -1;

	for (uint32_t i = 0; task != NULL && i < btf_vlen(task); i++)
		if (strcmp(btf__name_by_offset(btf, btf_members(task)[i].name_off), "tgid") == 0)
			place = (int)(btf_member_bit_offset(task, i) / 8);
	btf__free(btf);
	return place;
}

/* Loads what counts the wakes of the processes in a map by others. Returns its descriptor or a negative number. */
static int load(int map)
{
	struct code code = { .n = 0 };
	const int id = find_id();

	if (id < 0)
		return -1;
	emit(&code, BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_6, BPF_REG_1, 0, 0); /* who is woken */
	emit(&code, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_current_pid_tgid);
	emit(&code, BPF_ALU64 | BPF_RSH | BPF_K, BPF_REG_0, 0, 0, 32);
	emit(&code, BPF_STX | BPF_MEM | BPF_W, BPF_REG_10, BPF_REG_0, KEY, 0);
	emit_look_up(&code, map, false);
	emit_key(&code, BPF_REG_1);
	emit(&code, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, sizeof(uint32_t));
	emit(&code, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_3, BPF_REG_6, 0, 0);
	emit(&code, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_3, 0, 0, id);
	emit(&code, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_probe_read_kernel);
	emit_look_up(&code, map, true);
	emit(&code, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, 1);
	emit(&code, BPF_STX | BPF_DW | BPF_XADD, BPF_REG_0, BPF_REG_1, 0, 0);
	emit_end(&code);
	return bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "wakes", "GPL", code.list, code.n, NULL);
}

/* Adds a process and those that it has forked. Returns their number. */
static uint32_t add_processes(int map, pid_t pid)
{
	const uint64_t none = 0;
	uint32_t key = (uint32_t)pid, n = 0;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return 0;
	do
		n += bpf_map_update_elem(map, &key, &none, BPF_ANY) == 0;
	while (fscanf(file, "%u", &key) == 1);
	fclose(file);
	return n;
}

static double sum_of(int map)
{
	uint32_t key, next;
	uint64_t count;
	double sum = 0;

	for (int error = bpf_map_get_next_key(map, NULL, &next); error == 0;
		error = bpf_map_get_next_key(map, &key, &next)) {
		key = next;
		sum += bpf_map_lookup_elem(map, &key, &count) == 0 ? (double)count : 0;
	}
	return sum;
}

double bench_wakes(pid_t pid, unsigned int seconds)
{
	int map = bpf_map_create(
		BPF_MAP_TYPE_HASH, "wakes", sizeof(uint32_t), sizeof(uint64_t), PROCESSES, NULL);
	int program = map >= 0 ? load(map) : -1;
	int link = program >= 0 ? bpf_raw_tracepoint_open("sched_waking", program) : -1;
	double wakes = NAN;

	if (link >= 0 && add_processes(map, pid) > 0) {
		sleep(seconds);
		wakes = sum_of(map) / seconds;
	}
	fd_close(&link);
	fd_close(&program);
	fd_close(&map);
	return wakes;
}
