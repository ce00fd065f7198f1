// SPDX-License-Identifier: BSD-2-Clause
/*
 * How often a service wakes, with the processes that it has forked: how often they begin to wait for events, in
 * epoll or poll. A question to a process of its own is answered within one wake, and waited for in recv().
 * The kernel's own counts of what a process waits for (voluntary_ctxt_switches) have these, too, and locks, as
 * many as the scheduler makes of them.
 */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "bench.h"

enum { PROCESSES = 16, CODE_MAX = 64 };

/* Calls that wait for events. */
static const int calls[] = {
#ifdef SYS_epoll_wait
	SYS_epoll_wait,
#endif
#ifdef SYS_poll
	SYS_poll,
#endif
	SYS_epoll_pwait,
	SYS_ppoll,
};

enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

/* On the stack of the program: what the helper writes, and the key of the map is its second half. */
enum { NAMESPACE_PID = -8, KEY = -4 };

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

static void emit_number(struct code *code, int destination, uint64_t number)
{
	emit(code, BPF_LD | BPF_DW | BPF_IMM, destination, 0, 0, (int32_t)number);
	emit(code, 0, 0, 0, 0, (int32_t)(number >> 32));
}

static void emit_end(struct code *code)
{
	emit(code, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0);
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Adds 1 to what a map has under the id of this process in its namespace, if it has that. */
static void emit_count(struct code *code, int map, const struct stat *namespace)
{
	enum { END = 2 }; /* instructions of emit_end() */

	emit_number(code, BPF_REG_1, namespace->st_dev);
	emit_number(code, BPF_REG_2, namespace->st_ino);
	emit(code, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_3, BPF_REG_10, 0, 0);
	emit(code, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_3, 0, 0, NAMESPACE_PID);
	emit(code, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_4, 0, 0, sizeof(struct bpf_pidns_info));
	emit(code, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_ns_current_pid_tgid);
	emit(code, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, END, 0);
	emit_end(code);
	emit(code, BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map);
	emit(code, 0, 0, 0, 0, 0);
	emit(code, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_10, 0, 0);
	emit(code, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, KEY);
	emit(code, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem);
	emit(code, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, END, 0);
	emit_end(code);
	emit(code, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, 1);
	emit(code, BPF_STX | BPF_DW | BPF_XADD, BPF_REG_0, BPF_REG_1, 0, 0);
	emit_end(code);
}
_Static_assert(sizeof(struct bpf_pidns_info) == 8, "pid and tgid are the 8 bytes on the stack");

/* Loads what counts the calls at their entry. Returns its descriptor or a negative errno. */
static int load(int map)
{
	struct code code = { .n = 0 };
	struct stat namespace;

	if (stat("/proc/self/ns/pid", &namespace) < 0)
		return -1;
	/* The second argument is the call's number. */
	emit(&code, BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_6, BPF_REG_1, sizeof(uint64_t), 0);
	for (int i = 0; i < CALLS; i++)
		emit(&code, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_6, 0, CALLS - i - 1 + 2, calls[i]);
	emit_end(&code);
	emit_count(&code, map, &namespace);
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
	int link = program >= 0 ? bpf_raw_tracepoint_open("sys_enter", program) : -1;
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
