// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot_programs.h"

#include "model/field_rows.h"
#include "model/names.h"

const struct field program_fields[] = {
	TEXT(snapshot_program, name, "Name of the program", .label = "program"),
	TEXT(snapshot_program, kind, "Kind of program", .names = program_kind_names, .info = true),
	TEXT(snapshot_program, attached, "Where and how it is attached; empty if nowhere"),
	ENUM(snapshot_program, state, program_state_names, "Whether it runs"),
	NUMBER(snapshot_program, enforcer, FIELD_BOOL,
		"Whether it can drop, mark or shape packets"),
	NUMBER(snapshot_program, enforcing, FIELD_BOOL, "Whether it does so now"),
	NUMBER(snapshot_program, pinned, FIELD_BOOL, "Whether it outlives x0top"),
	NUMBER(snapshot_program, adopted, FIELD_BOOL, "Whether it was running when x0top started"),
	TEXT(snapshot_program, replaced_by,
		"File that took the place of its built-in object; empty if none did"),
	TEXT(snapshot_program, tag,
		"The kernel's tag of its first program: another if its instructions are others"),
	NUMBER(snapshot_program, canary_left, FIELD_DOUBLE,
		"Time that it is still on trial in the place of the old one; 0 if it is not",
		.unit = "s"),
	COUNTER(snapshot_program, runs, "runs",
		"Runs of the program; of a latency tracer, two for each call counted"),
	NUMBER(snapshot_program, timed_runs, FIELD_DOUBLE,
		"Timed runs that ns_per_run rests on; older ones weigh less", .unit = "runs"),
	NUMBER(snapshot_program, ns_per_run, FIELD_DOUBLE,
		"Mean time of a run; null with fewer than 10 timed ones", .nullable = true,
		.unit = "ns", .metric = "run"),
	NUMBER(snapshot_program, cpu_percent, FIELD_DOUBLE,
		"Share of one core that it takes; null while that is not known", .nullable = true,
		.unit = "%"),
	NUMBER(snapshot_program, load_ms, FIELD_DOUBLE, "Time to open, verify and load the object",
		.unit = "ms"),
	NUMBER(snapshot_program, map_bytes, FIELD_UINT64,
		"Memory of its maps, as the kernel accounts it", .unit = "bytes", .metric = "map"),
	NUMBER(snapshot_program, verified_instructions, FIELD_UINT32,
		"Instructions that the verifier processed; 0 where the kernel does not tell",
		.unit = "instructions"),
	TEXT(snapshot_program, reason, "Why it is not on; empty if it is"),
	TEXT(snapshot_program, remedy, "How to mend that; empty if nothing can be done"),
	END,
};
