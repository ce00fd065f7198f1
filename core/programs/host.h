/* SPDX-License-Identifier: BSD-2-Clause */
/* The host, and x0top itself: what the kernel says of both in /proc and its system calls. */
#ifndef X0_PROGRAMS_HOST_H
#define X0_PROGRAMS_HOST_H

#include "model/snapshot.h"

/* Fills now->host but for `lab`. */
void collect_host(struct snapshot *now);

/* Fills now->self but for `readonly`, `sample_ms` and the losses; `before` may be NULL. */
void collect_self(const struct snapshot *before, struct snapshot *now);

/* Adds a kind of loss, with its rate against the same one in `before`, which may be NULL. */
void collect_loss(
	const char *what, uint64_t total, const struct snapshot *before, struct snapshot *now);

#endif
