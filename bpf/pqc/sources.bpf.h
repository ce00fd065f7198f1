/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a node's good messages came from, budgets of verifications, and sequences beside the clock.
 * Callers hold the lock of what they change.
 */
#ifndef X0_PQC_SOURCES_BPF_H
#define X0_PQC_SOURCES_BPF_H

#include <stdbool.h>

#include "mldsa/platform.bpf.h"
#include "xdp_pqc_verify.h"

#define PQC_NS_IN_S	   1000000000ull
#define PQC_VALIDITY_MAX_S 0x7fffffff /* 68 years: no overflow in nanoseconds */

/* Returns whether source `i`, 0 or 1, has this hash, and still has its place. */
static __always_inline bool source_is(
	const struct pqc_sources *sources, __u32 i, __u64 hash, __u64 now_ns)
{
	const struct pqc_source *source = &sources->all[i];

	return source->ends_ns && source->hash == hash &&
	       (sources->last == i || source->ends_ns > now_ns);
}

/*
 * Gives the source of a good message a place: its own; or that of the other one, if it has been silent
 * for its validity; or else that of the last one.
 */
static __always_inline void source_take(
	struct pqc_sources *sources, __u64 hash, __u64 now_ns, __u64 ends_ns)
{
	__u32 at = sources->last & 1, other = at ^ 1;

	if (!source_is(sources, at, hash, now_ns) &&
		(source_is(sources, other, hash, now_ns) || sources->all[other].ends_ns <= now_ns))
		at = other;
	struct pqc_source *source = &sources->all[at];
	if (source->hash != hash)
		source->bucket.full_at_ns = 0;
	source->hash = hash;
	source->ends_ns = ends_ns;
	sources->last = at;
}

/* Takes one verification out of a budget. Returns false, with nothing taken, if none is left. */
static __always_inline bool bucket_take(
	struct pqc_bucket *bucket, const struct pqc_budget *budget, __u64 now_ns)
{
	__u64 from = bucket->full_at_ns > now_ns ? bucket->full_at_ns : now_ns;

	if (from + budget->interval_ns > now_ns + budget->burst * budget->interval_ns)
		return false;
	bucket->full_at_ns = from + budget->interval_ns;
	return true;
}

/* Returns when a validity of seconds since 1970 ends by the clock of `now_ns`. */
static __always_inline __u64 validity_end(__u64 until, __u64 wall_ns, __u64 now_ns)
{
	__u64 seconds = wall_ns / PQC_NS_IN_S, left = until > seconds ? until - seconds : 0;

	return now_ns + (left < PQC_VALIDITY_MAX_S ? left : PQC_VALIDITY_MAX_S) * PQC_NS_IN_S;
}

/* Returns whether a sequence is further ahead of the clock than the clocks of two nodes may be apart. */
static __always_inline bool is_ahead(__u64 sequence, __u64 wall_ns)
{
	return sequence > wall_ns + PQC_CLOCK_TOLERANCE_NS;
}

/*
 * Returns whether a message is later than the last good one. If that one is ahead of the clock, the clock
 * was set back: without forgetting it, the node would not be heard until the clock is there again.
 */
static __always_inline bool is_later(__u64 sequence, __u64 last, __u64 wall_ns)
{
	return sequence > last || is_ahead(last, wall_ns);
}

#endif
