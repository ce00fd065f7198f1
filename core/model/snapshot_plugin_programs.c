// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot_plugin_programs.h"

#include "model/field_rows.h"

const struct field plugin_program_fields[] = {
	TEXT(snapshot_plugin_program, name, "Name of the plugin", .label = "program"),
	TEXT(snapshot_plugin_program, file, "Its file", .info = true),
	TEXT(snapshot_plugin_program, signer, "The key that has signed it; empty: none is wanted",
		.info = true),
	TEXT(snapshot_plugin_program, behind,
		"The stage of the XDP chain before it; empty: it is no stage", .info = true),
	NUMBER(snapshot_plugin_program, drops, FIELD_BOOL,
		"Whether it can drop, change or redirect packets"),
	COUNTER(snapshot_plugin_program, passed, "packets",
		"Packets that it has passed on to the next stage", .title = "passed"),
	COUNTER(snapshot_plugin_program, dropped, "packets", "Packets that it has dropped",
		.title = "dropped"),
	COUNTER(snapshot_plugin_program, sent, "packets",
		"Packets that it has sent back or redirected", .title = "sent back or redirected"),
	COUNTER(snapshot_plugin_program, aborted, "packets",
		"Packets that it has dropped by an error", .title = "dropped by an error"),
	END,
};
