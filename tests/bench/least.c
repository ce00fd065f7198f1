// SPDX-License-Identifier: BSD-2-Clause
#include "least.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"

static const struct bpf_insn empty[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

static const struct bpf_insn clock[] = {
	{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_ktime_get_ns },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

static const struct {
	const struct bpf_insn *code;
	size_t length;
} programs[] = {
	[LEAST_EMPTY] = { empty, sizeof(empty) / sizeof(empty[0]) },
	[LEAST_CLOCK] = { clock, sizeof(clock) / sizeof(clock[0]) },
};

static int attach_raw(int program, const char *tracepoint)
{
	return bpf_raw_tracepoint_open(tracepoint, program);
}

/* Attaches to a tracepoint of a system call by its number in tracefs. Returns the perf event, or -1 with errno. */
static int attach_call(int program, const char *tracepoint)
{
	struct perf_event_attr attributes = { .type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attributes) };
	unsigned long long id = 0;
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/tracing/events/syscalls/%s/id", tracepoint);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return -1;
	int n = fscanf(file, "%llu", &id);
	fclose(file);
	if (n != 1)
		return -1;
	attributes.config = id;
	int event = (int)syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (event >= 0 && ioctl(event, PERF_EVENT_IOC_SET_BPF, program) < 0)
		fd_close(&event);
	return event;
}

static const struct {
	enum bpf_prog_type type;
	int (*attach)(int program, const char *tracepoint);
	const char *tracepoints[2];
} places[] = {
	[LEAST_ALL_CALLS] = { BPF_PROG_TYPE_RAW_TRACEPOINT, attach_raw,
		{ "sys_exit", "sys_enter" } },
	[LEAST_READ_ALONE] = { BPF_PROG_TYPE_TRACEPOINT, attach_call,
		{ "sys_exit_read", "sys_enter_read" } },
	[LEAST_PACKETS] = { BPF_PROG_TYPE_RAW_TRACEPOINT, attach_raw,
		{ "net_dev_xmit", "netif_receive_skb" } },
};

bool least_attach(struct least *least, enum least_program program, enum least_place place,
	char *why, size_t size)
{
	*least = (struct least)LEAST_NONE;
	least->program = bpf_prog_load(places[place].type, "least", "GPL", programs[program].code,
		programs[program].length, NULL);
	for (int i = 0; i < 2 && least->program >= 0; i++) {
		least->links[i] =
			places[place].attach(least->program, places[place].tracepoints[i]);
		if (least->links[i] < 0)
			break;
	}
	if (least->links[1] >= 0)
		return true;
	snprintf(why, size, "no program at the tracepoints: %s", strerror(errno));
	return false;
}

void least_detach(struct least *least)
{
	for (int i = 0; i < 2; i++)
		fd_close(&least->links[i]);
	fd_close(&least->program);
}
