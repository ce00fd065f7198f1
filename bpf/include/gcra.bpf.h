/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* BPF side of gcra.h; tests compile it natively, with a clock of their own. */
#ifndef X0_GCRA_BPF_H
#define X0_GCRA_BPF_H

#include <stdbool.h>

#ifdef __bpf__
#include <bpf/bpf_helpers.h>
#endif

#include "gcra.h"

/* Returns whether a packet of `bytes` conforms, and if so takes its share. */
static __always_inline bool gcra_conforms(struct gcra *gcra, __u64 bytes)
{
	__u64 now = bpf_ktime_get_ns() << GCRA_TIME_SHIFT;
	__u64 units = gcra->by_bytes ? bytes : 1;
	__u64 price = units * gcra->price >> GCRA_PRICE_SHIFT, burst = gcra->burst, next;
	bool conforms;

	bpf_spin_lock(&gcra->lock);
	next = (gcra->arrival > now ? gcra->arrival : now) + price;
	conforms = next - now <= burst;
	if (conforms)
		gcra->arrival = next;
	bpf_spin_unlock(&gcra->lock);
	return conforms;
}

/* Returns the time of so many bytes. */
static __always_inline __u64 gcra_cost(__u64 price, __u64 bytes)
{
	return bytes * price >> GCRA_PRICE_SHIFT;
}

/*
 * Returns whether what takes so much time may pass, and if so takes it. It may if what was before it was
 * within the burst, however large it is itself: a packet of GSO can be larger than any burst.
 */
static __always_inline bool gcra_admits(struct gcra_bucket *bucket, __u64 burst, __u64 cost)
{
	__u64 now = bpf_ktime_get_ns() << GCRA_TIME_SHIFT;
	bool admits;

	bpf_spin_lock(&bucket->lock);
	if (bucket->arrival < now)
		bucket->arrival = now;
	admits = bucket->arrival - now <= burst;
	if (admits)
		bucket->arrival += cost;
	bpf_spin_unlock(&bucket->lock);
	return admits;
}

#endif
