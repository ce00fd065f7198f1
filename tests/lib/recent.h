/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_TESTS_RECENT_H
#define X0_TESTS_RECENT_H

#include "model/snapshot.h"

/* Asserts that all events of a sample happened in the hour before it: what is said of no time is of its own. */
void assert_events_recent(const struct snapshot *now);

#endif
