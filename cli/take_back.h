/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that takes back what MAPE-K has done and outlives x0top (control/switch_book.h), if x0top is killed. Where it
 * is killed, too, the next x0top does that.
 */
#ifndef X0_CLI_TAKE_BACK_H
#define X0_CLI_TAKE_BACK_H

#include <sys/types.h>

#include "base/failure.h"
#include "programs/settings.h"

struct take_back {
	pid_t pid; /* 0: there is none */
	int alive; /* valid then; its end tells that process that this one is gone */
};

/* Starts the process, if a policy of the settings does anything that may outlive x0top; before anything is opened, and
 * before rights are given up. Returns 0, or a negative errno with *failure set: only the next x0top takes back. */
int take_back_start(
	struct take_back *take_back, const struct settings *settings, struct failure *failure);

/* Lets it end, and waits for that: behind the end of MAPE-K, which has taken all back by itself. */
void take_back_stop(struct take_back *take_back);

/* Takes back now what is noted, by settings that are changed for that. Returns how much that was; or a negative errno with
 * *failure set: -EBUSY while an x0top runs, whose it is. */
int take_back_now(struct settings *settings, struct failure *failure);

#endif
