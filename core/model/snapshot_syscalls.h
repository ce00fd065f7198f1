/* SPDX-License-Identifier: BSD-2-Clause */
/* kprobe_syscall_latency in a snapshot: how long system calls take. */
#ifndef X0_MODEL_SNAPSHOT_SYSCALLS_H
#define X0_MODEL_SNAPSHOT_SYSCALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "model/counter.h"
#include "syscall_latency.h"

struct snapshot_syscall {
	char name[NAME_LEN];
	struct counter calls;
	struct counter errors;
	uint64_t total_ns; /* of the calls since start */
	double mean_ns; /* of the calls since the last sample; NAN without */
	double max_ns; /* since start; NAN without calls */
	struct quantiles recent; /* of the calls since the last sample */
	struct quantiles overall; /* of all calls since start */
	uint64_t buckets[LATENCY_BUCKETS]; /* since start */
};

/* Computes the quantiles, recent and overall, of its histogram and of the one before, NULL: none. */
void syscall_quantiles(struct snapshot_syscall *call, const struct snapshot_syscall *before);

/* Computes the mean since the call before, NULL: since start; NAN without calls. */
void syscall_mean(struct snapshot_syscall *call, const struct snapshot_syscall *before);

struct snapshot_slow_call {
	double time; /* seconds since 1970 */
	char name[NAME_LEN];
	uint32_t pid;
	uint32_t thread;
	char command[16];
	double latency_ns;
	int64_t result;
};

#define SLOW_CALLS_KEPT 32

struct snapshot_syscalls {
	bool available;
	char attached[NAME_LEN]; /* "kprobe" or "tracepoint" */
	char left_out[CALL_LIST_LEN]; /* calls of the default list that this machine lacks */
	char calls_32bit[NAME_LEN]; /* "measured" or "not seen" */
	uint32_t n_calls;
	uint32_t n_slowest;
	struct snapshot_slow_call slowest[SLOW_CALLS_KEPT]; /* slowest first, of the last minute */
	struct snapshot_syscall calls[SYSCALLS_MAX];
};

extern const struct field syscalls_fields[];

#endif
