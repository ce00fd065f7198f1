/* SPDX-License-Identifier: BSD-2-Clause */
/* What `serve` answers: texts of the present sample, each made when it is first asked for. */
#ifndef X0_SERVE_PAGES_H
#define X0_SERVE_PAGES_H

#include "export/metrics.h"
#include "model/look.h"
#include "serve/shared_text.h"

enum page_text {
	TEXT_METRICS, /* Prometheus' text format; to be ended by the writer of the answer, as the next */
	TEXT_OPENMETRICS,
	TEXT_SNAPSHOT, /* JSON */
	TEXT_EVENT, /* the same as a server-sent event */
	PAGE_TEXTS,
};

/* What is wrong with a service, for people and for what watches it. */
struct health {
	bool failing; /* something asked for is not in force */
	char text[4096]; /* lines; "ok" where nothing is wrong */
};

struct pages {
	const struct snapshot *now; /* NULL before the first sample */
	struct shared_text *made[PAGE_TEXTS];
	struct health health;
	double asked[PAGE_TEXTS]; /* when each was last asked for, monotonic seconds; 0: never */
};

/* Begins anew with a sample, which must stay as it is until the next one. */
void pages_turn(struct pages *pages, const struct snapshot *now, const struct health *health);
void pages_clear(struct pages *pages);

/* Returns a text of the present sample, to be closed by the caller; NULL without memory or sample. */
struct shared_text *pages_get(struct pages *pages, enum page_text which);

/* Returns what was asked for within the last minute and a half, as bits of enum look: who scrapes looks. */
unsigned int pages_look(const struct pages *pages);

/* Chooses a form by the header Accept (RFC 9110, 12.5.1), which may be NULL or anything. */
enum metrics_format pages_accept(const char *header);

/* The page that names the others. */
extern const char pages_index[];

#endif
