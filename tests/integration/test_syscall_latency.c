// SPDX-License-Identifier: BSD-2-Clause
/*
 * The latency tracer on the running kernel, by tracepoints, by kprobes where there are any, and with
 * its state in the LRU hash. Counts are exact, so the calls are ones that nobody else makes.
 */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include "base/clock.h"
#include "kernel/object.h"
#include "kernel/program_info.h"
#include "model/quantile.h"
#include "programs/event_ring.h"
#include "programs/kprobe_syscall_latency_sample.h"
#include "programs/slow_calls.h"
#include "tests/lib/bpf_program.h"
#include "tests/lib/interrupt.h"
#include "tests/lib/kprobes.h"
#include "tests/lib/syscall_fixture.h"
#include "tests/lib/wait.h"

#define EXEC_CALLS 3
/* The clock that BPF reads is not the timers': it may be behind by a little, see timekeeping.c. */
#define CLOCK_SLACK 0.99

enum {
	SLOT_PRIORITY, /* quick, and fails when asked for a policy that does not exist */
	SLOT_SEMAPHORE, /* sleeps for as long as it is told */
	SLOT_TEE, /* waits for ever */
	SLOT_MSGRCV,
	SLOT_NANOSLEEP,
};

static const char *const names[] = { "sched_get_priority_max", "semtimedop", "tee", "msgrcv",
	"nanosleep", NULL };

static const struct mode {
	uint32_t wanted;
	bool lru;
} by_tracepoint = { SYSCALLS_WANT_TRACEPOINT, false }, by_kprobe = { SYSCALLS_WANT_KPROBE, false },
  by_tracepoint_lru = { SYSCALLS_WANT_TRACEPOINT, true };

static const struct mode *mode;
static struct syscall_fixture fixture;
static struct syscalls_collector collector;
static struct snapshot before, now;

static uint64_t missed_before; /* runs that the kernel skipped in earlier cases */

static int open_fixture(void)
{
	fixture.lru = mode->lru;
	int error = syscall_fixture_open(&fixture, "kprobe_syscall_latency", names, mode->wanted);
	if (error < 0) {
		print_message("%s. %s.\n%s\n", fixture.failure.what, fixture.failure.remedy,
			fixture.failure.cause);
		fixture.object = NULL;
	}
	return error;
}

/* The clocks of an emulated machine go their own ways. */
static bool is_emulated(void)
{
	return getenv("X0_EMULATED") != NULL;
}

/*
 * In a guest, where nobody else makes calls, the cases of a mode share a tracer: libbpf reads the types of the whole
 * kernel for each, which takes an emulator long. Not in an LRU hash, which keeps what killed tasks have begun.
 */
static bool is_shared(void)
{
	return is_emulated() && object_map_fd(fixture.object, "in_flight_lru") < 0;
}

/* Each case counts from nothing. */
static int set_up(void **state)
{
	static const char *const counted[] = { "syscall_stats", "tracer_stats", "events_lost" };

	(void)state;
	int error = fixture.object == NULL ? open_fixture() : 0;
	if (error < 0)
		return error;
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		bpf_program_clear(bpf_program_map_fd(fixture.object, counted[i]));
	missed_before = object_missed_runs(fixture.object);
	return syscalls_open(&collector, fixture.object, &fixture.calls, fixture.kprobes);
}

static int tear_down(void **state)
{
	(void)state;
	if (fixture.object == NULL)
		return 0;
	syscalls_close(&collector);
	if (!is_shared())
		syscall_fixture_close(&fixture);
	return 0;
}

static int end(void **state)
{
	(void)state;
	if (fixture.object != NULL)
		syscall_fixture_close(&fixture);
	return 0;
}

static void need_fixture(void)
{
	assert_non_null(fixture.object);
	assert_int_equal(fixture.kprobes, mode == &by_kprobe);
}

/* The whole state now, as the dashboard would see it. */
static const struct snapshot_syscall *sample(int slot)
{
	snapshot_clear(&now);
	assert_int_equal(collect_syscalls(&collector, NULL, &now), 0);
	assert_true(now.syscalls.available);
	return &now.syscalls.calls[slot];
}

static uint64_t missed_runs(void)
{
	return object_missed_runs(fixture.object) - missed_before;
}

/*
 * None but for runs that the kernel skipped, as 7.0 and later do while a program is preempted: since the tracer was
 * attached, for a call whose exit was not seen in an earlier case is told at the next call.
 */
static void assert_no_losses(void)
{
	uint64_t missed = object_missed_runs(fixture.object);

	for (uint32_t i = 0; i < now.self.n_losses; i++)
		assert_true(now.self.losses[i].count.total <= missed);
}

static uint64_t histogram_sum(const struct snapshot_syscall *call)
{
	uint64_t sum = 0;

	for (int i = 0; i < LATENCY_BUCKETS; i++)
		sum += call->buckets[i];
	return sum;
}

/* Waits for a child, and fails unless it ended with status 0. */
static void assert_child_ok(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void make_calls(int good, int bad)
{
	for (int i = 0; i < good; i++)
		syscall(SYS_sched_get_priority_max, SCHED_OTHER);
	for (int i = 0; i < bad; i++)
		syscall(SYS_sched_get_priority_max, 12345);
}

static void counts_are_exact(void **state)
{
	(void)state;
	need_fixture();
	pid_t pid = fork();
	if (pid == 0) {
		make_calls(10000, 777);
		_exit(0);
	}
	assert_child_ok(pid);
	const struct snapshot_syscall *call = sample(SLOT_PRIORITY);
	assert_string_equal(call->name, "sched_get_priority_max");
	assert_int_equal(call->calls.total, 10777);
	assert_int_equal(call->errors.total, 777);
	assert_int_equal(histogram_sum(call), 10777);
	assert_true(call->overall.p50 > 0 && call->overall.p50 <= call->overall.p99);
	assert_true(call->overall.p999 <= call->max_ns * 1.13);
	assert_true(call->mean_ns > 0 && call->mean_ns <= call->max_ns);
	assert_int_equal(sample(SLOT_TEE)->calls.total, 0);
	assert_no_losses();
}

static void recent_is_since_the_last_sample(void **state)
{
	(void)state;
	need_fixture();
	make_calls(100, 0);
	sample(SLOT_PRIORITY);
	snapshot_copy(&before, &now);
	make_calls(50, 5);
	snapshot_clear(&now);
	now.interval = 0.5;
	assert_int_equal(collect_syscalls(&collector, &before, &now), 0);
	assert_int_equal(now.syscalls.calls[SLOT_PRIORITY].calls.total, 155);
	assert_true(now.syscalls.calls[SLOT_PRIORITY].calls.rate == 110);
	assert_true(now.syscalls.calls[SLOT_PRIORITY].errors.rate == 10);
	assert_true(now.syscalls.calls[SLOT_PRIORITY].recent.p50 > 0);
	assert_true(isnan(now.syscalls.calls[SLOT_TEE].recent.p50));
}

static void *thread_calls(void *unused)
{
	make_calls(20000, 0);
	return unused;
}

static void threads_are_counted_exactly(void **state)
{
	pthread_t threads[8];

	(void)state;
	need_fixture();
	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, thread_calls, NULL), 0);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	uint64_t missed = missed_runs();
	const struct snapshot_syscall *call = sample(SLOT_PRIORITY);
	assert_int_equal(histogram_sum(call), call->calls.total);
	if (missed > 0) {
		/*
		 * Kernel 7.0 and later may preempt the programs, and skips them meanwhile. A call
		 * that is not counted missed the program at its beginning, at its end, or both.
		 */
		assert_true(call->calls.total < 160000);
		assert_true(call->calls.total + missed >= 160000);
		print_message("%llu runs were missed, and are told\n", (unsigned long long)missed);
		return;
	}
	assert_int_equal(call->calls.total, 160000);
	assert_no_losses();
}

/* In an IPC namespace of its own, so that the kernel takes the semaphore away with the process. */
static int make_semaphore(void)
{
	if (unshare(CLONE_NEWIPC) < 0)
		return -1;
	return semget(IPC_PRIVATE, 1, 0600);
}

/* Sleeps in semtimedop(); returns how long the call took, seen from outside. */
static uint64_t sleep_in_call(int semaphore, uint64_t ns)
{
	struct sembuf take = { .sem_op = -1 };
	struct timespec timeout = { .tv_nsec = (long)ns };
	uint64_t start = clock_monotonic_ns();

	if (syscall(SYS_semtimedop, semaphore, &take, 1, &timeout) != -1 || errno != EAGAIN)
		_exit(9);
	return clock_monotonic_ns() - start;
}

static uint32_t bucket_of(double ns)
{
	uint32_t bucket = 0;

	while (bucket + 1 < LATENCY_BUCKETS && latency_bucket_lower(bucket + 1) <= ns)
		bucket++;
	return bucket;
}

/* A call of 8 ms lies in a bucket between that of 8 ms and that of the time seen from outside. */
static void sleeps_are_in_the_right_bucket(void **state)
{
	static const uint64_t sleeps[] = { 300000, 2000000, 8000000, 40000000 };
	int pipes[2];

	(void)state;
	need_fixture();
	if (is_emulated()) {
		print_message("no times under emulation\n");
		skip();
	}
	for (size_t i = 0; i < 4; i++) {
		sample(SLOT_SEMAPHORE);
		snapshot_copy(&before, &now);
		assert_int_equal(pipe(pipes), 0);
		pid_t pid = fork();
		if (pid == 0) {
			uint64_t outside = sleep_in_call(make_semaphore(), sleeps[i]);
			_exit(write(pipes[1], &outside, sizeof(outside)) != sizeof(outside));
		}
		uint64_t outside = 0;
		assert_int_equal(read(pipes[0], &outside, sizeof(outside)), sizeof(outside));
		close(pipes[0]);
		close(pipes[1]);
		assert_child_ok(pid);
		const struct snapshot_syscall *call = sample(SLOT_SEMAPHORE);
		assert_int_equal(call->calls.total, i + 1);
		assert_int_equal(call->errors.total, i + 1);
		uint32_t hit = 0;
		for (uint32_t b = 0; b < LATENCY_BUCKETS; b++)
			if (call->buckets[b] != before.syscalls.calls[SLOT_SEMAPHORE].buckets[b])
				hit = b;
		assert_in_range(hit, bucket_of((double)sleeps[i] * CLOCK_SLACK),
			bucket_of((double)outside));
	}
}

/* Blocks in tee() on a pipe that nobody writes to. */
static void block_in_tee(void)
{
	int in[2], out[2];

	if (pipe(in) == 0 && pipe(out) == 0)
		syscall(SYS_tee, in[0], out[1], 1, 0);
	_exit(8);
}

/* A call that a fatal signal interrupts never returns. */
static void assert_never_returned(void)
{
	const struct snapshot_syscall *call = sample(SLOT_TEE);

	assert_int_equal(call->calls.total, 0);
	assert_int_equal(call->errors.total, 0);
	assert_no_losses();
}

static void killed_in_flight_leaves_no_state(void **state)
{
	struct {
		uint64_t start;
		uint32_t number;
		uint32_t slot;
		uint64_t rest[5];
	} record;
	int status;

	(void)state;
	need_fixture();
	pid_t pid = fork();
	if (pid == 0)
		block_in_tee();
	interrupt_await(pid, SYS_tee);
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int storage = object_map_fd(fixture.object, "in_flight_storage");
	if (storage >= 0) {
		assert_int_equal(bpf_map_lookup_elem(storage, &pidfd, &record), 0);
		assert_true(record.start != 0);
		assert_int_equal(record.number, SYS_tee);
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (storage >= 0)
		assert_true(bpf_map_lookup_elem(storage, &pidfd, &record) < 0);
	close(pidfd);
	assert_never_returned();
}

static void *exec_in_thread(void *unused)
{
	char *arguments[] = { "test", "exec-child", NULL };

	(void)unused;
	interrupt_await(getpid(), SYS_tee);
	execv("/proc/self/exe", arguments);
	_exit(7);
}

/* The thread takes over the process, and the id of its leader, which waits in tee() for ever. */
static void exec_in_a_thread_mistakes_nothing(void **state)
{
	pthread_t thread;

	(void)state;
	need_fixture();
	pid_t pid = fork();
	if (pid == 0) {
		pthread_create(&thread, NULL, exec_in_thread, NULL);
		block_in_tee();
	}
	assert_child_ok(pid);
	assert_never_returned();
	assert_int_equal(now.syscalls.calls[SLOT_PRIORITY].calls.total, EXEC_CALLS);
}

/* --- signals -------------------------------------------------------------------------------------- */

#define SIGNALS 50

/* One call from its first entry to its last exit, whatever the handler calls meanwhile. */
static void restarted_call_is_one(void **state)
{
	(void)state;
	need_fixture();
	double waited = (double)interrupt_tee(SIGNALS, SA_RESTART);
	const struct snapshot_syscall *call = sample(SLOT_TEE);
	assert_int_equal(call->calls.total, 1 + SIGNALS);
	assert_int_equal(call->errors.total, SIGNALS); /* those of the handler */
	assert_true(is_emulated() || call->max_ns >= waited * CLOCK_SLACK);
	assert_int_equal(now.syscalls.calls[SLOT_PRIORITY].calls.total, SIGNALS);
	assert_no_losses();
}

/* Without SA_RESTART the kernel makes the result -EINTR after the exit was seen. */
static void interrupted_call_is_an_error(void **state)
{
	(void)state;
	need_fixture();
	interrupt_tee(SIGNALS, 0);
	const struct snapshot_syscall *call = sample(SLOT_TEE);
	assert_int_equal(call->calls.total, 1 + SIGNALS + SIGNALS);
	assert_int_equal(call->errors.total, SIGNALS + SIGNALS);
	assert_no_losses();
}

static void do_nothing(int signal)
{
	(void)signal;
}

/* msgrcv() is never restarted where a handler runs (ERESTARTNOHAND). */
static void unrestarted_call_is_an_error(void **state)
{
	int queue = msgget(IPC_PRIVATE, 0600);

	(void)state;
	need_fixture();
	assert_true(queue >= 0);
	pid_t pid = fork();
	if (pid == 0) {
		signal(SIGUSR1, do_nothing);
		long message[2];
		_exit(msgrcv(queue, message, sizeof(long), 0, 0) == -1 && errno == EINTR ? 0 : 5);
	}
	interrupt_await(pid, SYS_msgrcv);
	kill(pid, SIGUSR1);
	assert_child_ok(pid);
	msgctl(queue, IPC_RMID, NULL);
	assert_int_equal(sample(SLOT_MSGRCV)->calls.total, 1);
	assert_int_equal(now.syscalls.calls[SLOT_MSGRCV].errors.total, 1);
	assert_no_losses();
}

/* Stopped and continued, nanosleep() goes on by restart_syscall(). */
static void sleep_and_be_stopped(void)
{
	struct timespec time = { .tv_nsec = 300000000 };
	int status;

	pid_t pid = fork();
	if (pid == 0)
		_exit(syscall(SYS_nanosleep, &time, NULL) == 0 ? 0 : 5);
	interrupt_await(pid, SYS_nanosleep);
	kill(pid, SIGSTOP);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	kill(pid, SIGCONT);
	assert_child_ok(pid);
}

/*
 * The host's other processes may sleep meanwhile, for all are counted: then once more. Those in Go do so all the time,
 * as the Prometheus of a test beside this one. What is not one call is none at any time.
 */
static void stopped_call_is_one(void **state)
{
	enum { OTHERS_S = 90 };
	double end = clock_monotonic_seconds() + OTHERS_S;
	uint64_t counted, calls;

	(void)state;
	need_fixture();
	do {
		counted = sample(SLOT_NANOSLEEP)->calls.total;
		sleep_and_be_stopped();
		calls = sample(SLOT_NANOSLEEP)->calls.total - counted;
	} while (calls != 1 && clock_monotonic_seconds() < end);
	assert_int_equal(calls, 1);
	assert_int_equal(now.syscalls.calls[SLOT_NANOSLEEP].errors.total, 0);
	assert_true(
		is_emulated() || now.syscalls.calls[SLOT_NANOSLEEP].max_ns >= 3e8 * CLOCK_SLACK);
	assert_no_losses();
}

#ifdef __x86_64__
static long call_by_int80(long number, long argument)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(argument), "c"(0L), "d"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

/*
 * 146 is writev() for 32-bit callers and sched_get_priority_max() for 64-bit ones; 159 is
 * sched_get_priority_max() for 32-bit callers. Kprobes of the 64-bit functions do not see them.
 */
static void compat_calls_are_not_mistaken(void **state)
{
	int status;

	(void)state;
	need_fixture();
	assert_int_equal(SYS_sched_get_priority_max, 146);
	pid_t pid = fork();
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL); /* cmocka's handler would make an exit status of it */
		bool expected = true;
		for (int i = 0; i < 100; i++)
			expected &= call_by_int80(146, -1) == -EBADF;
		for (int i = 0; i < 5; i++)
			expected &= call_by_int80(159, 12345) == -EINVAL;
		make_calls(7, 0);
		_exit(expected ? 0 : 6);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV && getenv("X0_EMULATED") == NULL) {
		print_message(
			"This kernel has no 32-bit system calls: those of make test-kernels do.\n");
		return;
	}
	assert_int_equal(status, 0);
	int seen = fixture.kprobes ? 0 : 5;
	assert_int_equal(sample(SLOT_PRIORITY)->calls.total, 7 + seen);
	assert_int_equal(now.syscalls.calls[SLOT_PRIORITY].errors.total, seen);
	assert_no_losses();
}

/* A kernel without x32 refuses them, after its tracepoint has seen them. */
static void x32_calls_are_told(void **state)
{
	(void)state;
	need_fixture();
	for (int i = 0; i < 3; i++)
		syscall(0x40000000 + SYS_sched_get_priority_max, SCHED_OTHER);
	assert_int_equal(sample(SLOT_PRIORITY)->calls.total, 0);
	for (uint32_t i = 0; i < now.self.n_losses; i++)
		if (strcmp(now.self.losses[i].what, "system calls: x32 calls not measured") == 0)
			assert_int_equal(now.self.losses[i].count.total, fixture.kprobes ? 0 : 3);
}
#endif

/* Returns the process's id as programs see it: not that of the namespace that the test may be in. */
static pid_t pid_of_kernel(void)
{
	static const struct bpf_insn program[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_current_pid_tgid },
		{ .code = BPF_ALU64 | BPF_RSH | BPF_K, .imm = 32 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_test_run_opts, run);
	int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "pid", "GPL", program,
		sizeof(program) / sizeof(program[0]), NULL);

	if (fd < 0 || bpf_prog_test_run_opts(fd, &run) < 0)
		return -1;
	close(fd);
	return (pid_t)run.retval;
}

static void slow_calls_are_told(void **state)
{
	struct event_ring events = { 0 };
	static struct event_log event_log;
	struct slow_calls slow_calls = { .calls = &fixture.calls, .log = &event_log };
	struct failure failure;

	(void)state;
	need_fixture();
	assert_int_equal(event_ring_open(&events, object_map_fd(fixture.object, "events"),
				 object_map_fd(fixture.object, "events_lost"), &failure),
		0);
	assert_true(event_ring_drain(&events) >= 0); /* what earlier cases have left */
	memset(&event_log, 0, sizeof(event_log));
	event_ring_register(&events, EVENT_SLOW_SYSCALL, slow_calls_take, &slow_calls);
	pid_t *seen = mmap(
		NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(seen != MAP_FAILED);
	pid_t pid = fork();
	if (pid == 0) {
		*seen = pid_of_kernel();
		prctl(PR_SET_NAME, "x0 slow\033[2J");
		sleep_in_call(make_semaphore(), 20000000);
		_exit(0);
	}
	assert_child_ok(pid);
	sample(SLOT_SEMAPHORE);
	now.time = clock_realtime_seconds();
	assert_true(event_ring_drain(&events) >= 0);
	assert_int_equal(event_ring_sample(&events, NULL, &now), 0);
	slow_calls_sample(&slow_calls, &now);
	event_log_copy(&event_log, &now);
	assert_int_equal(now.syscalls.n_slowest, 1);
	const struct snapshot_slow_call *slow = &now.syscalls.slowest[0];
	assert_string_equal(slow->name, "semtimedop");
	assert_string_equal(slow->command, "x0 slow?[2J");
	assert_int_equal(slow->pid, *seen);
	assert_int_equal(slow->thread, *seen);
	munmap(seen, sizeof(*seen));
	assert_int_equal(slow->result, -EAGAIN);
	assert_true(slow->latency_ns == now.syscalls.calls[SLOT_SEMAPHORE].max_ns);
	assert_true(is_emulated() || slow->latency_ns >= 20e6 * CLOCK_SLACK);
	assert_true(slow->time <= now.time && slow->time > now.time - PATIENCE_S);
	assert_int_equal(now.net_events.n_events, 1);
	assert_int_equal(now.net_events.events[0].kind, EVENT_KIND_SYSCALL);
	assert_non_null(strstr(now.net_events.events[0].text, "semtimedop took "));
	assert_null(strchr(now.net_events.events[0].text, '\033'));
	event_ring_close(&events);
}

static void unknown_call_is_named(void **state)
{
	static const char *const wrong[] = { "read", "no_such_call", NULL };
	struct syscall_fixture other = { .lru = false };

	(void)state;
	assert_int_equal(
		syscall_fixture_open(&other, "kprobe_syscall_latency", wrong, mode->wanted),
		-EINVAL);
	assert_non_null(strstr(other.failure.what, "no_such_call"));
}

/* Calls of which no exit is seen are refused with the reason. */
static void calls_that_do_not_return_are_refused(void **state)
{
	static const char *const refused[] = { "exit", "exit_group", "rt_sigreturn",
		"restart_syscall" };

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		const char *const wrong[] = { "read", refused[i], NULL };
		struct syscall_fixture other = { .lru = false };
		assert_int_equal(
			syscall_fixture_open(&other, "kprobe_syscall_latency", wrong, mode->wanted),
			-EINVAL);
		assert_non_null(strstr(other.failure.what, refused[i]));
		assert_non_null(strstr(other.failure.what, " cannot be measured: "));
	}
}

/* A name that only another architecture has is left out of the defaults, and refused by name. */
static void default_that_is_missing_is_left_out(void **state)
{
	static const char names_of_both[][NAME_LEN] = { "read", "arm_fadvise64_64", "openat" };
	static const char names_of_other[][NAME_LEN] = { "arm_fadvise64_64" };
	struct traced_calls calls;
	struct failure failure;

	(void)state;
	assert_int_equal(traced_calls_resolve(&calls, names_of_both, 3, false, &failure), 0);
	assert_int_equal(calls.n, 2);
	assert_string_equal(calls.names[1], "openat");
	assert_string_equal(calls.left_out, "arm_fadvise64_64");
	assert_int_equal(traced_calls_resolve(&calls, names_of_other, 1, true, &failure), -EINVAL);
	assert_non_null(strstr(failure.what, "arm_fadvise64_64"));
}

#define UNTRACED_CALLS 100000
#define RUNS_OF_OTHERS 100 /* another process may make a traced call meanwhile */

/* Sums the runs of all programs of the tracer, as the kernel counts them while asked to. */
static uint64_t runs_of_programs(void)
{
	struct bpf_program *program;
	uint64_t runs = 0;

	bpf_object__for_each_program (program, fixture.object) {
		struct bpf_prog_info info;
		if (bpf_program__fd(program) < 0)
			continue;
		assert_int_equal(program_info_read(bpf_program__fd(program), &info), 0);
		runs += info.run_cnt;
	}
	return runs;
}

/* Kprobes are at the chosen calls only: no program runs in any other. `make bench` has the time. */
static void untraced_call_runs_nothing(void **state)
{
	(void)state;
	if (mode != &by_kprobe)
		return;
	assert_int_equal(set_up(NULL), 0);
	int counting = bpf_enable_stats(BPF_STATS_RUN_TIME);
	assert_true(counting >= 0);
	uint64_t earlier = runs_of_programs();
	assert_true(syscall(SYS_tee, -1, -1, 1, 0) < 0); /* a traced one */
	assert_in_range(runs_of_programs() - earlier, 2, 2 + RUNS_OF_OTHERS);
	earlier = runs_of_programs();
	for (int i = 0; i < UNTRACED_CALLS; i++)
		syscall(SYS_getppid);
	assert_in_range(runs_of_programs() - earlier, 0, RUNS_OF_OTHERS);
	close(counting);
	tear_down(NULL);
}

/* nfsservctl() has a number, and no function since 3.1. */
static void call_without_a_function_is_named(void **state)
{
	static const char *const wrong[] = { "sched_get_priority_max", "nfsservctl", NULL };
	struct syscall_fixture other = { .lru = false };

	(void)state;
	if (mode != &by_kprobe)
		return;
	int error =
		syscall_fixture_open(&other, "kprobe_syscall_latency", wrong, SYSCALLS_WANT_KPROBE);
	assert_int_equal(error, -ENOENT);
	assert_non_null(strstr(other.failure.what, "the system call nfsservctl: "));
	assert_non_null(strstr(other.failure.remedy, "Leave out nfsservctl"));
	assert_int_equal(other.links.n, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static int run(const char *name, const struct mode *chosen)
{
	const struct CMUnitTest tests[] = {
		TEST(counts_are_exact),
		TEST(recent_is_since_the_last_sample),
		TEST(threads_are_counted_exactly),
		TEST(sleeps_are_in_the_right_bucket),
		TEST(killed_in_flight_leaves_no_state),
		TEST(exec_in_a_thread_mistakes_nothing),
		TEST(restarted_call_is_one),
		TEST(interrupted_call_is_an_error),
		TEST(unrestarted_call_is_an_error),
		TEST(stopped_call_is_one),
#ifdef __x86_64__
		TEST(compat_calls_are_not_mistaken),
		TEST(x32_calls_are_told),
#endif
		TEST(slow_calls_are_told),
		cmocka_unit_test(unknown_call_is_named),
		cmocka_unit_test(calls_that_do_not_return_are_refused),
		cmocka_unit_test(default_that_is_missing_is_left_out),
		cmocka_unit_test(untraced_call_runs_nothing),
		cmocka_unit_test(call_without_a_function_is_named),
	};

	mode = chosen;
	return cmocka_run_group_tests_name(name, tests, NULL, end);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "exec-child") == 0) {
		make_calls(EXEC_CALLS, 0);
		return 0;
	}
	int failed = run("syscall_latency by tracepoint", &by_tracepoint);
	/* Guests run what x0top runs there: before 5.13, without task storage, that is the LRU hash. */
	if (!is_emulated())
		failed += run("syscall_latency by tracepoint, LRU", &by_tracepoint_lru);
	if (kprobes_offered())
		failed += run("syscall_latency by kprobe", &by_kprobe);
	return failed;
}
