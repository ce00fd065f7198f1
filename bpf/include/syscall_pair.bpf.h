/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What two latency tracers share that run by one pair of tracepoints. Part of syscall_trace.bpf.h. */
#ifndef X0_SYSCALL_PAIR_BPF_H
#define X0_SYSCALL_PAIR_BPF_H

/*
 * Per CPU, from the leader's exit program to the follower's. User space cannot read it: it is exact.
 * A task that is preempted between them stays on its CPU, where the kernel runs neither meanwhile.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_WRONLY);
	__type(key, __u32);
	__type(value, struct syscall_ended);
} syscall_ended SEC(".maps");

#ifdef SYSCALL_LEADS
/* The follower's program; empty: none follows. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} syscall_follower SEC(".maps");
#endif

/* Hands a recorded call on to the follower, if there is one. */
static __always_inline int syscall_follow(__u64 *context, bool recorded)
{
#ifdef SYSCALL_LEADS
	if (recorded)
		bpf_tail_call_static(context, &syscall_follower, 0);
#endif
	return 0;
}

#endif
