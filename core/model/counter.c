// SPDX-License-Identifier: BSD-2-Clause
#include "model/counter.h"

#include "model/field_rows.h"

const struct field counter_fields[] = {
	NUMBER(counter, total, FIELD_UINT64,
		"Count since the program was loaded; null: nothing counts, or the recording lacks it",
		.nullable = true),
	NUMBER(counter, rate, FIELD_DOUBLE, "Rate since the sample before; null without one",
		.nullable = true, .unit = "1/s"),
	END,
};

const struct field traffic_fields[] = {
	COUNTER(traffic, packets, "packets", "Packets"),
	COUNTER(traffic, bytes, "bytes", "Bytes, with the link layer's header"),
	END,
};

const struct field quantiles_fields[] = {
	NUMBER(quantiles, p50, FIELD_DOUBLE, "Median; null without calls", .nullable = true,
		.unit = "ns"),
	NUMBER(quantiles, p90, FIELD_DOUBLE, "90 % took less; null without calls", .nullable = true,
		.unit = "ns"),
	NUMBER(quantiles, p99, FIELD_DOUBLE, "99 % took less; null without calls", .nullable = true,
		.unit = "ns"),
	NUMBER(quantiles, p999, FIELD_DOUBLE, "99.9 % took less; null without calls",
		.nullable = true, .unit = "ns"),
	END,
};
