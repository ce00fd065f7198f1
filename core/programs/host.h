/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the state of the host and of x0top itself from /proc and system calls. */
#ifndef X0_PROGRAMS_HOST_H
#define X0_PROGRAMS_HOST_H

#include "model/snapshot.h"

/* Fills now->host except `lab`. */
void collect_host(struct snapshot *now);

/* Fills now->self except `readonly`, `sample_ms` and the losses; `before` may be NULL. */
void collect_self(const struct snapshot *before, struct snapshot *now);

/* Adds a kind of loss with its rate since `before`, which may be NULL. */
void collect_loss(
	const char *what, uint64_t total, const struct snapshot *before, struct snapshot *now);

#endif
