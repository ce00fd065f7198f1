/* SPDX-License-Identifier: BSD-2-Clause */
/* A process that waits in tee(), which the kernel restarts after a signal, and gets signals. */
#ifndef X0_TESTS_INTERRUPT_H
#define X0_TESTS_INTERRUPT_H

#include <stdint.h>

/*
 * Makes a process call tee() on an empty pipe until it does not fail with EINTR, sends it SIGUSR1
 * `signals` times, each time when it waits, and ends its wait. The handler, with the given flags for
 * sigaction(), calls tee() itself, which fails, and sched_get_priority_max(). Returns the ns from the
 * first signal to the end of the wait; fails the test if the process fails.
 */
uint64_t interrupt_tee(int signals, int flags);

/* Waits until a process sleeps in the system call with this number. */
void interrupt_await(int pid, long number);

#endif
