/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_TESTS_WAIT_H
#define X0_TESTS_WAIT_H

#include <stdbool.h>

/*
 * How long a test waits for what has to come before it fails. A machine that others keep busy, and more so one
 * that is emulated there, stands still for many seconds.
 */
#define PATIENCE_S 60

/* Polls `condition` for at most PATIENCE_S. Returns whether it holds. */
bool wait_until(bool (*condition)(void *context), void *context);

/*
 * For loops that go on all the time: where all processors are one thread of an emulator (X0_EMULATED), sleeps a
 * millisecond, so that the others run. Whoever waits for each processor in turn takes a second else.
 */
void breathe(void);

#endif
