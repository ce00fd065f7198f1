/* SPDX-License-Identifier: BSD-2-Clause */
/* kprobe_syscall_latency_secure in a snapshot: latencies with noise, for shared hosts. */
#ifndef X0_MODEL_SNAPSHOT_SYSCALLS_SECURE_H
#define X0_MODEL_SNAPSHOT_SYSCALLS_SECURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "model/counter.h"
#include "syscall_latency_secure.h"

struct snapshot_syscall_secure {
	char name[NAME_LEN];
	struct counter calls; /* published: a multiple of SECURE_STEP */
	struct counter errors;
	/* The coarse bucket that holds the quantile, as its upper bound in ns; NAN if none. */
	double p50, p90, p99;
	uint64_t buckets[SECURE_BUCKETS];
};

/* Computes the quantiles of its buckets. */
void syscall_secure_quantiles(struct snapshot_syscall_secure *call);

struct snapshot_syscalls_secure {
	bool available;
	char attached[NAME_LEN];
	char left_out[CALL_LIST_LEN]; /* calls of the default list that this machine lacks */
	char calls_32bit[NAME_LEN]; /* "measured" or "not seen" */
	uint64_t step; /* counts below this are withheld; COUNT_UNKNOWN: it does not run */
	double epsilon; /* of the noise: ln(1/alpha) a bucket */
	uint32_t n_calls;
	struct snapshot_syscall_secure calls[SYSCALLS_MAX];
};

extern const struct field syscalls_secure_fields[];

#endif
