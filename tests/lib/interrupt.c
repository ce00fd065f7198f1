// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/lib/wait.h"

struct waiter {
	int in[2], out[2];
	_Atomic int *handled; /* signals, shared with the process */
	pid_t pid;
};

static struct waiter waiter;

static void handle(int signal)
{
	int error = errno;

	(void)signal;
	syscall(SYS_tee, waiter.in[0], waiter.out[1], 1, SPLICE_F_NONBLOCK);
	syscall(SYS_sched_get_priority_max, SCHED_OTHER);
	atomic_fetch_add(waiter.handled, 1);
	errno = error;
}

static void wait_in_tee(int flags)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = flags };
	long result;

	close(waiter.in[1]);
	sigaction(SIGUSR1, &action, NULL);
	do
		result = syscall(SYS_tee, waiter.in[0], waiter.out[1], 1, 0);
	while (result < 0 && errno == EINTR);
	_exit(result == 0 ? 0 : 1);
}

/* Whether the process is in the call, and not on its way. */
static bool is_blocked(int pid, long number)
{
	char path[64], text[64] = "";

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return false;
	bool read = fgets(text, sizeof(text), file) != NULL;
	fclose(file);
	char *end;
	return read && strtol(text, &end, 10) == number && end != text;
}

void interrupt_await(int pid, long number)
{
	uint64_t deadline = clock_monotonic_ns() + PATIENCE_S * NS_PER_SECOND;

	while (!is_blocked(pid, number)) {
		if (clock_monotonic_ns() > deadline)
			fail_msg("process %d does not wait in call %ld", pid, number);
		sched_yield();
	}
}

static void signal_and_await(int nth)
{
	uint64_t deadline = clock_monotonic_ns() + PATIENCE_S * NS_PER_SECOND;

	kill(waiter.pid, SIGUSR1);
	while (atomic_load(waiter.handled) <= nth) {
		if (clock_monotonic_ns() > deadline)
			fail_msg("process %d does not handle its signal", waiter.pid);
		sched_yield();
	}
	interrupt_await(waiter.pid, SYS_tee);
}

uint64_t interrupt_tee(int signals, int flags)
{
	int status;

	waiter.handled = mmap(NULL, sizeof(*waiter.handled), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(waiter.handled != MAP_FAILED);
	assert_int_equal(pipe(waiter.in), 0);
	assert_int_equal(pipe(waiter.out), 0);
	waiter.pid = fork();
	if (waiter.pid == 0)
		wait_in_tee(flags);
	interrupt_await(waiter.pid, SYS_tee);
	uint64_t began = clock_monotonic_ns();
	for (int i = 0; i < signals; i++)
		signal_and_await(i);
	uint64_t waited = clock_monotonic_ns() - began;
	close(waiter.in[1]);
	assert_int_equal(waitpid(waiter.pid, &status, 0), waiter.pid);
	assert_int_equal(status, 0);
	close(waiter.in[0]);
	close(waiter.out[0]);
	close(waiter.out[1]);
	munmap(waiter.handled, sizeof(*waiter.handled));
	return waited;
}
