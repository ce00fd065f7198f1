// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/syscall_table.h"

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>

#if defined(__x86_64__)
#define COMPAT_ARCHITECTURE SCMP_ARCH_X86
#elif defined(__aarch64__)
#define COMPAT_ARCHITECTURE SCMP_ARCH_ARM
#endif

#define RESTART_CALL "restart_syscall"

/* Calls of which no exit is seen. */
static const struct {
	const char *name;
	const char *why;
} unmeasurable[] = {
	{ "exit", "it never returns" },
	{ "exit_group", "it never returns" },
	{ "rt_sigreturn", "it returns to where a signal came, and no exit of its own is seen" },
	{ RESTART_CALL, "the kernel goes on by it with a call that a signal interrupted, and it is "
			"part of that call" },
};

/* libseccomp gives negative numbers to calls that only other architectures have. */
static bool is_number(int number)
{
	return number >= 0 && number < SYSCALL_NUMBERS_MAX;
}

static bool is_listed(const struct traced_calls *calls, uint32_t number)
{
	for (uint32_t i = 0; i < calls->n; i++)
		if (calls->numbers[i] == number)
			return true;
	return false;
}

static int refuse_unmeasurable(const char *name, struct failure *failure)
{
	for (size_t i = 0; i < sizeof(unmeasurable) / sizeof(unmeasurable[0]); i++) {
		if (strcmp(unmeasurable[i].name, name) != 0)
			continue;
		failure_set(failure, -EINVAL, "The system call %s cannot be measured: %s", name,
			unmeasurable[i].why);
		return failure_remedy(failure, "Leave out %s", name);
	}
	return 0;
}

void traced_calls_leave_out(struct traced_calls *calls, const char *name)
{
	size_t length = strlen(calls->left_out);

	snprintf(calls->left_out + length, sizeof(calls->left_out) - length, "%s%s",
		length > 0 ? ", " : "", name);
}

static int add(struct traced_calls *calls, const char *name, struct failure *failure)
{
	int number = seccomp_syscall_resolve_name(name);

	if (!is_number(number) && !calls->chosen) {
		traced_calls_leave_out(calls, name);
		return 0;
	}
	if (!is_number(number)) {
		failure_set(failure, -EINVAL, "This machine has no system call \"%s\"", name);
		return failure_remedy(failure, "See syscalls(2) for the names");
	}
	int error = refuse_unmeasurable(name, failure);
	if (error < 0 || is_listed(calls, (uint32_t)number))
		return error;
	if (calls->n == SYSCALLS_MAX) {
		failure_set(failure, -EINVAL, "Too many system calls to trace: at most %d",
			SYSCALLS_MAX);
		return failure_remedy(failure, "Name fewer of them");
	}
	calls->numbers[calls->n] = (uint32_t)number;
	snprintf(calls->names[calls->n], NAME_LEN, "%s", name);
	calls->n++;
	return 0;
}

int traced_calls_resolve(struct traced_calls *calls, const char (*names)[NAME_LEN], uint32_t n,
	bool chosen, struct failure *failure)
{
	*calls = (struct traced_calls) { .chosen = chosen };
	for (uint32_t i = 0; i < n; i++) {
		int error = add(calls, names[i], failure);
		if (error < 0)
			return error;
	}
	return 0;
}

/* Adds what a name's number means to programs of one width. */
static void put(uint16_t table[SYSCALL_NUMBERS_MAX], int number, uint32_t slot, uint32_t shift)
{
	if (is_number(number))
		table[number] |= (uint16_t)(slot << shift);
}

static void put_both(uint16_t table[SYSCALL_NUMBERS_MAX], const char *name, uint32_t slot)
{
	put(table, seccomp_syscall_resolve_name(name), slot, 0);
#ifdef COMPAT_ARCHITECTURE
	put(table, seccomp_syscall_resolve_name_arch(COMPAT_ARCHITECTURE, name), slot,
		SLOT_COMPAT_SHIFT);
#endif
}

void traced_calls_table(const struct traced_calls *calls, uint16_t table[SYSCALL_NUMBERS_MAX])
{
	memset(table, 0, SYSCALL_NUMBERS_MAX * sizeof(table[0]));
	if (calls->n > 0)
		put_both(table, RESTART_CALL, SLOT_RESTART);
	for (uint32_t i = 0; i < calls->n; i++)
		put_both(table, calls->names[i], i + 1);
}
