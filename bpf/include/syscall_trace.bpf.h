/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Programs at entry and exit of system calls, and the state of calls in flight, for both latency
 * tracers. The including tracer defines syscall_record().
 *
 * Each object has two sets of programs; user space loads one. enter_tracepoint and exit_tracepoint
 * see every system call of the host; for an untraced one they look its number up and return.
 * enter_kprobe, exit_kprobe and sigreturn_kprobe are attached to the chosen calls only. The
 * tracepoints are BTF typed: they attach like raw ones and read kernel structs by plain loads.
 *
 * In flight: one record for each thread, by its task. In task storage the kernel frees it when the
 * thread ends; where there is none (before 5.13, or from 7.0 on without cmpxchg16b) the records are
 * in a bounded LRU hash, where a dead thread's is the first to be recycled. The key is the task,
 * not the thread id: an exec() in a thread that is not the leader takes over the leader's id, but
 * stays the same task. A record is valid only for an exit with the same number: a task that
 * execve() made a 32-bit one returns with another number, and a child returns from a clone() that
 * it never entered.
 *
 * Restarts: a signal ends a call with a result that only the kernel knows (-ERESTARTSYS and its
 * like), after which the exit is seen. Then the kernel enters the call again, by its own number or
 * by restart_syscall(), or makes the result -EINTR, which no exit shows: but the thread returns
 * from the handler with it, by rt_sigreturn(). The interrupted call waits aside in the record until
 * one of the two; the user stack pointer tells it from calls that the handler makes.
 *
 * 32-bit programs have other numbers for the same calls: the table has both. Numbers of the x32 ABI
 * are not looked up, only counted.
 *
 * Two tracers at once: an attached pair costs every system call of the host, so two tracers share one.
 * The leader's exit program leaves each call that has ended in `syscall_ended` and tail-calls the
 * follower's follow_tracepoint, which is attached nowhere: no second pair, look-up, state or clock. A
 * follower without a leader attaches its own pair. Kprobes cost untraced calls nothing, and are not
 * shared. A tracer that leads defines SYSCALL_LEADS, one that follows SYSCALL_FOLLOWS.
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
#include "syscall_structs.bpf.h"

#define IN_FLIGHT_MAX 16384

#define EINTR	  4
#define ERRNO_MAX 4095

/* The results after which a call is entered again or ends with -EINTR; include/linux/errno.h. */
#define ERESTARTSYS	      512
#define ERESTARTNOINTR	      513
#define ERESTARTNOHAND	      514
#define ERESTART_RESTARTBLOCK 516

/* The number at the exit of rt_sigreturn(), which restores the registers of another moment. */
#define NUMBER_NONE 0xffffffff

struct in_flight {
	__u64 start; /* CLOCK_MONOTONIC; 0: not in a traced call */
	__u32 number; /* that the exit will show */
	__u16 slot; /* plus one */
	__u16 by; /* the generation that saw its entry */
};

struct in_flight_record {
	struct in_flight now;
	struct in_flight interrupted; /* by a signal; .start is 0: none */
	__u64 interrupted_at; /* CLOCK_MONOTONIC */
	__u64 interrupted_sp; /* user stack pointer */
	const struct pt_regs___x0 *registers; /* of user space, where the task keeps them */
};

/*
 * A program is replaced by one of the next generation, which is attached beside it. The map says whose turn it is:
 * of two that see an entry, one begins the call. The exit is ended by the one that comes first, for the record is
 * common, and the other finds it ended.
 */
const volatile __u32 generation = 0;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tracer_turn);
} tracer_turn SEC(".maps");

/* By system call number: its slots plus one, see SLOT_COMPAT_SHIFT; 0: not traced. */
const volatile __u16 syscall_slots[SYSCALL_NUMBERS_MAX];

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
	__type(value, struct in_flight_record);
} in_flight_lru SEC(".maps");

/* Set by user space if the kernel has bpf_get_current_task_btf(), from 5.11 on. */
const volatile bool task_btf = false;

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
	__type(value, struct in_flight_record);
} in_flight_storage SEC(".maps");
#endif

#ifdef SYSCALL_FOLLOWS
/* When user space attached the pair, CLOCK_MONOTONIC in ns: records of an earlier time are not ended. */
volatile __u64 attached_since = 0;
#endif

#include "syscall_pair.bpf.h"

/* Adds a finished call to the statistics. */
static __always_inline void syscall_record(const struct syscall_ended *call);

static __always_inline struct tracer_stats *tracer_stats_get(void)
{
	return bpf_map_lookup_elem(&tracer_stats, &(__u32) { 0 });
}

static __always_inline bool is_my_turn(void)
{
	const struct tracer_turn *turn = bpf_map_lookup_elem(&tracer_turn, &(__u32) { 0 });

	return turn && turn->generation == generation;
}

/* Returns the current task. A program asks once: each look costs a call, and its return. */
static __always_inline struct task_struct___x0 *current_task(void)
{
#ifdef SYSCALL_TASK_STORAGE
	if (task_storage)
		return (void *)bpf_get_current_task_btf();
#endif
	return task_btf ? (void *)bpf_get_current_task_btf() : (void *)bpf_get_current_task();
}

/* Forgets the calls of a record that were in flight when the pair was detached, and returns it. */
static __always_inline struct in_flight_record *record_of_now(struct in_flight_record *record)
{
#ifdef SYSCALL_FOLLOWS
	if (record && record->now.start < attached_since)
		record->now.start = 0;
	if (record && record->interrupted.start < attached_since)
		record->interrupted.start = 0;
#endif
	return record;
}

/* Returns the current task's record for a new call, or NULL if there is no room. */
static __always_inline struct in_flight_record *record_make(struct task_struct___x0 *task)
{
	struct in_flight_record empty = {};
	struct in_flight_record *record;

#ifdef SYSCALL_TASK_STORAGE
	if (task_storage)
		return bpf_task_storage_get(
			&in_flight_storage, (void *)task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
#endif
	record = bpf_map_lookup_elem(&in_flight_lru, &task);
	if (record)
		return record_of_now(record);
	bpf_map_update_elem(&in_flight_lru, &task, &empty, BPF_NOEXIST);
	return bpf_map_lookup_elem(&in_flight_lru, &task);
}

/* Returns the current task's record, or NULL if it has none. */
static __always_inline struct in_flight_record *record_find(void)
{
	struct task_struct___x0 *task = current_task();

#ifdef SYSCALL_TASK_STORAGE
	if (task_storage)
		return bpf_task_storage_get(&in_flight_storage, (void *)task, NULL, 0);
#endif
	return record_of_now(bpf_map_lookup_elem(&in_flight_lru, &task));
}

/* Returns whether the call is a 32-bit one, also by int 0x80: its numbers mean other calls. */
static __always_inline bool syscall_is_compat(const struct task_struct___x0 *task)
{
	if (task_btf)
		return task->thread_info.COMPAT_FIELD & COMPAT_BITS;
	return BPF_CORE_READ(task, thread_info.COMPAT_FIELD) & COMPAT_BITS;
}

/* Returns the user stack pointer. Only a tracepoint's argument can be read by a plain load. */
static __always_inline __u64 user_sp(
	const struct in_flight_record *record, const struct pt_regs___x0 *registers)
{
	const struct pt_regs___x0 *kept = record->registers;

	return registers ? registers->sp : BPF_CORE_READ(kept, sp);
}

/* Returns the part of the table's row that a call of the current task means. */
static __always_inline __u32 syscall_slot(__u64 number, const struct task_struct___x0 *task)
{
	__u32 slots = number < SYSCALL_NUMBERS_MAX ? syscall_slots[number] : 0;

	return slots && syscall_is_compat(task) ? slots >> SLOT_COMPAT_SHIFT : slots & SLOT_MASK;
}

/*
 * Below, `registers` is the argument of the tracepoint; NULL by kprobe, where the record has them.
 */

/* --- entry ---------------------------------------------------------------------------------------- */

/* Goes on with the call that a signal interrupted, if this is it. */
static __always_inline bool syscall_restart(struct in_flight_record *record, __u64 number,
	__u32 slot, const struct pt_regs___x0 *registers)
{
	if (!record->interrupted.start || record->interrupted_sp != user_sp(record, registers) ||
		(slot != SLOT_RESTART && record->interrupted.number != number))
		return false;
	record->now = record->interrupted;
	record->now.number = number;
	record->now.by = (__u16)generation;
	record->interrupted.start = 0;
	return true;
}

/*
 * Counts a record still in use: the exit of its call was not seen, because the kernel has a bounded
 * number of return probes for blocking calls.
 */
static __always_inline void syscall_begin(struct tracer_stats *stats, struct task_struct___x0 *task,
	__u64 number, __u32 slot, const struct pt_regs___x0 *registers,
	const struct pt_regs___x0 *by_kprobe)
{
	struct in_flight_record *record = record_make(task);

	if (!record) {
		stats->no_state++;
		return;
	}
	/* One of another generation has seen the same entry, at the moment of the change. */
	if (record->now.start && record->now.by == (__u16)generation)
		stats->no_exit++;
	record->now.start = 0;
	record->now.by = (__u16)generation;
	if (by_kprobe)
		record->registers = by_kprobe;
	if (syscall_restart(record, number, slot, registers) || slot == SLOT_RESTART)
		return;
	record->now.number = number;
	record->now.slot = slot;
	record->now.start = bpf_ktime_get_ns();
}

/* `number` is that of a call which the table has. */
static __always_inline void at_entry(
	__u64 number, const struct pt_regs___x0 *registers, const struct pt_regs___x0 *by_kprobe)
{
	struct tracer_stats *stats = tracer_stats_get();
	struct task_struct___x0 *task;
	__u32 slot;

	if (!stats || !is_my_turn())
		return;
	run_begin_uncounted(&stats->runs);
	task = current_task();
	slot = syscall_slot(number, task);
	if (slot)
		syscall_begin(stats, task, number, slot, registers, by_kprobe);
	run_end(&stats->runs);
}

static __always_inline bool is_x32(__u64 number)
{
	return number & X32_BIT && (__u32)number != NUMBER_NONE;
}

static __always_inline void count_x32(void)
{
	struct tracer_stats *stats = tracer_stats_get();

	if (stats && is_my_turn())
		stats->x32++;
}

SEC("tp_btf/sys_enter")
int enter_tracepoint(__u64 *context)
{
	__u64 number = context[1];

	if (number >= SYSCALL_NUMBERS_MAX) {
		if (is_x32(number))
			count_x32();
	} else if (syscall_slots[number]) {
		at_entry(number, (const void *)context[0], NULL);
	}
	return 0;
}

/* The wrapped call's only argument is the caller's registers. */
SEC("kprobe")
int enter_kprobe(struct pt_regs *context)
{
	const struct pt_regs___x0 *registers = (const void *)PT_REGS_PARM1(context);
	__u64 number = BPF_CORE_READ(registers, SYSCALL_FIELD);

	if (number < SYSCALL_NUMBERS_MAX)
		at_entry(number, NULL, registers);
	else if (is_x32(number))
		count_x32();
	return 0;
}

/* --- exit ----------------------------------------------------------------------------------------- */

static __always_inline bool is_interrupted(__s64 result)
{
	return result == -ERESTARTSYS || result == -ERESTARTNOINTR || result == -ERESTARTNOHAND ||
	       result == -ERESTART_RESTARTBLOCK;
}

/* Sets the call aside until it is entered again, or its thread returns from the handler. */
static __always_inline void syscall_interrupt(struct tracer_stats *stats,
	struct in_flight_record *record, __u64 now, const struct pt_regs___x0 *registers)
{
	if (record->interrupted.start)
		stats->no_exit++;
	record->interrupted = record->now;
	record->interrupted_at = now;
	record->interrupted_sp = user_sp(record, registers);
}

/* Records a call, also for the follower. */
static __always_inline void syscall_finish(const struct in_flight *call, __u64 now, __s64 result)
{
	struct syscall_ended ended = {
		.slot = call->slot - 1, .latency = now - call->start, .now = now, .result = result
	};

	syscall_record(&ended);
#ifdef SYSCALL_LEADS
	struct syscall_ended *left = bpf_map_lookup_elem(&syscall_ended, &(__u32) { 0 });

	if (left)
		*left = ended;
#endif
}

/* Returns whether it has recorded a call. */
static __always_inline bool syscall_end(struct tracer_stats *stats, struct in_flight_record *record,
	__s64 result, const struct pt_regs___x0 *registers)
{
	__u64 now = bpf_ktime_get_ns();
	bool interrupted = is_interrupted(result);

	if (interrupted)
		syscall_interrupt(stats, record, now, registers);
	else
		syscall_finish(&record->now, now, result);
	record->now.start = 0;
	return !interrupted;
}

/* By tracepoint, `number` is that of the exit. Returns whether it has recorded a call. */
static __always_inline bool at_exit(
	__u64 number, __s64 result, const struct pt_regs___x0 *registers)
{
	struct tracer_stats *stats = tracer_stats_get();
	struct in_flight_record *record;
	bool recorded = false;

	if (!stats)
		return false;
	run_begin_uncounted(&stats->runs);
	record = record_find();
	if (record && record->now.start) {
		if (!registers || record->now.number == number)
			recorded = syscall_end(stats, record, result, registers);
		else
			record->now.start = 0;
	}
	run_end(&stats->runs);
	return recorded;
}

/*
 * A thread returns from a signal handler to where it was. If it was in a call that a signal
 * interrupted, and finds -EINTR, this is the end of that call. Returns whether it has recorded it.
 */
static __always_inline bool at_sigreturn(__s64 result, const struct pt_regs___x0 *registers)
{
	struct in_flight_record *record;

	if ((__s32)result != -EINTR)
		return false;
	record = record_find();
	if (!record || !record->interrupted.start ||
		record->interrupted_sp != user_sp(record, registers))
		return false;
	syscall_finish(&record->interrupted, record->interrupted_at, -EINTR);
	record->interrupted.start = 0;
	return true;
}

SEC("tp_btf/sys_exit")
int exit_tracepoint(__u64 *context)
{
	const struct pt_regs___x0 *registers = (const void *)context[0];
	__u64 number = registers->SYSCALL_FIELD;
	bool recorded = false;

	if (number >= SYSCALL_NUMBERS_MAX) {
		if ((__u32)number == NUMBER_NONE)
			recorded = at_sigreturn((__s64)context[1], registers);
	} else if (syscall_slots[number]) {
		recorded = at_exit(number, (__s64)context[1], registers);
	}
	return syscall_follow(context, recorded);
}

#ifdef SYSCALL_FOLLOWS
/* Attached nowhere: the leader's exit_tracepoint tail-calls it. */
SEC("tp_btf/sys_exit")
int follow_tracepoint(__u64 *context)
{
	const struct syscall_ended *call = bpf_map_lookup_elem(&syscall_ended, &(__u32) { 0 });
	struct tracer_stats *stats = tracer_stats_get();

	if (!call || !stats)
		return 0;
	run_begin_uncounted(&stats->runs);
	syscall_record(call);
	run_end(&stats->runs);
	return 0;
}
#endif

SEC("kretprobe")
int exit_kprobe(struct pt_regs *context)
{
	at_exit(0, (__s64)PT_REGS_RC(context), NULL);
	return 0;
}

SEC("kretprobe")
int sigreturn_kprobe(struct pt_regs *context)
{
	at_sigreturn((__s64)PT_REGS_RC(context), NULL);
	return 0;
}

#endif
