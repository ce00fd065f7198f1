/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts, traffic and quantiles: all parts of a snapshot are made of them. */
#ifndef X0_MODEL_COUNTER_H
#define X0_MODEL_COUNTER_H

#include <stdint.h>

#include "model/fields.h"

/* A count since the program was loaded, and its rate over the time between two samples. */
struct counter {
	uint64_t
		total; /* COUNT_UNKNOWN: nothing counts it, or a recording of an older layout lacks it */
	double rate; /* a second; NAN: unknown, for lack of a sample before */
};

struct traffic {
	struct counter packets;
	struct counter bytes;
};

struct quantiles {
	double p50, p90, p99, p999; /* ns; NAN if there was no call */
};

extern const struct field counter_fields[];
extern const struct field traffic_fields[];
extern const struct field quantiles_fields[];

#endif
