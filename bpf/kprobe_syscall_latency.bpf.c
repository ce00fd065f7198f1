// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Measures the latency of chosen system calls in log-linear histograms, a per-CPU array.
 *
 * Sends the slowest calls as events: those of at least SLOW_CALL_NS that are the slowest of their
 * kind on their CPU in about a second, which bounds their number. Calls that wait by design, like
 * futex() and epoll_wait(), are counted and timed, but become events only if user space says so:
 * the longest of them is an idle thread and would hide slow ones.
 */
#define SYSCALL_TASK_STORAGE
#define SYSCALL_LEADS
#include "events.bpf.h"
#include "license.bpf.h"
#include "log2.bpf.h"
#include "syscall_trace.bpf.h"

/* A bit for each slot whose slow calls become events. */
const volatile __u32 slow_slots = 0;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SYSCALLS_MAX);
	__type(key, __u32);
	__type(value, struct syscall_stats);
} syscall_stats SEC(".maps");

static __always_inline __u32 latency_bucket(__u64 latency)
{
	__u32 octave, bucket;

	if (latency < 1 << LATENCY_MIN_SHIFT)
		return 0;
	octave = log2_floor(latency);
	bucket = 1 + ((octave - LATENCY_MIN_SHIFT) << LATENCY_SUB_SHIFT) +
		 ((latency >> (octave - LATENCY_SUB_SHIFT)) & (LATENCY_SUB_BUCKETS - 1));
	return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

static __always_inline void slow_call(struct syscall_stats *stats, const struct syscall_ended *call)
{
	__u64 period = call->now >> SLOW_PERIOD_SHIFT;
	__u64 identity;
	struct event *event;

	if (stats->period == period && call->latency <= stats->period_max_ns)
		return;
	stats->period = period;
	stats->period_max_ns = call->latency;
	event = event_reserve(EVENT_SOURCE_SYSCALL, EVENT_SLOW_SYSCALL);
	if (!event)
		return;
	identity = bpf_get_current_pid_tgid();
	event->syscall.latency_ns = call->latency;
	event->syscall.result = call->result;
	event->syscall.pid = identity >> 32;
	event->syscall.thread = (__u32)identity;
	event->syscall.slot = call->slot;
	bpf_get_current_comm(event->syscall.command, sizeof(event->syscall.command));
	event_submit(event);
}

static __always_inline void syscall_record(const struct syscall_ended *call)
{
	__u32 slot = call->slot;
	struct syscall_stats *stats = bpf_map_lookup_elem(&syscall_stats, &slot);
	__u32 bucket = latency_bucket(call->latency);

	if (!stats || bucket >= LATENCY_BUCKETS)
		return;
	stats->calls++;
	stats->total_ns += call->latency;
	stats->buckets[bucket]++;
	if ((__u64)call->result >= (__u64)-ERRNO_MAX)
		stats->errors++;
	if (call->latency > stats->max_ns)
		stats->max_ns = call->latency;
	if (call->latency >= SLOW_CALL_NS && slow_slots >> (slot & 31) & 1)
		slow_call(stats, call);
}
