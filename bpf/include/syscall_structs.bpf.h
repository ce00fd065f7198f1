/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What tracers of system calls read of the kernel's structs, as CO-RE flavours, and where machines differ. */
#ifndef X0_SYSCALL_STRUCTS_BPF_H
#define X0_SYSCALL_STRUCTS_BPF_H

#include <linux/types.h>

#if defined(__TARGET_ARCH_x86)
#define COMPAT_FIELD  status
#define COMPAT_BITS   0x2 /* TS_COMPAT, arch/x86/include/asm/thread_info.h */
#define SYSCALL_FIELD orig_ax
#define X32_BIT	      0x40000000 /* __X32_SYSCALL_BIT */
#elif defined(__TARGET_ARCH_arm64)
#define COMPAT_FIELD  flags
#define COMPAT_BITS   (1u << 22) /* TIF_32BIT, arch/arm64/include/asm/thread_info.h */
#define SYSCALL_FIELD syscallno
#define X32_BIT	      0
#else
#error "system calls are traced on x86-64 and arm64 only"
#endif

struct thread_info___x0 {
	unsigned long flags;
	__u32 status;
} __attribute__((preserve_access_index));

struct task_struct___x0 {
	struct thread_info___x0 thread_info;
} __attribute__((preserve_access_index));

/* syscallno is an int in the kernel: where its sign is extended, 6.1's verifier loses its bounds. */
struct pt_regs___x0 {
	unsigned long orig_ax;
	__u32 syscallno;
	unsigned long sp;
} __attribute__((preserve_access_index));

#endif
