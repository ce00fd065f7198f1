/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_TESTS_WAIT_H
#define X0_TESTS_WAIT_H

#include <stdbool.h>

/* Asks `condition` again and again, for 10 seconds at most, until it holds. Returns whether it does. */
bool wait_until(bool (*condition)(void *context), void *context);

#endif
