/* SPDX-License-Identifier: BSD-2-Clause */
/* Waits until programs that were replaced run no more. */
#ifndef X0_KERNEL_GRACE_H
#define X0_KERNEL_GRACE_H

/* Returns once no BPF program runs that began before: an RCU grace period. */
void grace_wait(void);

#endif
