// SPDX-License-Identifier: BSD-2-Clause
#include "signatures_panel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "graph.h"
#include "model/format.h"
#include "model/names.h"
#include "model/quantile.h"
#include "peer/message.h"
#include "top.h"

enum {
	REFUSALS = PQC_RESULTS - PQC_REFUSED,
	REASON_WIDTH = 20,
	WIDE = 34, /* panels of this width show totals, and the ids of sessions */
	NAME_WIDTH = 11,
};

uint32_t signatures_authenticated(const struct snapshot_pqc *pqc, double time)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < pqc->n_nodes; i++)
		n += pqc->nodes[i].authenticated_until > time;
	return n;
}

char *signatures_format_span(char *text, double time, double now)
{
	if (!(time > 0))
		return snprintf(text, FORMAT_LEN, "-"), text;
	return format_uptime(text, fabs(time - now));
}

/* Draws a title. Returns the area below it, indented. */
static struct area below_title(struct area area, const char *title, const char *facts)
{
	draw_title(area.y, area.x, area.width, title, facts);
	return (struct area) { area.y + 1, area.x + 1, area.height - 1, area.width - 2 };
}

/* --- refusals ----------------------------------------------------------------------------------- */

static double refusal_value(const void *list, uint32_t row)
{
	return top_counter((const struct counter *)list + row);
}

static void draw_refusal(
	const struct snapshot_pqc *pqc, uint32_t result, double all, struct area line)
{
	const struct counter *counter = &pqc->results[result];
	enum style loud = pqc->mode == PQC_ENFORCE ? STYLE_BAD : STYLE_WARN;
	enum style style = counter->rate > 0	? STYLE_TEXT
			   : counter->total > 0 ? STYLE_ACCENT
						: STYLE_DIM;
	char rate[FORMAT_LEN], total[FORMAT_LEN];
	int x = line.x;

	draw_text(line.y, x, REASON_WIDTH, style, pqc_result_names[result]);
	x += REASON_WIDTH;
	draw_right(line.y, x, 6, counter->rate > 0 ? loud : STYLE_DIM,
		format_rate(rate, counter->rate));
	draw_text(line.y, x + 6, 2, STYLE_DIM, "/s");
	if (line.width < WIDE)
		return;
	draw_right(line.y, x + 9, 7, counter->total > 0 ? STYLE_TEXT : STYLE_DIM,
		format_count(total, format_total(counter->total)));
	if (all > 0)
		graph_bar(
			line.y, x + 17, line.width - REASON_WIDTH - 17, loud, counter->rate / all);
}

void signatures_draw_refusals(const struct snapshot_pqc *pqc, struct area area)
{
	struct counter all = pqc_refused(pqc);
	char facts[64], rate[FORMAT_LEN], total[FORMAT_LEN];
	uint32_t rows[REFUSALS];

	if (area.height < 2)
		return;
	snprintf(facts, sizeof(facts), "%s/s %s", format_rate(rate, all.rate),
		format_count(total, format_total(all.total)));
	area = below_title(area, "Refused", facts);
	bool whole = area.height >= REFUSALS;
	uint32_t n = whole ? REFUSALS
			   : top_rows(&pqc->results[PQC_REFUSED], REFUSALS, refusal_value, rows,
				     (uint32_t)area.height);
	for (uint32_t i = 0; i < n; i++)
		draw_refusal(pqc, PQC_REFUSED + (whole ? i : rows[i]), all.rate,
			(struct area) { area.y + (int)i, area.x, 1, area.width });
}

/* --- sessions ----------------------------------------------------------------------------------- */

static double session_value(const void *list, uint32_t row)
{
	return ((const struct snapshot_pqc_session *)list)[row].traffic.packets.rate;
}

static void draw_session(const struct snapshot_pqc_session *session, double now, struct area line)
{
	char rate[FORMAT_LEN], span[FORMAT_LEN], replayed[FORMAT_LEN];
	bool expired = session->expires <= now, wide = line.width >= WIDE + 9;
	int x = line.x, right = line.x + line.width;

	draw_text(line.y, x, NAME_WIDTH, STYLE_TEXT,
		session->name[0] != '\0' ? session->name : session->node);
	if (wide)
		draw_text(line.y, x + NAME_WIDTH + 1, 8, STYLE_DIM, session->session);
	draw_right(line.y, right - 22, 7, expired ? STYLE_WARN : STYLE_TEXT,
		expired ? "expired" : signatures_format_span(span, session->began, now));
	draw_right(line.y, right - 15, 6,
		session->traffic.packets.rate > 0 ? STYLE_STRONG : STYLE_DIM,
		format_rate(rate, session->traffic.packets.rate));
	draw_text(line.y, right - 9, 2, STYLE_DIM, "/s");
	draw_right(line.y, right - 7, 7, session->replayed.total > 0 ? STYLE_WARN : STYLE_DIM,
		format_count(replayed, format_total(session->replayed.total)));
}

void signatures_draw_sessions(const struct snapshot *snapshot, struct area area)
{
	enum { ROWS_MAX = 64 };
	const struct snapshot_pqc *pqc = &snapshot->pqc;
	uint32_t rows[ROWS_MAX], wanted;
	char title[48], total[FORMAT_LEN];

	if (area.height < 2)
		return;
	snprintf(title, sizeof(title), "Sessions %s",
		format_count(total, format_total(pqc->sessions_total)));
	area = below_title(area, title, "age  packets/s replay");
	wanted = area.height < ROWS_MAX ? (uint32_t)area.height : ROWS_MAX;
	uint32_t n = top_rows(pqc->sessions, pqc->n_sessions, session_value, rows, wanted);
	for (uint32_t i = 0; i < n; i++)
		draw_session(&pqc->sessions[rows[i]], snapshot->time,
			(struct area) { area.y + (int)i, area.x, 1, area.width });
	if (n == 0)
		draw_text(area.y, area.x, area.width, STYLE_DIM,
			pqc->sessions_total == COUNT_UNKNOWN ? ""
			: pqc->sessions_total > 0	     ? "not among metrics"
							     : "none: no key exchange completed");
}

/* --- times -------------------------------------------------------------------------------------- */

static double bucket_value(const void *list, uint32_t row)
{
	return (double)((const uint64_t *)list)[row];
}

static int compare_rows(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* Draws a row per octave that is not empty; the fullest ones if room is short. */
void signatures_draw_times(const struct snapshot_pqc *pqc, struct area area)
{
	uint32_t rows[PQC_TIME_BUCKETS], wanted;
	char facts[64], text[FORMAT_LEN], p50[FORMAT_LEN], p99[FORMAT_LEN];
	double most = 0;
	int y;

	if (area.height < 2)
		return;
	snprintf(facts, sizeof(facts), "p50 %s p99 %s", format_ns(p50, pqc->times.p50),
		format_ns(p99, pqc->times.p99));
	area = below_title(area, "Verify", pqc->verifications.total > 0 ? facts : "");
	y = area.y;
	wanted = area.height < PQC_TIME_BUCKETS ? (uint32_t)area.height : PQC_TIME_BUCKETS;
	uint32_t n = top_rows(pqc->buckets, PQC_TIME_BUCKETS, bucket_value, rows, wanted);
	if (n > 0)
		most = bucket_value(pqc->buckets, rows[0]);
	if (!(most > 0))
		draw_text(y, area.x, area.width, STYLE_DIM, "no signatures verified yet");
	qsort(rows, n, sizeof(rows[0]), compare_rows);
	for (uint32_t i = 0; i < n; i++) {
		double count = bucket_value(pqc->buckets, rows[i]);

		if (!(count > 0))
			continue;
		draw_format(y, area.x, 10, STYLE_DIM, "< %7s",
			format_ns(text, octave_bucket_upper(rows[i])));
		draw_right(y, area.x + 10, 7, STYLE_TEXT, format_count(text, count));
		graph_bar(y++, area.x + 18, area.width - 18, STYLE_GRAPH, count / most);
	}
}
