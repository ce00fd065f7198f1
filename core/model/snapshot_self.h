/* SPDX-License-Identifier: BSD-2-Clause */
/* x0top itself in a snapshot: its cost and its losses. */
#ifndef X0_MODEL_SNAPSHOT_SELF_H
#define X0_MODEL_SNAPSHOT_SELF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "model/counter.h"

#define LOSSES_MAX 128

struct snapshot_loss {
	char what[NAME_LEN * 2]; /* "events: system calls", "net_interfaces full" */
	struct counter count;
};

struct snapshot_self {
	uint32_t pid;
	uint32_t n_losses;
	double cpu_percent; /* of one core, since the last sample; NAN in the first */
	/* What all programs take of one core, as far as it is known; NAN if of none. */
	double programs_percent;
	double programs_samples; /* as many timed runs of one program would be as precise */
	uint32_t programs_unknown; /* programs that run, and whose share is not known yet */
	double cpu_seconds; /* user and system, since start */
	uint64_t memory_bytes; /* resident */
	struct counter wakeups; /* voluntary context switches */
	double sample_ms; /* to make this snapshot */
	bool readonly;
	struct snapshot_loss losses[LOSSES_MAX];
};

extern const struct field self_fields[]; /* with snapshot.interval */

#endif
