/* SPDX-License-Identifier: BSD-2-Clause */
/* Alerts in a snapshot: what is or was wrong, since when, and what to do. */
#ifndef X0_MODEL_SNAPSHOT_ALERTS_H
#define X0_MODEL_SNAPSHOT_ALERTS_H

#include <stdint.h>

#include "base/text.h"
#include "model/fields.h"

enum severity {
	SEVERITY_BAD, /* something does not work */
	SEVERITY_WARNING, /* something is lost, or grows */
	SEVERITY_NOTE, /* good to know */
	SEVERITIES,
};

enum {
	ALERTS_MAX = 64,
	SUBJECT_LEN = TEXT_LEN,
	SENTENCE_LEN = 2 * REASON_LEN,
};

/* One cause, whatever it strikes. */
struct snapshot_alert {
	uint32_t severity; /* enum severity, the latest */
	uint32_t count; /* times that it began */
	double begin; /* of the first time; seconds since 1970 */
	double end; /* of the last time; NAN while it lasts */
	char subject[SUBJECT_LEN]; /* programs, interfaces, a kind of loss: "eth0 and wg0" */
	char sentence[SENTENCE_LEN]; /* the latest */
	char remedy[REASON_LEN]; /* empty if nothing can be done */
};

extern const struct field alert_fields[];

#endif
