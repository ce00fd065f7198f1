// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot_alerts.h"

#include "model/field_rows.h"
#include "model/names.h"

const struct field alert_fields[] = {
	ENUM(snapshot_alert, severity, severity_names, "How bad it is, or was at last"),
	NUMBER(snapshot_alert, count, FIELD_UINT32, "Times that it began", .unit = "times"),
	NUMBER(snapshot_alert, begin, FIELD_DOUBLE, "When it first began", .unit = "s since 1970"),
	NUMBER(snapshot_alert, end, FIELD_DOUBLE, "When it last ended; null while it lasts",
		.unit = "s since 1970", .nullable = true),
	TEXT(snapshot_alert, subject, "The programs, interfaces or packets concerned",
		.label = "alert"),
	TEXT(snapshot_alert, sentence, "What is wrong"),
	TEXT(snapshot_alert, remedy, "How to mend that; empty if nothing can be done"),
	END,
};
