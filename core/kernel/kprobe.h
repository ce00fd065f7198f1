/* SPDX-License-Identifier: BSD-2-Clause */
/* Probes kprobes, and names the kernel's functions of system calls. */
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
 * Sets a kprobe on a system call, makes the call, and checks that the kprobe fired. Returns 0;
 * -EOPNOTSUPP if the kernel has no kprobes; -ENODATA if the kprobe did not fire because kprobes are
 * turned off; or the negative errno of the kernel's refusal.
 */
int kprobe_probe(void);

#endif
