// SPDX-License-Identifier: BSD-2-Clause
#include "model/judge.h"

#include <inttypes.h>
#include <linux/bpf.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/format.h"
#include "model/names.h"
#include "model/problems.h"

enum { DROPS_NOTABLE = 10 }; /* a second; fewer are ordinary */
#define DROPS_RISE 1.5
#define MEASURE	   "unusual" /* kind of cause: a measure of MAPE-K that is too high */

static const struct wording failed = { "", " failed", " failed" };
static const struct wording partly = { "", " runs partly", " run partly" };
static const struct wording uncovered = { "Nothing is enforced on ", "", "" };
static const struct wording half_covered = { "Not all is enforced on ", "", "" };
static const struct wording uncounted = { "", " counts no packets", " count no packets" };

/*
 * A measure that is too high is one problem, whoever tells: a policy of MAPE-K, another one, or a bound here.
 * Returns whether it is told already.
 */
static bool is_told(struct judgement *judgement, const char *measure)
{
	char cause[CAUSE_LEN];

	snprintf(cause, sizeof(cause), MEASURE ": %s", measure);
	return problem_find(judgement, cause) != NULL;
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
	enum severity severity, const struct wording *wording)
{
	for (uint32_t i = 0; i < s->n_programs; i++) {
		const struct snapshot_program *program = &s->programs[i];

		if (program->state == state)
			problem_set_remedy(problem_add_reason(judgement, severity, program->name,
						   wording, program->reason),
				program->remedy);
	}
}

static void judge_aborted(struct judgement *judgement, const struct snapshot *s)
{
	const struct counter *aborted = &s->packets.sum.verdicts[XDP_ABORTED].packets;
	char rate[FORMAT_LEN];

	if (aborted->rate > 0)
		problem_add(judgement, SEVERITY_BAD, "XDP chain",
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
	const struct snapshot_packets *packets = &s->packets;

	for (uint32_t i = 0; i < packets->n_interfaces && enforces(s); i++)
		if (packets->interfaces[i].uncovered)
			problem_add_reason(judgement, SEVERITY_BAD, packets->interfaces[i].name,
				&uncovered, packets->interfaces[i].problem);
	for (uint32_t i = 0; i < packets->n_left_out && enforces(s); i++)
		if (packets->left_out[i].uncovered)
			problem_add_reason(judgement, SEVERITY_BAD, packets->left_out[i].name,
				&half_covered, packets->left_out[i].reason);
}

/* Limits count it twice, and the verifier drops it as replayed. */
static void judge_handed_back(struct judgement *judgement, const struct snapshot *s)
{
	for (uint32_t i = 0; i < s->packets.n_interfaces; i++) {
		const struct snapshot_packets_interface *interface = &s->packets.interfaces[i];
		const struct snapshot_net_interface *net =
			net_events_interface(&s->net_events, interface->ifindex);
		char rate[FORMAT_LEN];

		if (!interface->judged_twice || net == NULL || !(net->handed_back.rate > 0))
			continue;
		problem_set_remedy(
			problem_add(judgement, enforces(s) ? SEVERITY_BAD : SEVERITY_WARNING,
				interface->name,
				"Generic XDP judges %s packets/s of %s twice: an ifb hands them "
				"back.",
				format_rate(rate, net->handed_back.rate), interface->name),
			"Use --xdp-mode native, or shape what arrives without an ifb");
	}
}

static void judge_interfaces(struct judgement *judgement, const struct snapshot *s)
{
	for (uint32_t i = 0; i < s->packets.n_interfaces; i++)
		if (s->packets.interfaces[i].problem[0] != '\0' &&
			!(s->packets.interfaces[i].uncovered && enforces(s)))
			problem_add_reason(judgement, SEVERITY_WARNING,
				s->packets.interfaces[i].name, &uncounted,
				s->packets.interfaces[i].problem);
}

/* --- links -------------------------------------------------------------------------------------- */

/*
 * A link that went down is a warning; one that was down when x0top began to watch it, an empty socket
 * perhaps, a note. One that somebody switched off, or that is absent, is none.
 */
static void judge_links(
	struct judgement *judgement, const struct snapshot *s, enum severity severity)
{
	char clock[FORMAT_LEN];

	for (uint32_t i = 0; i < s->links.n_links; i++) {
		const struct snapshot_link *link = &s->links.links[i];
		bool went = !isnan(link->changed);

		if (!link_is_down(link) || severity != (went ? SEVERITY_WARNING : SEVERITY_NOTE))
			continue;
		problem_set_remedy(
			problem_add(judgement, severity, link->name, "The link %s is down%s%s: %s.",
				link->name, went ? " since " : "",
				went ? format_clock(clock, link->changed) : "",
				link_why_down(link->state)),
			"Check its cable, peer and driver: ip -s link, and the log of the kernel");
	}
}

/* --- losses ------------------------------------------------------------------------------------- */

/* What goes on is a warning, and a note once it is over: that something is missing stays true. */
static void judge_losses(
	struct judgement *judgement, const struct snapshot *s, enum severity severity)
{
	char rate[FORMAT_LEN], total[FORMAT_LEN];

	for (uint32_t i = 0; i < s->self.n_losses; i++) {
		const struct snapshot_loss *loss = &s->self.losses[i];
		bool goes_on = loss->count.rate > 0;
		struct problem *problem;

		if (loss->count.total == 0 || goes_on != (severity == SEVERITY_WARNING))
			continue;
		format_count(total, format_total(loss->count.total));
		if (goes_on)
			problem = problem_add(judgement, severity, loss->what,
				"x0top itself misses %s/s (%s), %s in all.",
				format_rate(rate, loss->count.rate), loss->what, total);
		else
			problem = problem_add(judgement, severity, loss->what,
				"x0top itself missed %s (%s), none now.", total, loss->what);
		problem_set_cause(problem, "loss", loss->what);
	}
}

/* --- packets ------------------------------------------------------------------------------------ */

static void judge_malformed(struct judgement *judgement, const struct snapshot *s)
{
	const struct counter *malformed = &s->packets.sum.malformed;
	char rate[FORMAT_LEN], total[FORMAT_LEN];

	if (!(malformed->rate > 0) || is_told(judgement, "malformed"))
		return;
	problem_set_cause(problem_add(judgement, SEVERITY_WARNING, "malformed frames",
				  "Malformed frames arrive: %s/s, %s since start.",
				  format_rate(rate, malformed->rate),
				  format_count(total, format_total(malformed->total))),
		MEASURE, "malformed");
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
	bool rises =
		rate >= DROPS_NOTABLE && rate >= DROPS_RISE * usual; /* not when unknown: NAN */
	if (!rises || is_told(judgement, "drops"))
		return;
	struct problem *problem = problem_add(judgement, SEVERITY_WARNING, "kernel drops",
		"The kernel drops more packets: %s/s, before %s/s, most for %s.",
		format_rate(now, rate), format_rate(before, usual),
		most_frequent_reason(&s->net_events));
	problem_set_cause(problem, MEASURE, "drops");
	problem_set_remedy(problem, "The events view has the reasons, and the functions that drop");
}

/* --- classes ------------------------------------------------------------------------------------ */

/* A class is told by its interface and direction: its name alone is on each of them. */
static const char *class_subject(const struct snapshot_qos_class *class, char *text, size_t size)
{
	snprintf(text, size, "%s on %s, %s", class->class, class->interface, class->direction);
	return text;
}

/* One that starves does not get its rate, either: that is told once. */
static void judge_starved(struct judgement *judgement, const struct snapshot *s)
{
	char subject[SUBJECT_LEN], waiting[FORMAT_LEN];

	for (uint32_t i = 0; i < s->qos.n_classes; i++) {
		const struct snapshot_qos_class *class = &s->qos.classes[i];
		if (class->starved)
			problem_set_remedy(
				problem_add(judgement, SEVERITY_BAD,
					class_subject(class, subject, sizeof(subject)),
					"The class %s starves on %s: %s wait, and nothing of it is sent.",
					class->class, class->interface,
					format_bytes(waiting, (double)class->waiting)),
				"Is the link slower than its rate? A lower one: e in the classes view");
	}
}

static void judge_short_of_rate(struct judgement *judgement, const struct snapshot *s)
{
	char subject[SUBJECT_LEN], had[FORMAT_LEN], rate[FORMAT_LEN];

	for (uint32_t i = 0; i < s->qos.n_classes; i++) {
		const struct snapshot_qos_class *class = &s->qos.classes[i];
		if (class->short_of_rate && !class->starved)
			problem_set_remedy(
				problem_add(judgement, SEVERITY_WARNING,
					class_subject(class, subject, sizeof(subject)),
					"The class %s on %s has %s/s of its %s/s, and more waits.",
					class->class, class->interface,
					format_bits(had, class->passed.rate),
					format_bits(rate, class->rate / 8)),
				"Is the link slower than its rate? A lower one: e in the classes view");
	}
}

/* What was asked for and is not done. */
static void judge_unshaped(struct judgement *judgement, const struct snapshot *s)
{
	for (uint32_t i = 0; i < s->qos.n_interfaces; i++) {
		const struct snapshot_qos_interface *interface = &s->qos.interfaces[i];
		if (interface->problem[0] != '\0')
			problem_set_remedy(problem_add(judgement, SEVERITY_BAD, interface->name,
						   "Classes on %s are %s.", interface->name,
						   interface->problem),
				"Shape it again, or forget it: e in the classes view");
	}
}

/* --- notes -------------------------------------------------------------------------------------- */

static void judge_observing(struct judgement *judgement, const struct snapshot *s)
{
	char rate[FORMAT_LEN];

	if (s->mesh.available && !s->mesh.enforcing && s->mesh.spared.packets.rate > 0)
		problem_set_remedy(
			problem_add(judgement, SEVERITY_NOTE, "mesh filter",
				"The mesh filter only observes: it would drop %s packets/s.",
				format_rate(rate, s->mesh.spared.packets.rate)),
			"To enforce: e in the mesh view, or --enforce");
	if (s->pqc.available && s->pqc.mode == PQC_OBSERVE && pqc_refused(&s->pqc).rate > 0)
		problem_set_remedy(
			problem_add(judgement, SEVERITY_NOTE, "signatures",
				"Signatures are only observed: %s packets/s would be dropped.",
				format_rate(rate, pqc_refused(&s->pqc).rate)),
			"To enforce: e in the signatures view, or --pqc-mode enforce");
}

static void judge_neighbours(struct judgement *judgement, const struct snapshot *s)
{
	char clock[FORMAT_LEN];

	for (uint32_t i = 0; i < s->neighbours.n_sources; i++) {
		const struct snapshot_neighbour_source *source = &s->neighbours.sources[i];
		if (source->state == SOURCE_LOST && source->name < NEIGHBOUR_SOURCES)
			problem_add(judgement, SEVERITY_WARNING,
				neighbour_source_names[source->name],
				"Neighbours of %s are those of %s: %s.",
				neighbour_source_names[source->name],
				format_clock(clock, source->as_of), source->reason);
		if (source->left_out > 0 && source->name < NEIGHBOUR_SOURCES)
			problem_add(judgement, SEVERITY_NOTE, neighbour_source_names[source->name],
				"%" PRIu64 " entries of %s are left out: there is no room, or they "
				"cannot be read.",
				source->left_out, neighbour_source_names[source->name]);
	}
	for (uint32_t i = 0; i < s->mesh.n_sets; i++) {
		const struct snapshot_mesh_set *set = &s->mesh.sets[i];
		if (!isnan(set->stale_since))
			problem_add(judgement, SEVERITY_WARNING, set->name,
				"The set @%s keeps what a source said that is gone since %s: %s.",
				set->name, format_clock(clock, set->stale_since), set->source);
	}
}

static void judge_mapek(struct judgement *judgement, const struct snapshot *s)
{
	char value[FORMAT_LEN], low[FORMAT_LEN], high[FORMAT_LEN];

	if (s->mapek.braked)
		problem_set_remedy(
			problem_add(judgement, SEVERITY_BAD, "MAPE-K",
				"MAPE-K acts no more: its brake allows no more actions."),
			"It goes on after ten minutes without an anomaly");
	for (uint32_t i = 0; i < s->mapek.n_anomalies; i++) {
		const struct snapshot_mapek_anomaly *anomaly = &s->mapek.anomalies[i];
		if (!isnan(anomaly->end) || is_told(judgement, anomaly->series))
			continue;
		struct problem *problem = problem_add(judgement, SEVERITY_WARNING, anomaly->policy,
			"Unusual by the policy %s: %s %s, usually %s to %s.", anomaly->policy,
			anomaly->series, format_rate(value, anomaly->value),
			format_rate(low, fmax(anomaly->low, 0)), format_rate(high, anomaly->high));
		problem_set_cause(problem, MEASURE, anomaly->series);
		problem_set_remedy(problem, s->talkers.remedy);
	}
}

/* ------------------------------------------------------------------------------------------------ */

void judge(const struct snapshot *now, const struct judge_past *past, struct judgement *judgement)
{
	*judgement = (struct judgement) { 0 };
	judge_programs(judgement, now, PROGRAM_FAILED, SEVERITY_BAD, &failed);
	judge_aborted(judgement, now);
	judge_uncovered(judgement, now);
	judge_handed_back(judgement, now);
	judge_unshaped(judgement, now);
	judge_starved(judgement, now);
	judge_programs(judgement, now, PROGRAM_PARTLY, SEVERITY_WARNING, &partly);
	judge_interfaces(judgement, now);
	judge_links(judgement, now, SEVERITY_WARNING);
	judge_losses(judgement, now, SEVERITY_WARNING);
	judge_neighbours(judgement, now);
	judge_mapek(judgement, now);
	judge_malformed(judgement, now);
	judge_drops(judgement, now, past);
	judge_short_of_rate(judgement, now);
	judge_links(judgement, now, SEVERITY_NOTE);
	judge_losses(judgement, now, SEVERITY_NOTE);
	judge_observing(judgement, now);
	if (now->self.readonly)
		problem_add(judgement, SEVERITY_NOTE, "x0top", "Read-only: changes are disabled.");
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
