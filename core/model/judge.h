/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges a snapshot: what is wrong and how bad, in words. Whoever shows a snapshot shows the same. */
#ifndef X0_MODEL_JUDGE_H
#define X0_MODEL_JUDGE_H

#include "base/text.h"
#include "model/snapshot.h"

enum {
	PROBLEMS_MAX = ALERTS_MAX,
	CAUSE_LEN = SUBJECT_LEN + REASON_LEN,
	JUDGE_SAMPLES = 30, /* that a rate is compared with */
};

struct wording;

struct problem {
	enum severity severity;
	char subject
		[SUBJECT_LEN]; /* programs, interfaces, a kind of loss: "eth0, wg0 and 3 more" */
	char cause[CAUSE_LEN]; /* tells it from others, in each judgement alike */
	char sentence[SENTENCE_LEN];
	char remedy[REASON_LEN]; /* empty if there is none */
	/* For the judge alone: of those with one reason, the words and the first two; and the reason with "*" for
	 * the name of the first, if it is in there. */
	const struct wording *wording;
	char pattern[CAUSE_LEN];
	uint32_t n_names;
	char names[2][NAME_LEN];
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
