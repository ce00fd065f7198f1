/* SPDX-License-Identifier: BSD-2-Clause */
/* The tracing programs under the orchestrator: what they share beyond the drivers' interface. */
#ifndef X0_CONTROL_TRACING_H
#define X0_CONTROL_TRACING_H

#include "control/state.h"

/* Sets up o->tracing. Returns 0 or -ENOMEM. */
int tracing_open(struct orchestrator *o);
void tracing_close(struct orchestrator *o);

/*
 * Opens the ring buffer of events, which comes with the first program that has it, and stays.
 * Returns 0, or a negative errno with *failure set.
 */
int tracing_open_events(struct orchestrator *o, struct failure *failure);

/* Takes all waiting events out of the ring buffer into the log and the list of slow calls. */
void tracing_drain_events(struct orchestrator *o);

/* Drains the events, and fills in the slow calls and the losses of the ring buffer. */
void tracing_sample_events(
	struct orchestrator *o, const struct snapshot *before, struct snapshot *now);

#endif
