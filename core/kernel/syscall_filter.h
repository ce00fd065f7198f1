/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of the system calls that x0top makes after its set-up, as seccomp filters. */
#ifndef X0_KERNEL_SYSCALL_FILTER_H
#define X0_KERNEL_SYSCALL_FILTER_H

enum syscall_list {
	SYSCALLS_ALL, /* no filter */
	SYSCALLS_RUNNING,
	SYSCALLS_KEEPER,
};

/*
 * Lets this process make only the calls of a list, for good. Others fail with EPERM rather than kill
 * it: a C library of tomorrow may try a call that it can do without. clone3 fails with ENOSYS, which
 * makes the C library fall back to clone, whose flags a filter can read. Calls of another
 * architecture kill. Needs no_new_privs. Returns 0 or a negative errno.
 */
int syscall_filter_set(enum syscall_list list);

#endif
