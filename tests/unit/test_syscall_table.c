// SPDX-License-Identifier: BSD-2-Clause
/* Names of system calls, and the table that the tracers look a number up in. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "kernel/syscall_table.h"

static struct traced_calls calls;
static struct failure failure;

static int resolve_one(const char *name, bool chosen)
{
	char names[1][NAME_LEN] = { "" };

	snprintf(names[0], NAME_LEN, "%s", name);
	return traced_calls_resolve(&calls, (const char(*)[NAME_LEN])names, 1, chosen, &failure);
}

static void names_have_their_numbers(void **state)
{
	static const char names[][NAME_LEN] = { "read", "write", "read", "fsync" };

	(void)state;
	assert_int_equal(traced_calls_resolve(&calls, names, 4, true, &failure), 0);
	assert_true(calls.chosen);
	assert_int_equal(calls.n, 3); /* one is there twice */
	assert_int_equal(calls.numbers[0], SYS_read);
	assert_int_equal(calls.numbers[1], SYS_write);
	assert_int_equal(calls.numbers[2], SYS_fsync);
	assert_string_equal(calls.names[0], "read");
	assert_string_equal(calls.names[2], "fsync");
	assert_string_equal(calls.left_out, "");
}

static void what_cannot_be_measured_is_refused(void **state)
{
	static const struct {
		const char *name, *what, *remedy;
	} refused[] = {
		{ "no_such_call", "This machine has no system call \"no_such_call\"",
			"See syscalls(2) for the names" },
		{ "exit", "The system call exit cannot be measured: it never returns",
			"Leave out exit" },
		{ "exit_group", "The system call exit_group cannot be measured: it never returns",
			"Leave out exit_group" },
		{ "rt_sigreturn",
			"The system call rt_sigreturn cannot be measured: it returns to where a signal "
			"came, and no exit of its own is seen",
			"Leave out rt_sigreturn" },
		{ "restart_syscall",
			"The system call restart_syscall cannot be measured: the kernel goes on by it with "
			"a call that a signal interrupted, and it is part of that call",
			"Leave out restart_syscall" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		assert_int_equal(resolve_one(refused[i].name, true), -EINVAL);
		assert_string_equal(failure.what, refused[i].what);
		assert_string_equal(failure.remedy, refused[i].remedy);
		assert_int_equal(calls.n, 0);
	}
}

/* Defaults that this machine lacks are left out by name; what the operator names is an error. */
static void defaults_that_are_missing(void **state)
{
	static const char names[][NAME_LEN] = { "nothing", "read", "nowhere" };

	(void)state;
	assert_int_equal(traced_calls_resolve(&calls, names, 3, false, &failure), 0);
	assert_int_equal(calls.n, 1);
	assert_false(calls.chosen);
	assert_string_equal(calls.left_out, "nothing, nowhere");
	assert_int_equal(traced_calls_resolve(&calls, names, 3, true, &failure), -EINVAL);
}

/* One call more than there are slots, all of them on every machine. */
static void as_many_as_there_are_slots(void **state)
{
	static char names[SYSCALL_NUMBERS_MAX][NAME_LEN];
	static const char *const many[] = { "read", "write", "close", "fstat", "lseek", "mmap",
		"mprotect", "munmap", "brk", "ioctl", "pread64", "pwrite64", "readv", "writev",
		"sched_yield", "mremap", "msync", "mincore", "madvise", "dup", "nanosleep",
		"getitimer", "setitimer", "getpid", "socket", "connect", "accept", "sendto",
		"recvfrom", "sendmsg", "recvmsg", "shutdown", "bind" };

	(void)state;
	assert_true(sizeof(many) / sizeof(many[0]) > SYSCALLS_MAX);
	for (int i = 0; i <= SYSCALLS_MAX; i++)
		snprintf(names[i], NAME_LEN, "%s", many[i]);
	const char(*list)[NAME_LEN] = (const char(*)[NAME_LEN])names;
	assert_int_equal(traced_calls_resolve(&calls, list, SYSCALLS_MAX, true, &failure), 0);
	assert_int_equal(calls.n, SYSCALLS_MAX);
	assert_string_equal(calls.names[SYSCALLS_MAX - 1], many[SYSCALLS_MAX - 1]);
	assert_int_equal(
		traced_calls_resolve(&calls, list, SYSCALLS_MAX + 1, true, &failure), -EINVAL);
	char expected[64];
	snprintf(expected, sizeof(expected), "Too many system calls to trace: at most %d",
		SYSCALLS_MAX);
	assert_string_equal(failure.what, expected);
	assert_string_equal(failure.remedy, "Name fewer of them");
	/* One that is listed already takes no slot. */
	snprintf(names[SYSCALLS_MAX], NAME_LEN, "read");
	assert_int_equal(traced_calls_resolve(&calls, list, SYSCALLS_MAX + 1, true, &failure), 0);
}

/* A slot is its place and one; of 32-bit programs, beside it. */
static void the_table_has_slots_by_number(void **state)
{
	static const char names[][NAME_LEN] = { "read", "fsync" };
	static uint16_t table[SYSCALL_NUMBERS_MAX];
	uint32_t native = 0;

	(void)state;
	memset(table, 0xff, sizeof(table));
	assert_int_equal(traced_calls_resolve(&calls, names, 2, true, &failure), 0);
	traced_calls_table(&calls, table);
	assert_int_equal(table[SYS_read] & ((1 << SLOT_COMPAT_SHIFT) - 1), 1);
	assert_int_equal(table[SYS_fsync] & ((1 << SLOT_COMPAT_SHIFT) - 1), 2);
	assert_int_equal(table[SYS_restart_syscall] & ((1 << SLOT_COMPAT_SHIFT) - 1), SLOT_RESTART);
	for (uint32_t i = 0; i < SYSCALL_NUMBERS_MAX; i++)
		native += (table[i] & ((1 << SLOT_COMPAT_SHIFT) - 1)) != 0;
	assert_int_equal(native, 3);
#if defined(__x86_64__) || defined(__aarch64__)
	/* read is 3, restart_syscall 0 and fsync 118 on x86 and on arm. */
	assert_int_equal(table[3] >> SLOT_COMPAT_SHIFT, 1);
	assert_int_equal(table[118] >> SLOT_COMPAT_SHIFT, 2);
	assert_int_equal(table[0] >> SLOT_COMPAT_SHIFT, SLOT_RESTART);
#endif
	calls.n = 0;
	traced_calls_table(&calls, table);
	for (uint32_t i = 0; i < SYSCALL_NUMBERS_MAX; i++)
		assert_int_equal(table[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_their_numbers),
		cmocka_unit_test(what_cannot_be_measured_is_refused),
		cmocka_unit_test(defaults_that_are_missing),
		cmocka_unit_test(as_many_as_there_are_slots),
		cmocka_unit_test(the_table_has_slots_by_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
