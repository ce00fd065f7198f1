// SPDX-License-Identifier: BSD-2-Clause
/* The programs of kprobe_syscall_latency, compiled for this machine, with the test's clock and tasks. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include "tests/lib/bpf_host.h"

#include <cmocka.h>

#include "../../bpf/kprobe_syscall_latency.bpf.c"

#include "tests/lib/bpf_fake.h"

#include <math.h>
#include <stdlib.h>

#include "programs/kprobe_syscall_latency_sample.h"

enum {
	NUMBER = 7, /* slot 0; for 32-bit programs slot 1 */
	OTHER = SYSCALL_NUMBERS_MAX - 1, /* slot 2; none for 32-bit programs */
	UNTRACED = 8,
	RESTART = 219,
	SP = 0x1000,
};

/* How the tests of both ways to keep the state, and to ask for the task, run. */
struct way {
	bool btf, storage;
};

static struct task_struct___x0 task;
static struct pt_regs___x0 registers;

static void set_row(__u32 number, __u16 row)
{
	host_write(&syscall_slots[number], &row, sizeof(row));
}

static int setup(void **state)
{
	const struct way *way = *state;

	host_reset();
	memset(&task, 0, sizeof(task));
	memset(&registers, 0, sizeof(registers));
	host.task = (uintptr_t)&task;
	host.ktime_ns = 1000000;
	set_row(NUMBER, 1 | 2 << SLOT_COMPAT_SHIFT);
	set_row(OTHER, 3);
	set_row(RESTART, SLOT_RESTART | SLOT_RESTART << SLOT_COMPAT_SHIFT);
	host_write(&task_btf, &(bool) { way && way->btf }, sizeof(bool));
	host_write(&task_storage, &(bool) { way && way->storage }, sizeof(bool));
	host_write(&slow_slots, &(__u32) { 0 }, sizeof(__u32));
	registers.sp = SP;
	return 0;
}

static void enter(__u64 number)
{
	__u64 context[2] = { (uintptr_t)&registers, number };

	assert_int_equal(enter_tracepoint(context), 0);
}

static void leave(__u64 number, __s64 result)
{
	__u64 context[2] = { (uintptr_t)&registers, (__u64)result };

	registers.SYSCALL_FIELD = number;
	assert_int_equal(exit_tracepoint(context), 0);
}

static void call(__u64 number, __u64 latency, __s64 result)
{
	enter(number);
	host.ktime_ns += latency;
	leave(number, result);
}

static const struct syscall_stats *stats_of(__u32 slot)
{
	return host_element(&syscall_stats, slot);
}

static struct tracer_stats *tracer(void)
{
	return host_element(&tracer_stats, 0);
}

static void assert_calls(__u32 slot, __u64 calls, __u64 errors, __u64 total_ns)
{
	assert_int_equal(stats_of(slot)->calls, calls);
	assert_int_equal(stats_of(slot)->errors, errors);
	assert_int_equal(stats_of(slot)->total_ns, total_ns);
}

/* A latency is counted in the bucket whose bounds the header gives. */
static void test_buckets(void **state)
{
	static const struct {
		__u64 latency;
		__u32 bucket;
	} rows[] = {
		{ 0, 0 },
		{ 63, 0 },
		{ 64, 1 },
		{ 71, 1 },
		{ 72, 2 },
		{ 127, 8 },
		{ 128, 9 },
		{ 143, 9 },
		{ 144, 10 },
		{ 255, 16 },
		{ 1000000, 112 },
		{ (1ull << 36) - (1ull << 32) - 1, 239 },
		{ (1ull << 36) - (1ull << 32), 240 },
		{ 1ull << 36, 240 },
		{ 1ull << 60, 240 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(latency_bucket(rows[i].latency), rows[i].bucket);
	call(NUMBER, 72, 0);
	assert_int_equal(stats_of(0)->buckets[2], 1);
}

static void test_counts(void **state)
{
	(void)state;
	call(NUMBER, 300, 0);
	call(NUMBER, 500, -1);
	call(NUMBER, 400, -ERRNO_MAX);
	call(NUMBER, 0, -ERRNO_MAX - 1); /* an address, as of mmap() */
	assert_calls(0, 4, 2, 1200);
	assert_int_equal(stats_of(0)->max_ns, 500);
	call(OTHER, 10, 5);
	assert_calls(2, 1, 0, 10);
	call(UNTRACED, 10, 0);
	call(SYSCALL_NUMBERS_MAX, 10, 0);
	assert_calls(0, 4, 2, 1200);
	assert_calls(1, 0, 0, 0);
	assert_calls(2, 1, 0, 10);
	assert_int_equal(tracer()->no_exit, 0);
	assert_int_equal(tracer()->no_state, 0);
	assert_int_equal(tracer()->x32, 0);
}

/* The follower gets each call that is recorded, and no other. */
static void test_follower(void **state)
{
	const struct syscall_ended *ended = host_element(&syscall_ended, 0);

	(void)state;
	enter(NUMBER);
	assert_int_equal(host.tail_calls, 0);
	host.ktime_ns += 30;
	leave(NUMBER, -9);
	assert_int_equal(host.tail_calls, 1);
	assert_int_equal(host.tail_call, 0);
	assert_int_equal(ended->slot, 0);
	assert_int_equal(ended->latency, 30);
	assert_int_equal(ended->now, host.ktime_ns);
	assert_int_equal(ended->result, -9);
	call(OTHER, 7, 0);
	assert_int_equal(host.tail_calls, 2);
	assert_int_equal(ended->slot, 2);
	call(UNTRACED, 7, 0);
	leave(NUMBER, 0); /* not entered */
	enter(NUMBER);
	leave(OTHER, 0);
	call(NUMBER, 7, -ERESTARTSYS);
	assert_int_equal(host.tail_calls, 2);
	leave(NUMBER_NONE, -EINTR); /* the handler returns to it */
	assert_int_equal(host.tail_calls, 3);
	assert_int_equal(ended->slot, 0);
	assert_int_equal(ended->result, -EINTR);
	leave(NUMBER_NONE, -EINTR);
	assert_int_equal(host.tail_calls, 3);
}

/* An exit counts only for the entry with its number. */
static void test_exit_of_another_call(void **state)
{
	(void)state;
	leave(NUMBER, 0);
	enter(NUMBER);
	leave(OTHER, 0);
	leave(NUMBER, 0);
	assert_calls(0, 0, 0, 0);
	assert_calls(2, 0, 0, 0);
	enter(NUMBER);
	enter(OTHER);
	assert_int_equal(tracer()->no_exit, 1);
	host.ktime_ns += 7;
	leave(OTHER, 0);
	assert_calls(2, 1, 0, 7);
	call(NUMBER, 1, 0);
	assert_int_equal(tracer()->no_exit, 1);
}

static void test_tasks(void **state)
{
	struct task_struct___x0 second = { 0 };

	(void)state;
	enter(NUMBER);
	host.task = (uintptr_t)&second;
	host.ktime_ns += 5;
	call(NUMBER, 20, 0);
	host.task = (uintptr_t)&task;
	leave(NUMBER, 0);
	assert_calls(0, 2, 0, 45);
}

static void test_no_room(void **state)
{
	(void)state;
	host.map_full = true;
	call(NUMBER, 20, 0);
	assert_int_equal(tracer()->no_state, 1);
	assert_calls(0, 0, 0, 0);
	host.map_full = false;
	call(NUMBER, 20, 0);
	host.map_full = true;
	call(NUMBER, 20, 0);
	assert_int_equal(tracer()->no_state, 1);
	assert_calls(0, 2, 0, 40);
}

static const __s64 restarts[] = { -512, -513, -514, -516 };

static void interrupt(__u64 number, __u64 latency, __s64 result)
{
	call(number, latency, result);
	assert_int_equal(stats_of(0)->calls, 0);
	host.ktime_ns += 1000;
}

/* A call that a signal interrupted and that is entered again is one call, from its first entry. */
static void test_restart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(restarts) / sizeof(restarts[0]); i++) {
		setup(state);
		interrupt(NUMBER, 100, restarts[i]);
		call(NUMBER, 10, 3);
		assert_calls(0, 1, 0, 1110);
		call(NUMBER, 10, 3);
		assert_calls(0, 2, 0, 1120);
		assert_int_equal(tracer()->no_exit, 0);
	}
	setup(state);
	call(NUMBER, 100, -515);
	assert_calls(0, 1, 1, 100);
	call(NUMBER, 100, 512);
	assert_calls(0, 2, 1, 200);
}

static void test_restart_syscall(void **state)
{
	(void)state;
	interrupt(NUMBER, 100, -516);
	call(RESTART, 10, 0);
	assert_calls(0, 1, 0, 1110);
	call(RESTART, 10, 0);
	assert_calls(0, 1, 0, 1110);
	assert_int_equal(tracer()->no_exit, 0);
}

/* A call of the signal's handler, which has another stack pointer or number, is its own. */
static void test_call_in_handler(void **state)
{
	(void)state;
	interrupt(NUMBER, 100, -512);
	registers.sp = SP - 64;
	call(NUMBER, 10, 0);
	assert_calls(0, 1, 0, 10);
	registers.sp = SP;
	call(OTHER, 20, 0);
	assert_calls(2, 1, 0, 20);
	call(NUMBER, 30, 0);
	assert_calls(0, 2, 0, 10 + 100 + 1000 + 10 + 20 + 30);
}

static void test_interrupted_twice(void **state)
{
	(void)state;
	interrupt(NUMBER, 100, -512);
	registers.sp = SP - 64;
	interrupt(NUMBER, 10, -512);
	assert_int_equal(tracer()->no_exit, 1);
	call(NUMBER, 1, 0);
	assert_calls(0, 1, 0, 1011);
}

/* A thread that returns from the handler with EINTR ended the call when the signal came. */
static void test_sigreturn(void **state)
{
	(void)state;
	interrupt(NUMBER, 100, -514);
	leave(NUMBER_NONE, 0);
	registers.sp = SP - 64;
	leave(NUMBER_NONE, -EINTR);
	assert_calls(0, 0, 0, 0);
	registers.sp = SP;
	leave(SYSCALL_NUMBERS_MAX, -EINTR);
	assert_calls(0, 0, 0, 0);
	leave(NUMBER_NONE, -EINTR);
	assert_calls(0, 1, 1, 100);
	leave(NUMBER_NONE, -EINTR);
	assert_calls(0, 1, 1, 100);
	call(NUMBER, 10, 0);
	assert_calls(0, 2, 1, 110);
}

static void test_sigreturn_without_record(void **state)
{
	(void)state;
	leave(NUMBER_NONE, -EINTR);
	assert_calls(0, 0, 0, 0);
}

/* The numbers of 32-bit programs mean other calls. */
static void test_compat(void **state)
{
	(void)state;
	task.thread_info.COMPAT_FIELD = COMPAT_BITS;
	call(NUMBER, 10, 0);
	assert_calls(0, 0, 0, 0);
	assert_calls(1, 1, 0, 10);
	call(OTHER, 10, 0);
	assert_calls(2, 0, 0, 0);
	task.thread_info.COMPAT_FIELD = ~COMPAT_BITS;
	call(NUMBER, 20, 0);
	assert_calls(0, 1, 0, 20);
}

static void test_x32(void **state)
{
	(void)state;
	enter(NUMBER_NONE);
	enter(SYSCALL_NUMBERS_MAX);
	assert_int_equal(tracer()->x32, 0);
	enter(X32_BIT | NUMBER);
	assert_int_equal(tracer()->x32, X32_BIT != 0);
	assert_int_equal(tracer()->runs.until_timed, 0);
}

/* By probes the registers of user space are read at the entry, and kept for the rest. */
static void test_kprobes(void **state)
{
	struct host_registers context = { .argument = (uintptr_t)&registers };

	(void)state;
	registers.SYSCALL_FIELD = NUMBER;
	enter_kprobe(&context);
	host.ktime_ns += 50;
	context.result = (unsigned long)-EPERM;
	exit_kprobe(&context);
	assert_calls(0, 1, 1, 50);
	exit_kprobe(&context);
	assert_calls(0, 1, 1, 50);
	registers.SYSCALL_FIELD = SYSCALL_NUMBERS_MAX;
	enter_kprobe(&context);
	exit_kprobe(&context);
	assert_calls(0, 1, 1, 50);
	registers.SYSCALL_FIELD = UNTRACED;
	enter_kprobe(&context);
	exit_kprobe(&context);
	assert_calls(0, 1, 1, 50);
	if (X32_BIT) {
		registers.SYSCALL_FIELD = X32_BIT | NUMBER;
		enter_kprobe(&context);
		assert_int_equal(tracer()->x32, 1);
	}
}

static void test_kprobe_interrupted(void **state)
{
	struct host_registers context = { .argument = (uintptr_t)&registers };

	(void)state;
	registers.SYSCALL_FIELD = NUMBER;
	enter_kprobe(&context);
	host.ktime_ns += 50;
	context.result = (unsigned long)-512;
	exit_kprobe(&context);
	context.result = (unsigned long)-EINTR;
	registers.sp = SP + 8;
	sigreturn_kprobe(&context);
	assert_calls(0, 0, 0, 0);
	registers.sp = SP;
	sigreturn_kprobe(&context);
	assert_calls(0, 1, 1, 50);
	sigreturn_kprobe(&context);
	assert_calls(0, 1, 1, 50);
}

static const struct event *record(void)
{
	return (const struct event *)host.record;
}

static void slow_setup(void)
{
	host_write(&slow_slots, &(__u32) { 1 }, sizeof(__u32));
	host.pid_tgid = 77ull << 32 | 78;
	memcpy(host.command, "sleeper", 8);
	host.ktime_ns = 10ull << SLOW_PERIOD_SHIFT;
}

static void test_slow_call(void **state)
{
	(void)state;
	slow_setup();
	call(NUMBER, SLOW_CALL_NS - 1, 0);
	call(OTHER, SLOW_CALL_NS, 0); /* its slot is not among them */
	assert_int_equal(host.records, 0);
	call(NUMBER, SLOW_CALL_NS, -9);
	assert_int_equal(host.records, 1);
	assert_int_equal(record()->type, EVENT_SLOW_SYSCALL);
	assert_int_equal(record()->time_ns, host.ktime_ns);
	assert_int_equal(record()->syscall.latency_ns, SLOW_CALL_NS);
	assert_int_equal(record()->syscall.result, -9);
	assert_int_equal(record()->syscall.pid, 77);
	assert_int_equal(record()->syscall.thread, 78);
	assert_int_equal(record()->syscall.slot, 0);
	assert_string_equal(record()->syscall.command, "sleeper");
	assert_int_equal(record()->ifindex, 0);
	assert_int_equal(host.record_size, sizeof(struct event));
}

/* One event for the slowest so far of a period. */
static void test_slow_calls_of_a_period(void **state)
{
	(void)state;
	slow_setup();
	call(NUMBER, SLOW_CALL_NS + 5, 0);
	call(NUMBER, SLOW_CALL_NS + 5, 0);
	call(NUMBER, SLOW_CALL_NS, 0);
	assert_int_equal(host.records, 1);
	call(NUMBER, SLOW_CALL_NS + 6, 0);
	assert_int_equal(host.records, 2);
	host.ktime_ns += 1ull << SLOW_PERIOD_SHIFT;
	call(NUMBER, SLOW_CALL_NS + 1, 0);
	assert_int_equal(host.records, 3);
	call(NUMBER, SLOW_CALL_NS + 1, 0);
	call(NUMBER, SLOW_CALL_NS + 2, 0);
	assert_int_equal(host.records, 4);
}

/* A full ring loses the event, and the loss is counted; half full it wakes the reader. */
static void test_ring(void **state)
{
	(void)state;
	slow_setup();
	host.ring_full = true;
	call(NUMBER, SLOW_CALL_NS, 0);
	assert_int_equal(host.records, 0);
	assert_int_equal(*host_element(&events_lost, EVENT_SOURCE_SYSCALL), 1);
	host.ring_full = false;
	host.ring_waiting = EVENTS_RING_BYTES / 2;
	call(NUMBER, SLOW_CALL_NS + 1, 0);
	assert_int_equal(host.ring_flags, BPF_RB_NO_WAKEUP);
	host.ring_waiting = EVENTS_RING_BYTES / 2 + 1;
	call(NUMBER, SLOW_CALL_NS + 2, 0);
	assert_int_equal(host.ring_flags, BPF_RB_FORCE_WAKEUP);
	assert_int_equal(host.records, 2);
	assert_int_equal(*host_element(&events_lost, EVENT_SOURCE_SYSCALL), 1);
}

/* One run in TIMED_ONE_IN is timed, at entry and exit alike. */
static void test_run_times(void **state)
{
	(void)state;
	call(NUMBER, 10, 0);
	assert_int_equal(tracer()->runs.timed_runs, 1);
	assert_int_equal(tracer()->runs.timed_ns, 0);
	assert_int_equal(tracer()->runs.runs, 0);
	host.ktime_step_ns = 3;
	for (int i = 0; i < TIMED_ONE_IN - 2; i++)
		enter(NUMBER);
	assert_int_equal(tracer()->runs.timed_runs, 1);
	enter(NUMBER);
	assert_int_equal(tracer()->runs.timed_runs, 2);
	assert_int_equal(tracer()->runs.timed_ns, 6);
	leave(NUMBER, 0);
	assert_int_equal(tracer()->runs.timed_runs, 2);
}

/* Samples have the calls by slot, of all CPUs, and what was lost. */
static void test_samples(void **state)
{
	static const struct traced_calls calls = { .n = 3,
		.names = { "read", "gone", "write" },
		.absent = { false, true, false },
		.left_out = "poll" };
	struct snapshot *first = calloc(1, sizeof(*first)), *second = calloc(1, sizeof(*second));
	const struct snapshot_syscall *row = second->syscalls.calls;
	const __u32 slot = 2;
	struct syscall_stats *cpus =
		host_map_values(host_map_of(host_type_of(&syscall_stats)), &slot);
	struct syscalls_collector collector;

	(void)state;
	fake_object_add(syscall_stats);
	fake_object_add(tracer_stats);
	assert_int_equal(syscalls_open(&collector, fake_object(), &calls, false), 0);
	call(NUMBER, 1000, 0);
	assert_int_equal(collect_syscalls(&collector, NULL, first), 0);
	call(NUMBER, 3000, -1);
	call(NUMBER, 5000, 0);
	cpus[0].calls = cpus[1].calls = 1;
	cpus[0].max_ns = 7;
	cpus[1].max_ns = 9;
	tracer()->no_exit = 3;
	second->interval = 2;
	assert_int_equal(collect_syscalls(&collector, first, second), 0);
	assert_true(second->syscalls.available);
	assert_int_equal(second->syscalls.n_calls, 2);
	assert_string_equal(second->syscalls.left_out, "poll");
	assert_string_equal(second->syscalls.attached, "tracepoint");
	assert_string_equal(row[0].name, "read");
	assert_int_equal(row[0].calls.total, 3);
	assert_true(row[0].calls.rate == 1);
	assert_int_equal(row[0].errors.total, 1);
	assert_true(row[0].mean_ns == 4000 && row[0].max_ns == 5000);
	assert_int_equal(row[0].total_ns, 9000);
	assert_string_equal(row[1].name, "write");
	assert_int_equal(row[1].calls.total, 2);
	assert_true(row[1].max_ns == 9);
	assert_int_equal(collector.runs.runs, 2 * 5);
	assert_int_equal(collector.runs.timed_runs, tracer()->runs.timed_runs);
	assert_string_equal(second->self.losses[1].what, "system calls: exit not seen");
	assert_int_equal(second->self.losses[1].count.total, 3);
	assert_true(isnan(first->syscalls.calls[1].max_ns));
	assert_true(isnan(first->syscalls.calls[1].mean_ns));
	syscalls_close(&collector);
	free(first);
	free(second);
}

#define way_test(function, way)                                           \
	{                                                                 \
#function " " #way, function, setup, NULL, (void *)&(way) \
	}
#define both_ways(function) \
	way_test(function, by_hash), way_test(function, by_hash_btf), way_test(function, by_storage)

int main(void)
{
	static const struct way by_hash, by_hash_btf = { .btf = true },
					 by_storage = { .btf = true, .storage = true };
	const struct CMUnitTest tests[] = {
		both_ways(test_buckets),
		both_ways(test_counts),
		both_ways(test_follower),
		both_ways(test_exit_of_another_call),
		both_ways(test_tasks),
		both_ways(test_no_room),
		both_ways(test_restart),
		both_ways(test_restart_syscall),
		both_ways(test_call_in_handler),
		both_ways(test_interrupted_twice),
		both_ways(test_sigreturn),
		both_ways(test_sigreturn_without_record),
		both_ways(test_compat),
		both_ways(test_x32),
		both_ways(test_kprobes),
		both_ways(test_kprobe_interrupted),
		both_ways(test_slow_call),
		both_ways(test_slow_calls_of_a_period),
		both_ways(test_ring),
		both_ways(test_run_times),
		both_ways(test_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
