// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot_host.h"

#include "model/field_rows.h"

const struct field host_fields[] = {
	TEXT(snapshot_host, name, "Name of the host", .info = true),
	TEXT(snapshot_host, kernel, "Release of the kernel, as uname -r prints it", .info = true),
	TEXT(snapshot_host, machine, "Architecture, as uname -m prints it", .info = true),
	NUMBER(snapshot_host, cpus, FIELD_UINT32, "CPUs online", .unit = "CPUs"),
	NUMBER(snapshot_host, uptime_s, FIELD_DOUBLE, "Time since the kernel started", .unit = "s"),
	NUMBER(snapshot_host, load1, FIELD_DOUBLE, "Load average of one minute"),
	NUMBER(snapshot_host, lab, FIELD_BOOL, "Whether this is the host's end of a lab mesh"),
	END,
};
