// SPDX-License-Identifier: BSD-2-Clause
#include "model/judge.h"

#include <linux/bpf.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/format.h"

enum { DROPS_NOTABLE = 10 }; /* a second; fewer are ordinary */
#define DROPS_RISE 1.5

__attribute__((format(printf, 4, 5))) static void add(struct judgement *judgement,
	enum severity severity, const char *subject, const char *format, ...)
{
	va_list arguments;

	judgement->found[severity]++;
	if (judgement->n == PROBLEMS_MAX)
		return;
	struct problem *problem = &judgement->list[judgement->n++];
	problem->severity = severity;
	snprintf(problem->subject, sizeof(problem->subject), "%s", subject);
	va_start(arguments, format);
	vsnprintf(problem->sentence, sizeof(problem->sentence), format, arguments);
	va_end(arguments);
}

uint32_t judgement_total(const struct judgement *judgement)
{
	uint32_t total = 0;

	for (int severity = 0; severity < SEVERITIES; severity++)
		total += judgement->found[severity];
	return total;
}

/* --- programs and interfaces ------------------------------------------------------------------ */

static void judge_programs(struct judgement *judgement, const struct snapshot *s, uint32_t state,
	enum severity severity)
{
	for (uint32_t i = 0; i < s->n_programs; i++)
		if (s->programs[i].state == state)
			add(judgement, severity, s->programs[i].name, "%s %s: %s",
				s->programs[i].name,
				state == PROGRAM_FAILED ? "failed" : "runs partly",
				s->programs[i].reason);
}

static void judge_aborted(struct judgement *judgement, const struct snapshot *s)
{
	const struct counter *aborted = &s->packets.sum.verdicts[XDP_ABORTED].packets;
	char rate[FORMAT_LEN];

	if (aborted->rate > 0)
		add(judgement, SEVERITY_BAD, "XDP chain",
			"The XDP chain aborts %s packets/s: a stage is broken.",
			format_rate(rate, aborted->rate));
}

static bool enforces(const struct snapshot *s)
{
	return s->mesh.enforcing || (s->pqc.available && s->pqc.mode == PQC_ENFORCE);
}

/* While something enforces, each interface where nothing is judged is a hole. */
static void judge_uncovered(struct judgement *judgement, const struct snapshot *s)
{
	for (uint32_t i = 0; i < s->packets.n_interfaces && enforces(s); i++)
		if (s->packets.interfaces[i].uncovered)
			add(judgement, SEVERITY_BAD, s->packets.interfaces[i].name,
				"Nothing is enforced on %s: %s", s->packets.interfaces[i].name,
				s->packets.interfaces[i].problem);
	for (uint32_t i = 0; i < s->packets.n_left_out && enforces(s); i++)
		if (s->packets.left_out[i].uncovered)
			add(judgement, SEVERITY_BAD, s->packets.left_out[i].name,
				"Not all is enforced on %s: %s", s->packets.left_out[i].name,
				s->packets.left_out[i].reason);
}

static void judge_interfaces(struct judgement *judgement, const struct snapshot *s)
{
	for (uint32_t i = 0; i < s->packets.n_interfaces; i++)
		if (s->packets.interfaces[i].problem[0] != '\0' &&
			!(s->packets.interfaces[i].uncovered && enforces(s)))
			add(judgement, SEVERITY_WARNING, s->packets.interfaces[i].name,
				"%s counts no packets: %s", s->packets.interfaces[i].name,
				s->packets.interfaces[i].problem);
}

/* --- losses ------------------------------------------------------------------------------------- */

static void judge_losses(
	struct judgement *judgement, const struct snapshot *s, enum severity severity)
{
	char rate[FORMAT_LEN], total[FORMAT_LEN];

	for (uint32_t i = 0; i < s->self.n_losses; i++) {
		const struct snapshot_loss *loss = &s->self.losses[i];
		enum severity is = loss->count.rate > 0 ? SEVERITY_WARNING : SEVERITY_NOTE;

		if (loss->count.total > 0 && is == severity)
			add(judgement, severity, loss->what,
				"x0top itself missed %s (%s): %s/s now.",
				format_count(total, (double)loss->count.total), loss->what,
				format_rate(rate, loss->count.rate));
	}
}

/* --- packets ------------------------------------------------------------------------------------ */

static void judge_malformed(struct judgement *judgement, const struct snapshot *s)
{
	const struct counter *malformed = &s->packets.sum.malformed;
	char rate[FORMAT_LEN], total[FORMAT_LEN];

	if (malformed->rate > 0)
		add(judgement, SEVERITY_WARNING, "malformed frames",
			"Malformed frames arrive: %s/s, %s since start.",
			format_rate(rate, malformed->rate),
			format_count(total, (double)malformed->total));
}

double judge_drop_rate(const struct snapshot *s)
{
	return s->net_events.dropped.rate;
}

static const char *most_frequent_reason(const struct snapshot_net_events *events)
{
	const struct snapshot_drop *most = NULL;

	for (uint32_t i = 0; i < events->n_drops; i++) {
		const struct snapshot_drop *drop = &events->drops[i];
		if (most == NULL || drop->packets.rate > most->packets.rate)
			most = drop;
	}
	return most != NULL ? most->reason : "no known reason";
}

static double mean(const double *values, uint32_t n)
{
	double sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += values[i];
	return sum / n;
}

static void judge_drops(
	struct judgement *judgement, const struct snapshot *s, const struct judge_past *past)
{
	char now[FORMAT_LEN], before[FORMAT_LEN];

	if (past->n == 0)
		return;
	double usual = mean(past->drops, past->n), rate = judge_drop_rate(s);
	if (rate < DROPS_NOTABLE || rate < DROPS_RISE * usual)
		return;
	add(judgement, SEVERITY_WARNING, "kernel drops",
		"The kernel drops more packets: %s/s, before %s/s, most for %s.",
		format_rate(now, rate), format_rate(before, usual),
		most_frequent_reason(&s->net_events));
}

/* --- notes -------------------------------------------------------------------------------------- */

static void judge_observing(struct judgement *judgement, const struct snapshot *s)
{
	char rate[FORMAT_LEN];

	if (s->mesh.available && !s->mesh.enforcing && s->mesh.spared.packets.rate > 0)
		add(judgement, SEVERITY_NOTE, "mesh filter",
			"The mesh filter only observes: it would drop %s packets/s.",
			format_rate(rate, s->mesh.spared.packets.rate));
	if (s->pqc.available && s->pqc.mode == PQC_OBSERVE && pqc_refused(&s->pqc).rate > 0)
		add(judgement, SEVERITY_NOTE, "signatures",
			"Signatures are only observed: %s packets/s would be dropped.",
			format_rate(rate, pqc_refused(&s->pqc).rate));
}

/* ------------------------------------------------------------------------------------------------ */

void judge(const struct snapshot *now, const struct judge_past *past, struct judgement *judgement)
{
	*judgement = (struct judgement) { 0 };
	judge_programs(judgement, now, PROGRAM_FAILED, SEVERITY_BAD);
	judge_aborted(judgement, now);
	judge_uncovered(judgement, now);
	judge_programs(judgement, now, PROGRAM_PARTLY, SEVERITY_WARNING);
	judge_interfaces(judgement, now);
	judge_losses(judgement, now, SEVERITY_WARNING);
	judge_malformed(judgement, now);
	judge_drops(judgement, now, past);
	judge_losses(judgement, now, SEVERITY_NOTE);
	judge_observing(judgement, now);
	if (now->self.readonly)
		add(judgement, SEVERITY_NOTE, "x0top", "Read-only: changes are disabled.");
}

void judge_remember(struct judge_past *past, const struct snapshot *snapshot)
{
	double rate = judge_drop_rate(snapshot);

	if (!(snapshot->interval > 0) || isnan(rate))
		return;
	past->drops[past->next] = rate;
	past->next = (past->next + 1) % JUDGE_SAMPLES;
	if (past->n < JUDGE_SAMPLES)
		past->n++;
}
