// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot_syscalls.h"

#include <math.h>

#include "model/field_rows.h"
#include "model/quantile.h"
#include "model/rate.h"

static void recent_follows(const void *now, const void *before, void *quantiles)
{
	const struct snapshot_syscall *call = now, *old = before;
	uint64_t recent[LATENCY_BUCKETS];

	for (uint32_t i = 0; i < LATENCY_BUCKETS; i++)
		recent[i] = counter_increase(call->buckets[i], old ? old->buckets[i] : 0);
	quantiles_compute(recent, call->max_ns, quantiles);
}

static void overall_follows(const void *now, const void *before, void *quantiles)
{
	const struct snapshot_syscall *call = now;

	(void)before;
	quantiles_compute(call->buckets, call->max_ns, quantiles);
}

void syscall_quantiles(struct snapshot_syscall *call, const struct snapshot_syscall *before)
{
	recent_follows(call, before, &call->recent);
	overall_follows(call, before, &call->overall);
}

void syscall_mean(struct snapshot_syscall *call, const struct snapshot_syscall *before)
{
	const uint64_t calls =
		counter_increase(call->calls.total, before ? before->calls.total : 0);
	const uint64_t ns = counter_increase(call->total_ns, before ? before->total_ns : 0);

	call->mean_ns = calls > 0 ? (double)ns / (double)calls : NAN;
}

static double latency_bucket_upper(uint32_t bucket)
{
	return latency_bucket_lower(bucket + 1);
}

static const struct field syscall_fields[] = {
	TEXT(snapshot_syscall, name, "Name of the system call", .label = "call"),
	COUNTER(snapshot_syscall, calls, "calls", "Calls that returned"),
	COUNTER(snapshot_syscall, errors, "calls", "Calls that returned an error"),
	NUMBER(snapshot_syscall, total_ns, FIELD_UINT64, "Latency of all calls since start",
		.unit = "ns", .metric = ""),
	NUMBER(snapshot_syscall, mean_ns, FIELD_DOUBLE, "Mean latency since the last sample",
		.nullable = true, .unit = "ns"),
	NUMBER(snapshot_syscall, max_ns, FIELD_DOUBLE, "Longest latency since start",
		.nullable = true, .unit = "ns"),
	STRUCT(snapshot_syscall, recent, quantiles_fields, "Latency since the last sample",
		.follows = recent_follows),
	STRUCT(snapshot_syscall, overall, quantiles_fields, "Latency since start",
		.follows = overall_follows),
	HISTOGRAM(snapshot_syscall, buckets, latency_bucket_upper, "calls",
		"Calls since start by latency",
		.n_offset = offsetof(struct snapshot_syscall, total_ns), .metric = "latency"),
	END,
};

static const struct field slow_call_fields[] = {
	NUMBER(snapshot_slow_call, time, FIELD_DOUBLE, "Time of its return",
		.unit = "s since 1970"),
	TEXT(snapshot_slow_call, name, "Name of the system call", .label = "call"),
	NUMBER(snapshot_slow_call, pid, FIELD_UINT32, "Process that called"),
	NUMBER(snapshot_slow_call, thread, FIELD_UINT32, "Thread that called", .label = "thread"),
	TEXT(snapshot_slow_call, command, "Name of the process"),
	NUMBER(snapshot_slow_call, latency_ns, FIELD_DOUBLE, "Latency", .unit = "ns"),
	NUMBER(snapshot_slow_call, result, FIELD_INT64,
		"Value that it returned; a negative errno if it failed"),
	END,
};

const struct field syscalls_fields[] = {
	NUMBER(snapshot_syscalls, available, FIELD_BOOL, "Whether system calls are traced"),
	TEXT(snapshot_syscalls, attached, "How they are traced: kprobe or tracepoint"),
	TEXT(snapshot_syscalls, left_out,
		"Calls of the default list that this machine lacks, separated by commas"),
	TEXT(snapshot_syscalls, calls_32bit,
		"Whether the same calls of 32-bit programs count: measured, or not seen"),
	LIST(snapshot_syscalls, calls, syscall_fields, "The system calls traced"),
	LIST(snapshot_syscalls, slowest, slow_call_fields,
		"The slowest calls of the last minute, slowest first"),
	END,
};
