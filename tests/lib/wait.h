/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_TESTS_WAIT_H
#define X0_TESTS_WAIT_H

#include <stdbool.h>

/* Polls `condition` for at most 10 seconds. Returns whether it holds. */
bool wait_until(bool (*condition)(void *context), void *context);

#endif
