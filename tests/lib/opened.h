/* SPDX-License-Identifier: BSD-2-Clause */
/* An x0top within a test: its settings, its orchestrator, and the last sample. Failures fail the test. */
#ifndef X0_TESTS_OPENED_H
#define X0_TESTS_OPENED_H

#include "control/orchestrator.h"

struct opened {
	struct settings settings;
	struct orchestrator *orchestrator; /* NULL: it is closed */
	struct snapshot now;
	struct failure failure;
};

extern struct opened opened;

void opened_open(void);
void opened_close(void);

/* Handles what has come, and takes a sample without rates. */
const struct snapshot *opened_sample(void);

/* Applies an action, which is confirmed. */
void opened_act(const char *text);

/* Returns a program of the last sample. */
const struct snapshot_program *opened_program(const char *name);

#endif
