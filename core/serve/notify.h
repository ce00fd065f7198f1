/* SPDX-License-Identifier: BSD-2-Clause */
/* Tells a service manager how it goes, by the protocol of sd_notify(3): datagrams to $NOTIFY_SOCKET. */
#ifndef X0_SERVE_NOTIFY_H
#define X0_SERVE_NOTIFY_H

#include <stdint.h>

/* Connects to the manager that started this process. Call it before rights are given up. Without a manager,
 * what follows does nothing. */
void notify_open(void);
void notify_close(void);

/* Sends a state, like "READY=1" or "STATUS=...", from a format. Waits for nothing. */
void notify_send(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Returns how often the manager wants to hear WATCHDOG=1, in ns: half of what it waits; 0: never. */
uint64_t notify_watchdog_ns(void);

#endif
