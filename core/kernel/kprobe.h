/* SPDX-License-Identifier: BSD-2-Clause */
/* Probes kprobes, and names the kernel's functions of system calls. */
#ifndef X0_KERNEL_KPROBE_H
#define X0_KERNEL_KPROBE_H

#include <bpf/libbpf.h>
#include <stdbool.h>

#include "kernel/kernel_functions.h"

#if defined(__x86_64__)
#define SYSCALL_PREFIX "__x64_sys_"
#elif defined(__aarch64__)
#define SYSCALL_PREFIX "__arm64_sys_"
#else
#error "system calls are traced on x86-64 and arm64 only"
#endif

/*
 * Attaches a loaded program to the beginning of a kernel function, or to its return: to where `functions` says that it
 * is, else by its name, which the kernel has to look up. Returns the link, or NULL with errno set.
 */
struct bpf_link *kprobe_attach(const struct bpf_program *program, bool leave, const char *function,
	const struct kernel_functions *functions);

/* Returns whether the kernel takes longer to look up a few names than to list all that it has, as 5.10 does: it goes
 * through them one by one. 6.1 does not. */
bool kprobe_names_are_slow(void);

/*
 * Sets a kprobe on a system call, makes the call, and checks that the kprobe fired. Returns 0;
 * -EOPNOTSUPP if the kernel has no kprobes; -ENODATA if the kprobe did not fire because kprobes are
 * turned off; or the negative errno of the kernel's refusal.
 */
int kprobe_probe(void);

#endif
