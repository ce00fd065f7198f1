// SPDX-License-Identifier: BSD-2-Clause
#include "alerts.h"

#include <linux/bpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/format.h"
#include "signatures_panel.h"

enum {
	DROPS_COMPARED = 30, /* samples that the present drop rate is compared with */
	DROPS_NOTABLE = 10, /* a second: fewer are no reason to worry */
};
#define DROPS_RISE 1.5

__attribute__((format(printf, 3, 4))) static void add(
	struct alerts *alerts, enum alert_level level, const char *format, ...)
{
	va_list arguments;

	if (alerts->n == ALERTS_MAX)
		return;
	alerts->list[alerts->n].level = level;
	alerts->levels[level]++;
	va_start(arguments, format);
	vsnprintf(alerts->list[alerts->n].text, ALERT_LEN, format, arguments);
	va_end(arguments);
	alerts->n++;
}

static void find_programs(
	struct alerts *alerts, const struct snapshot *s, uint32_t state, enum alert_level level)
{
	for (uint32_t i = 0; i < s->n_programs; i++)
		if (s->programs[i].state == state)
			add(alerts, level, "%s %s: %s", s->programs[i].name,
				state == PROGRAM_FAILED ? "failed" : "runs partly",
				s->programs[i].reason);
}

static void find_aborted(struct alerts *alerts, const struct snapshot *s)
{
	const struct counter *aborted = &s->packets.sum.verdicts[XDP_ABORTED].packets;
	char rate[FORMAT_LEN];

	if (aborted->rate > 0)
		add(alerts, ALERT_BAD, "The XDP chain aborts %s packets/s: a stage is broken.",
			format_rate(rate, aborted->rate));
}

static bool enforces(const struct snapshot *s)
{
	return s->mesh.enforcing || (s->pqc.available && s->pqc.mode == PQC_ENFORCE);
}

static void find_interfaces(struct alerts *alerts, const struct snapshot *s)
{
	for (uint32_t i = 0; i < s->packets.n_interfaces; i++)
		if (s->packets.interfaces[i].problem[0] != '\0' &&
			!(s->packets.interfaces[i].uncovered && enforces(s)))
			add(alerts, ALERT_WARN, "%s counts no packets: %s",
				s->packets.interfaces[i].name, s->packets.interfaces[i].problem);
}

/* While something enforces, each interface where nothing is judged is a hole. */
static void find_uncovered(struct alerts *alerts, const struct snapshot *s)
{
	for (uint32_t i = 0; i < s->packets.n_interfaces && enforces(s); i++)
		if (s->packets.interfaces[i].uncovered)
			add(alerts, ALERT_BAD, "Nothing is enforced on %s: %s",
				s->packets.interfaces[i].name, s->packets.interfaces[i].problem);
	for (uint32_t i = 0; i < s->packets.n_left_out && enforces(s); i++)
		if (s->packets.left_out[i].uncovered)
			add(alerts, ALERT_BAD, "Not all is enforced on %s: %s",
				s->packets.left_out[i].name, s->packets.left_out[i].reason);
}

static void find_losses(struct alerts *alerts, const struct snapshot *s, enum alert_level level)
{
	char rate[FORMAT_LEN], total[FORMAT_LEN];

	for (uint32_t i = 0; i < s->self.n_losses; i++) {
		const struct snapshot_loss *loss = &s->self.losses[i];
		enum alert_level is = loss->count.rate > 0 ? ALERT_WARN : ALERT_NOTE;

		if (loss->count.total > 0 && is == level)
			add(alerts, level, "x0top itself missed %s (%s): %s/s now.",
				format_count(total, (double)loss->count.total), loss->what,
				format_rate(rate, loss->count.rate));
	}
}

static void find_malformed(struct alerts *alerts, const struct snapshot *s)
{
	const struct counter *malformed = &s->packets.sum.malformed;
	char rate[FORMAT_LEN], total[FORMAT_LEN];

	if (malformed->rate > 0)
		add(alerts, ALERT_WARN, "Malformed frames arrive: %s/s, %s since start.",
			format_rate(rate, malformed->rate),
			format_count(total, (double)malformed->total));
}

static bool is_explained(const struct snapshot_drop *drop)
{
	return strcmp(drop->reason, "NOT_SPECIFIED") != 0;
}

double alerts_explained_drops(const struct snapshot *s)
{
	double rate = s->net_events.dropped.rate;

	for (uint32_t i = 0; i < s->net_events.n_drops; i++)
		if (!is_explained(&s->net_events.drops[i]))
			rate -= s->net_events.drops[i].packets.rate;
	return rate;
}

static void find_drops(struct alerts *alerts, const struct snapshot *s, const struct history *drops)
{
	const struct snapshot_drop *most = NULL;
	double usual = history_mean_before(drops, DROPS_COMPARED);
	double rate = alerts_explained_drops(s);
	char now[FORMAT_LEN], before[FORMAT_LEN];

	if (drops->count < 2 || rate < DROPS_NOTABLE || rate < DROPS_RISE * usual)
		return;
	for (uint32_t i = 0; i < s->net_events.n_drops; i++) {
		const struct snapshot_drop *drop = &s->net_events.drops[i];
		if (is_explained(drop) && (most == NULL || drop->packets.rate > most->packets.rate))
			most = drop;
	}
	add(alerts, ALERT_WARN, "The kernel drops more packets: %s/s, before %s/s, most for %s.",
		format_rate(now, rate), format_rate(before, usual),
		most != NULL ? most->reason : "no known reason");
}

static void find_notes(struct alerts *alerts, const struct snapshot *s)
{
	char rate[FORMAT_LEN];

	if (s->mesh.available && !s->mesh.enforcing && s->mesh.spared.packets.rate > 0)
		add(alerts, ALERT_NOTE,
			"The mesh filter only observes: it would drop %s packets/s.",
			format_rate(rate, s->mesh.spared.packets.rate));
	if (s->pqc.available && s->pqc.mode == PQC_OBSERVE && signatures_refused(&s->pqc).rate > 0)
		add(alerts, ALERT_NOTE,
			"Signatures are only observed: %s packets/s would be dropped.",
			format_rate(rate, signatures_refused(&s->pqc).rate));
	if (s->self.readonly)
		add(alerts, ALERT_NOTE, "Read-only: nothing can be changed from here.");
}

void alerts_find(
	struct alerts *alerts, const struct snapshot *snapshot, const struct history *drops)
{
	*alerts = (struct alerts) { 0 };
	find_programs(alerts, snapshot, PROGRAM_FAILED, ALERT_BAD);
	find_aborted(alerts, snapshot);
	find_uncovered(alerts, snapshot);
	find_programs(alerts, snapshot, PROGRAM_PARTLY, ALERT_WARN);
	find_interfaces(alerts, snapshot);
	find_losses(alerts, snapshot, ALERT_WARN);
	find_malformed(alerts, snapshot);
	find_drops(alerts, snapshot, drops);
	find_losses(alerts, snapshot, ALERT_NOTE);
	find_notes(alerts, snapshot);
}
