/* SPDX-License-Identifier: BSD-2-Clause */
/* What is wrong in a snapshot, in words, the worst first. */
#ifndef X0_TUI_ALERTS_H
#define X0_TUI_ALERTS_H

#include "history.h"
#include "model/snapshot.h"

enum alert_level {
	ALERT_BAD, /* something does not work */
	ALERT_WARN, /* something is lost, or grows */
	ALERT_NOTE, /* good to know */
	ALERT_LEVELS,
};

enum { ALERTS_MAX = 24, ALERT_LEN = 2 * REASON_LEN };

struct alert {
	enum alert_level level;
	char text[ALERT_LEN];
};

struct alerts {
	uint32_t n;
	uint32_t levels[ALERT_LEVELS]; /* how many of each */
	struct alert list[ALERTS_MAX];
};

/*
 * The kernel's drops a second without those that it gives no reason for: leftovers of sockets that
 * close, and with some drivers (veth) what an XDP program has dropped, which is told elsewhere.
 */
double alerts_explained_drops(const struct snapshot *snapshot);

/* `drops`: the history of alerts_explained_drops(), the newest being the snapshot's. */
void alerts_find(
	struct alerts *alerts, const struct snapshot *snapshot, const struct history *drops);

#endif
