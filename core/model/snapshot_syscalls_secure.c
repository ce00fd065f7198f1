// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot_syscalls_secure.h"

#include <math.h>

#include "model/field_rows.h"
#include "model/quantile.h"

static double quantile_upper(const double estimate[SECURE_BUCKETS], double q)
{
	int bucket = coarse_quantile(estimate, q);

	return bucket < 0 ? NAN : coarse_bucket_upper((uint32_t)bucket);
}

void syscall_secure_quantiles(struct snapshot_syscall_secure *call)
{
	double estimate[SECURE_BUCKETS];

	coarse_estimate(call->buckets, estimate);
	call->p50 = quantile_upper(estimate, 0.5);
	call->p90 = quantile_upper(estimate, 0.9);
	call->p99 = quantile_upper(estimate, 0.99);
}

#define UPPER_BOUND_OF(share) \
	"Upper bound of the coarse bucket that holds the " share "; null without"

static const struct field syscall_secure_fields[] = {
	TEXT(snapshot_syscall_secure, name, "Name of the system call", .label = "call"),
	COUNTER(snapshot_syscall_secure, calls, "calls", "Calls published: a multiple of the step"),
	COUNTER(snapshot_syscall_secure, errors, "calls",
		"Calls that returned an error: a multiple of the step"),
	NUMBER(snapshot_syscall_secure, p50, FIELD_DOUBLE, UPPER_BOUND_OF("median"),
		.nullable = true, .unit = "ns", .metric = ""),
	NUMBER(snapshot_syscall_secure, p90, FIELD_DOUBLE, UPPER_BOUND_OF("90 % quantile"),
		.nullable = true, .unit = "ns", .metric = ""),
	NUMBER(snapshot_syscall_secure, p99, FIELD_DOUBLE, UPPER_BOUND_OF("99 % quantile"),
		.nullable = true, .unit = "ns", .metric = ""),
	HISTOGRAM(snapshot_syscall_secure, buckets, coarse_bucket_upper, "calls",
		"Calls published by latency, with noise", .metric = "latency"),
	END,
};

const struct field syscalls_secure_fields[] = {
	NUMBER(snapshot_syscalls_secure, available, FIELD_BOOL, "Whether system calls are traced"),
	TEXT(snapshot_syscalls_secure, attached, "How they are traced: kprobe or tracepoint"),
	TEXT(snapshot_syscalls_secure, left_out,
		"Calls of the default list that this machine lacks, separated by commas"),
	TEXT(snapshot_syscalls_secure, calls_32bit,
		"Whether the same calls of 32-bit programs count: measured, or not seen"),
	NUMBER(snapshot_syscalls_secure, step, FIELD_UINT64, "Smallest count that is published",
		.nullable = true, .unit = "calls"),
	NUMBER(snapshot_syscalls_secure, epsilon, FIELD_DOUBLE,
		"Differential privacy of a call: epsilon of the noise", .nullable = true),
	LIST(snapshot_syscalls_secure, calls, syscall_secure_fields, "The system calls traced"),
	END,
};
