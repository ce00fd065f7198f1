/* SPDX-License-Identifier: BSD-2-Clause */
/* What this process holds: whoever begins and ends something again and again must not hold more each time. */
#ifndef X0_TESTS_HOLDINGS_H
#define X0_TESTS_HOLDINGS_H

/*
 * Calls `life` some times, and fails the test if the last call has left descriptors open, or memory in use or mapped
 * that the calls before did not need. `what` is for the message.
 */
void holdings_check(const char *what, void (*life)(void));

#endif
