/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether this process can use kprobes here, and the kernel's names of system calls. */
#ifndef X0_KERNEL_KPROBE_H
#define X0_KERNEL_KPROBE_H

#if defined(__x86_64__)
#define SYSCALL_PREFIX "__x64_sys_"
#elif defined(__aarch64__)
#define SYSCALL_PREFIX "__arm64_sys_"
#else
#error "system calls are traced on x86-64 and arm64 only"
#endif

/*
 * Tries the thing itself: sets a kprobe on a system call, makes the call, and looks whether it was
 * seen. Returns 0; -EOPNOTSUPP when the kernel has no kprobes; -ENODATA when they can be set and see
 * nothing, because they are switched off; or the errno with which the kernel refuses.
 */
int kprobe_try(void);

#endif
