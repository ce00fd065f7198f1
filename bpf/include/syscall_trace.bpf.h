/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Programs at entry and exit of system calls, and the state of calls in flight, for both latency
 * tracers. The including tracer defines syscall_record().
 *
 * Each object has two pairs of programs; user space loads one pair. enter_tracepoint and
 * exit_tracepoint see every system call of the host and return at once for untraced numbers;
 * enter_kprobe and exit_kprobe are attached to the chosen calls only. The tracepoints are BTF
 * typed: they attach like raw ones and read kernel structs by plain loads.
 *
 * In flight: one record for each thread, by its task. In task storage the kernel frees it when the
 * thread ends; where there is none (before 5.13, or from 7.0 on without cmpxchg16b) the records are
 * in a bounded LRU hash, where a dead thread's is the first to be recycled. The key is the task,
 * not the thread id: an exec() in a thread that is not the leader takes over the leader's id, but
 * stays the same task. A record is valid only for an exit with the same number: a task that
 * execve() made a 32-bit one returns with another number, and a child returns from a clone() that
 * it never entered.
 *
 * From 7.0 on the tracepoints leave preemption on, and the kernel skips the runs of a program on a
 * CPU where a preempted task is inside it. bpf_preempt_disable() makes that worse: the task is then
 * preempted where it ends, still inside (7.3, four dd on two emulated CPUs: 12 % of runs skipped, 5
 * % without). Skipped runs are counted as missed; kprobes have none.
 */
#ifndef X0_SYSCALL_TRACE_BPF_H
#define X0_SYSCALL_TRACE_BPF_H

#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/ptrace.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "run_stats.bpf.h"
#include "syscall_latency.h"

#define IN_FLIGHT_MAX 16384

#if defined(__TARGET_ARCH_x86)
#define COMPAT_FIELD  status
#define COMPAT_BITS   0x2 /* TS_COMPAT, arch/x86/include/asm/thread_info.h */
#define SYSCALL_FIELD orig_ax
#elif defined(__TARGET_ARCH_arm64)
#define COMPAT_FIELD  flags
#define COMPAT_BITS   (1u << 22) /* TIF_32BIT, arch/arm64/include/asm/thread_info.h */
#define SYSCALL_FIELD syscallno
#else
#error "system calls are traced on x86-64 and arm64 only"
#endif

struct thread_info___x0 {
	unsigned long flags;
	__u32 status;
} __attribute__((preserve_access_index));

struct task_struct___x0 {
	struct thread_info___x0 thread_info;
} __attribute__((preserve_access_index));

struct pt_regs___x0 {
	unsigned long orig_ax;
	int syscallno;
} __attribute__((preserve_access_index));

struct in_flight {
	__u64 start; /* CLOCK_MONOTONIC; 0: not in a traced call */
	__u64 number;
};

/* By system call number: its slot plus one; 0: not traced. */
const volatile __u8 syscall_slots[SYSCALL_NUMBERS_MAX];

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tracer_stats);
} tracer_stats SEC(".maps");

/* Its keys are kernel addresses: user space's file descriptor cannot read it. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, IN_FLIGHT_MAX);
	__uint(map_flags, BPF_F_WRONLY);
	__type(key, __u64);
	__type(value, struct in_flight);
} in_flight_lru SEC(".maps");

#ifdef SYSCALL_TASK_STORAGE
/*
 * Set by user space if the kernel has task storage for tracing programs. User space creates one of
 * the two maps; the verifier removes the dead code for the other.
 */
const volatile bool task_storage = false;

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct in_flight);
} in_flight_storage SEC(".maps");
#endif

/* Adds a finished call to the statistics. `slot` is below SYSCALLS_MAX. */
static __always_inline void syscall_record(
	__u32 slot, const struct in_flight *call, __u64 now, __s64 result);

/* Returns the slot of a number plus one; 0 if it is not traced. */
static __always_inline __u32 syscall_slot(__u64 number)
{
	return number < SYSCALL_NUMBERS_MAX ? syscall_slots[number] : 0;
}

static __always_inline struct tracer_stats *tracer_stats_get(void)
{
	return bpf_map_lookup_elem(&tracer_stats, &(__u32) { 0 });
}

/* Returns the current task's record for a new call, or NULL if there is no room. */
static __always_inline struct in_flight *in_flight_begin(void)
{
	struct in_flight empty = {};
	struct in_flight *call;
	__u64 task;

#ifdef SYSCALL_TASK_STORAGE
	if (task_storage)
		return bpf_task_storage_get(&in_flight_storage, bpf_get_current_task_btf(), NULL,
			BPF_LOCAL_STORAGE_GET_F_CREATE);
#endif
	task = bpf_get_current_task();
	call = bpf_map_lookup_elem(&in_flight_lru, &task);
	if (call)
		return call;
	bpf_map_update_elem(&in_flight_lru, &task, &empty, BPF_NOEXIST);
	return bpf_map_lookup_elem(&in_flight_lru, &task);
}

/* Returns the current task's record, or NULL if it has none. */
static __always_inline struct in_flight *in_flight_find(void)
{
	__u64 task;

#ifdef SYSCALL_TASK_STORAGE
	if (task_storage)
		return bpf_task_storage_get(
			&in_flight_storage, bpf_get_current_task_btf(), NULL, 0);
#endif
	task = bpf_get_current_task();
	return bpf_map_lookup_elem(&in_flight_lru, &task);
}

/* Returns whether the call is a 32-bit one, also by int 0x80: its numbers mean other calls. */
static __always_inline bool syscall_is_compat(void)
{
	struct task_struct___x0 *task;

#ifdef SYSCALL_TASK_STORAGE
	if (task_storage) {
		task = (void *)bpf_get_current_task_btf();
		return task->thread_info.COMPAT_FIELD & COMPAT_BITS;
	}
#endif
	task = (void *)bpf_get_current_task();
	return BPF_CORE_READ(task, thread_info.COMPAT_FIELD) & COMPAT_BITS;
}

/*
 * Counts a record still in use: the exit of its call was not seen, because the kernel has a bounded
 * number of return probes for blocking calls.
 */
static __always_inline void syscall_begin(struct tracer_stats *stats, __u64 number)
{
	struct in_flight *call = in_flight_begin();

	if (!call) {
		stats->no_state++;
		return;
	}
	if (call->start)
		stats->no_exit++;
	call->number = number;
	call->start = bpf_ktime_get_ns();
}

static __always_inline void syscall_end(struct in_flight *call, __u32 slot, __s64 result)
{
	__u64 now = bpf_ktime_get_ns();

	syscall_record(slot, call, now, result);
	call->start = 0;
}

static __always_inline void at_exit(__u64 *context)
{
	const struct pt_regs___x0 *registers = (const void *)context[0];
	__u64 number = (__u64)registers->SYSCALL_FIELD;
	__u32 slot = syscall_slot(number);
	struct in_flight *call;

	if (!slot)
		return;
	call = in_flight_find();
	if (!call || !call->start)
		return;
	if (call->number == number)
		syscall_end(call, slot - 1, (__s64)context[1]);
	else
		call->start = 0;
}

static __always_inline void at_kprobe_exit(struct pt_regs *context)
{
	struct in_flight *call = in_flight_find();
	__u32 slot;

	if (!call || !call->start)
		return;
	slot = syscall_slot(call->number);
	if (slot)
		syscall_end(call, slot - 1, (__s64)PT_REGS_RC(context));
}

SEC("tp_btf/sys_enter")
int enter_tracepoint(__u64 *context)
{
	struct tracer_stats *stats = tracer_stats_get();
	__u64 number = context[1];

	if (!stats)
		return 0;
	run_begin(&stats->runs);
	if (syscall_slot(number) && !syscall_is_compat())
		syscall_begin(stats, number);
	run_end(&stats->runs);
	return 0;
}

SEC("tp_btf/sys_exit")
int exit_tracepoint(__u64 *context)
{
	struct tracer_stats *stats = tracer_stats_get();

	if (!stats)
		return 0;
	run_begin(&stats->runs);
	at_exit(context);
	run_end(&stats->runs);
	return 0;
}

/* The wrapped call's only argument is the caller's registers; 32-bit calls have other symbols. */
SEC("kprobe")
int enter_kprobe(struct pt_regs *context)
{
	struct pt_regs___x0 *registers = (void *)PT_REGS_PARM1(context);
	__u64 number = (__u64)BPF_CORE_READ(registers, SYSCALL_FIELD);
	struct tracer_stats *stats = tracer_stats_get();

	if (!stats)
		return 0;
	run_begin(&stats->runs);
	if (syscall_slot(number))
		syscall_begin(stats, number);
	run_end(&stats->runs);
	return 0;
}

SEC("kretprobe")
int exit_kprobe(struct pt_regs *context)
{
	struct tracer_stats *stats = tracer_stats_get();

	if (!stats)
		return 0;
	run_begin(&stats->runs);
	at_kprobe_exit(context);
	run_end(&stats->runs);
	return 0;
}

#endif
