// SPDX-License-Identifier: BSD-2-Clause
#include "model/field_rows.h"
#include "model/snapshot.h"

static const struct field loss_fields[] = {
	TEXT(snapshot_loss, what, "Kind of loss", .label = "loss"),
	COUNTER(snapshot_loss, count, "losses", "Losses of that kind", .metric = "losses"),
	END,
};

/* In JSON `interval` is a member of self; in C it stands behind it. */
_Static_assert(offsetof(struct snapshot, interval) > offsetof(struct snapshot, self),
	"offsets are not negative");

const struct field self_fields[] = {
	{ .name = "interval",
		.type = FIELD_DOUBLE,
		.offset = offsetof(struct snapshot, interval) - offsetof(struct snapshot, self),
		.size = SIZE_OF(snapshot, interval),
		.help = "Time since the sample before; null in the first",
		.nullable = true,
		.unit = "s" },
	NUMBER(snapshot_self, pid, FIELD_UINT32, "Process of x0top", .metric = ""),
	NUMBER(snapshot_self, cpu_percent, FIELD_DOUBLE,
		"Share of one core that it took since the last sample; null in the first",
		.nullable = true, .unit = "%"),
	NUMBER(snapshot_self, programs_percent, FIELD_DOUBLE,
		"Share of one core that its programs take, as far as known; null: of none",
		.nullable = true, .unit = "%"),
	NUMBER(snapshot_self, programs_samples, FIELD_DOUBLE,
		"As many timed runs of one program would be as precise", .unit = "runs"),
	NUMBER(snapshot_self, programs_unknown, FIELD_UINT32,
		"Programs that run, and whose share is not known yet", .unit = "programs"),
	NUMBER(snapshot_self, cpu_seconds, FIELD_DOUBLE, "CPU time that it took since start",
		.unit = "s", .rises = true),
	NUMBER(snapshot_self, memory_bytes, FIELD_UINT64, "Resident memory", .unit = "bytes"),
	COUNTER(snapshot_self, wakeups, "wakeups", "Voluntary context switches"),
	NUMBER(snapshot_self, sample_ms, FIELD_DOUBLE, "Time to take this sample", .unit = "ms"),
	NUMBER(snapshot_self, readonly, FIELD_BOOL, "Whether nothing can be changed"),
	LIST(snapshot_self, losses, loss_fields, "Everything that was not counted or not shown"),
	END,
};
