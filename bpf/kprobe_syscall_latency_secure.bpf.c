// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Latency of system calls on hosts that are shared by people who must not learn from each other's
 * timing. No latency, pid or command leaves the kernel, and no event is sent.
 *
 * What is done to a call: its latency becomes one of SECURE_BUCKETS coarse buckets (powers of four);
 * the bucket's index is moved by discrete Laplace noise and clamped to the range; the count of that
 * bucket rises in `secure_residues`, and goes over to `secure_published` when SECURE_STEP have come
 * together on this CPU. So user space reads multiples of SECURE_STEP and nothing else.
 *
 * What it protects: who reads the published counts cannot tell within which bucket a single call
 * fell: for each bucket of distance between two latencies, the odds of any outcome differ by the
 * factor 1/alpha = 10 at most (epsilon = ln 10 = 2.3 a bucket, for one call; the cut at
 * +-SECURE_NOISE_MAX adds a delta of 2e-9). Rare calls stay invisible: that a call was made at all
 * shows only when SECURE_STEP of them have gathered.
 *
 * Errors are no timing: they are published in steps, without noise.
 *
 * What it does not: the odds multiply over calls, so the distribution of a call that somebody makes
 * very often becomes known, which is what the histogram is for. That many calls were made is
 * visible. The noise comes from the kernel's pseudo-random bpf_get_prandom_u32(), not from a
 * cryptographic source. The protection is against those who read x0top's output and the maps'
 * descriptors: whoever holds CAP_SYS_ADMIN can open the maps by id, and whoever may load tracing
 * programs can time every call without this one.
 *
 * What it costs: quantiles are right to one coarse bucket, a factor of four, at best; up to
 * SECURE_STEP - 1 calls a bucket and CPU are not shown yet; the in-flight state is a bounded LRU
 * hash, dearer than task storage and the same on every kernel.
 */
#include "discrete_laplace.bpf.h"
#include "license.bpf.h"
#include "log2.bpf.h"
#include "syscall_latency_secure.h"
#include "syscall_trace.bpf.h"

#define ERRNO_MAX 4095

/* Counts below SECURE_STEP: the descriptor that user space gets cannot read them. */
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

static __always_inline void publish(__u64 *residue, __u64 *published)
{
	if (++*residue < SECURE_STEP)
		return;
	*residue = 0;
	*published += SECURE_STEP;
}

static __always_inline void syscall_record(
	__u32 slot, const struct in_flight *call, __u64 now, __s64 result)
{
	struct secure_stats *residues = bpf_map_lookup_elem(&secure_residues, &slot);
	struct secure_stats *published = bpf_map_lookup_elem(&secure_published, &slot);
	__u32 bucket = noisy_bucket(now - call->start);

	if (!residues || !published || bucket >= SECURE_BUCKETS)
		return;
	publish(&residues->buckets[bucket], &published->buckets[bucket]);
	if ((__u64)result >= (__u64)-ERRNO_MAX)
		publish(&residues->errors, &published->errors);
}
