// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Measures system call latency on shared hosts, whose users must not learn from each other's
 * timing. No latency, pid or command leaves the kernel, and it sends no event.
 *
 * Method: maps the latency to one of SECURE_BUCKETS coarse buckets (powers of four), shifts the
 * bucket's index by discrete Laplace noise, clamps it to the range, and counts it in
 * `secure_residues`. Moves SECURE_STEP counts of a bucket and CPU to `secure_published`, so that
 * user space reads multiples of SECURE_STEP and nothing else.
 *
 * Protects the bucket of a single call from readers of the published counts: for each bucket of
 * distance between two latencies, the odds of any outcome differ by at most 1/alpha = 10 (epsilon =
 * ln 10 = 2.3 per bucket and call; the truncation at +-SECURE_NOISE_MAX adds a delta of 2e-9). Rare
 * calls stay invisible until there are SECURE_STEP of them.
 *
 * Publishes errors in steps, without noise: they are no timing.
 *
 * Does not protect the distribution of a very frequent call: the odds multiply over calls, and the
 * histogram exists to show it. Shows that many calls were made. Takes noise from the kernel's
 * pseudo-random bpf_get_prandom_u32(), not from a cryptographic source. Protects against readers of
 * x0top's output and of the maps' descriptors only: CAP_SYS_ADMIN can open the maps by id, and
 * whoever may load tracing programs can time every call without this one.
 *
 * Beside kprobe_syscall_latency, by tracepoints, it takes the calls from that one's pair.
 *
 * Costs: quantiles are exact to one coarse bucket, a factor of four, at best; up to SECURE_STEP - 1
 * calls per bucket and CPU are not shown yet; the in-flight state is a bounded LRU hash, slower
 * than task storage and the same on every kernel.
 */
#define SYSCALL_FOLLOWS
#include "discrete_laplace.bpf.h"
#include "license.bpf.h"
#include "log2.bpf.h"
#include "syscall_latency_secure.h"
#include "syscall_trace.bpf.h"

/* Counts below SECURE_STEP, which user space's file descriptor cannot read. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SYSCALLS_MAX);
	__uint(map_flags, BPF_F_WRONLY);
	__type(key, __u32);
	__type(value, struct secure_stats);
} secure_residues SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SYSCALLS_MAX);
	__uint(map_flags, BPF_F_RDONLY);
	__type(key, __u32);
	__type(value, struct secure_stats);
} secure_published SEC(".maps");

static __always_inline __u32 coarse_bucket(__u64 latency)
{
	__u32 bucket;

	if (latency < 1 << SECURE_FIRST_SHIFT)
		return 0;
	bucket = 1 + ((log2_floor(latency) - SECURE_FIRST_SHIFT) >> 1);
	return bucket < SECURE_BUCKETS ? bucket : SECURE_BUCKETS - 1;
}

static __always_inline __u32 noisy_bucket(__u64 latency)
{
	int bucket = (int)coarse_bucket(latency) + discrete_laplace(bpf_get_prandom_u32());

	if (bucket < 0)
		return 0;
	return bucket < SECURE_BUCKETS ? bucket : SECURE_BUCKETS - 1;
}

/* Returns whether a count is full: then it is to be published, and is empty again. */
static __always_inline bool is_full(__u64 *residue)
{
	if (++*residue < SECURE_STEP)
		return false;
	*residue = 0;
	return true;
}

static __always_inline void publish_call(__u32 slot, __u32 bucket)
{
	struct secure_stats *published = bpf_map_lookup_elem(&secure_published, &slot);

	if (published)
		published->buckets[bucket] += SECURE_STEP;
}

static __always_inline void publish_error(__u32 slot)
{
	struct secure_stats *published = bpf_map_lookup_elem(&secure_published, &slot);

	if (published)
		published->errors += SECURE_STEP;
}

static __always_inline void syscall_record(const struct syscall_ended *call)
{
	__u32 slot = call->slot;
	struct secure_stats *residues = bpf_map_lookup_elem(&secure_residues, &slot);
	__u32 bucket = noisy_bucket(call->latency);

	if (!residues || bucket >= SECURE_BUCKETS)
		return;
	if (is_full(&residues->buckets[bucket]))
		publish_call(slot, bucket);
	if ((__u64)call->result >= (__u64)-ERRNO_MAX && is_full(&residues->errors))
		publish_error(slot);
}
