// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/syscall_table.h"

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>

const char *traced_calls_name(const struct traced_calls *calls, uint32_t number)
{
	for (uint32_t i = 0; i < calls->n; i++)
		if (calls->numbers[i] == number)
			return calls->names[i];
	return NULL;
}

/* libseccomp gives negative numbers to calls that only other architectures have. */
static int add(struct traced_calls *calls, const char *name, struct failure *failure)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number < 0 || number >= SYSCALL_NUMBERS_MAX) {
		failure_set(failure, -EINVAL, "This machine has no system call \"%s\"", name);
		return failure_remedy(failure, "See syscalls(2) for the names");
	}
	if (traced_calls_name(calls, (uint32_t)number) != NULL)
		return 0;
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
	struct failure *failure)
{
	calls->n = 0;
	for (uint32_t i = 0; i < n; i++) {
		int error = add(calls, names[i], failure);
		if (error < 0)
			return error;
	}
	return 0;
}
