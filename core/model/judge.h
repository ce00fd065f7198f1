/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges a snapshot: what is wrong and how bad, in words. Whoever shows a snapshot shows the same. */
#ifndef X0_MODEL_JUDGE_H
#define X0_MODEL_JUDGE_H

#include "base/text.h"
#include "model/snapshot.h"

enum severity {
	SEVERITY_BAD, /* something does not work */
	SEVERITY_WARNING, /* something is lost, or grows */
	SEVERITY_NOTE, /* good to know */
	SEVERITIES,
};

enum {
	PROBLEMS_MAX = 24,
	SENTENCE_LEN = 2 * REASON_LEN,
	JUDGE_SAMPLES = 30, /* that a rate is compared with */
};

struct problem {
	enum severity severity;
	char subject[NAME_LEN * 2]; /* a program, an interface, a kind of loss: "wg0" */
	char sentence[SENTENCE_LEN];
};

struct judgement {
	uint32_t n; /* problems in the list */
	uint32_t found[SEVERITIES]; /* problems of each severity, with those that have no room */
	struct problem list[PROBLEMS_MAX]; /* the worst first */
};

/* The samples before. Zeroed, there were none. */
struct judge_past {
	uint32_t n; /* at most JUDGE_SAMPLES */
	uint32_t next; /* where the next one goes */
	double drops[JUDGE_SAMPLES]; /* packets a second, as judge_drop_rate() */
};

/* Judges a snapshot by itself and by the samples before it. Changes nothing but *judgement. */
void judge(const struct snapshot *now, const struct judge_past *past, struct judgement *judgement);

/* Adds a snapshot to the samples before. Those without rates are left out. */
void judge_remember(struct judge_past *past, const struct snapshot *snapshot);

/* All problems that were found, with those that have no room in the list. */
uint32_t judgement_total(const struct judgement *judgement);

/* The kernel's drops a second, for all reasons, as the views show them; without those of x0top. */
double judge_drop_rate(const struct snapshot *snapshot);

#endif
