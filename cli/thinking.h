/* SPDX-License-Identifier: BSD-2-Clause */
/* Lets MAPE-K judge the samples of an orchestrator, act by it, and say so in the events. */
#ifndef X0_CLI_THINKING_H
#define X0_CLI_THINKING_H

#include "control/orchestrator.h"

struct thinking;

/*
 * Reads the policies of the settings and begins. `once`: for a sample or two, of which it only says what is watched:
 * nothing is done, woken or kept, beside what another x0top may do here. Returns 0 with *thinking NULL where the mode is off, else
 * to be closed before the orchestrator; or a negative errno with *failure set.
 */
int thinking_open(const struct settings *settings, bool once, struct orchestrator *orchestrator,
	struct thinking **thinking, struct failure *failure);

/* Returns whether a policy of the settings may do what outlives x0top, beside rules, whose ends are in the kernel. */
bool thinking_lasts(const struct settings *settings);

/* These accept NULL. */
void thinking_close(struct thinking *thinking);

/* Returns whether the next sample should have the busiest sources. */
bool thinking_looks(const struct thinking *thinking);

#endif
