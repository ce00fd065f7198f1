/* SPDX-License-Identifier: BSD-2-Clause */
/* Metrics as text, as a service answers, and back. */
#ifndef X0_TESTS_METRICS_TEXT_H
#define X0_TESTS_METRICS_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "model/snapshot.h"

/* Returns a snapshot's metrics as Prometheus' text, terminated, of malloc(3). */
char *metrics_text_of(const struct snapshot *snapshot);

/* Puts a sample's line into a snapshot, and destroys it. Returns whether it has a place there. */
bool metrics_read_line(char *line, struct snapshot *snapshot);

/* Reads a text into a snapshot, up to metrics_complete(). Returns the number of lines without a place. */
uint32_t metrics_read_text(const char *text, struct snapshot *snapshot);

#endif
