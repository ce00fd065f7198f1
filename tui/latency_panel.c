// SPDX-License-Identifier: BSD-2-Clause
#include "latency_panel.h"

#include <math.h>
#include <stdio.h>

#include "graph.h"
#include "model/format.h"
#include "model/quantile.h"

/* Draws latencies below the first bucket's end in the octave before it. */
enum { WIDTH_MAX = 512, LOWEST_NS = 1 << (LATENCY_MIN_SHIFT - 1) };

/* A logarithmic axis from `low` to `high` ns over `width` columns; `high` is 0 without calls. */
struct axis {
	double low, high;
	int width;
};

/* Spans whole octaves around the counted latencies, so that the axis seldom moves. */
static struct axis axis_of(const struct snapshot_syscall *call, int width)
{
	struct axis axis = { 0, 0, width < WIDTH_MAX ? width : WIDTH_MAX };

	for (uint32_t b = 0; b < LATENCY_BUCKETS; b++) {
		if (call->buckets[b] == 0)
			continue;
		if (axis.high == 0)
			axis.low = exp2(floor(log2(fmax(latency_bucket_lower(b), LOWEST_NS))));
		axis.high = exp2(ceil(log2(latency_bucket_lower(b + 1))));
	}
	return axis;
}

/* Returns the column of a latency, which may lie beyond either end. */
static double position(const struct axis *axis, double ns)
{
	return log(fmax(ns, LOWEST_NS) / axis->low) / log(axis->high / axis->low) * axis->width;
}

/* Spreads each bucket over the columns it covers: buckets differ in width on this axis. */
static void fill_columns(
	const struct snapshot_syscall *call, const struct axis *axis, double values[WIDTH_MAX])
{
	for (int i = 0; i < axis->width; i++)
		values[i] = 0;
	for (uint32_t b = 0; b < LATENCY_BUCKETS; b++) {
		double from = position(axis, latency_bucket_lower(b));
		double to = position(axis, latency_bucket_lower(b + 1));

		if (call->buckets[b] == 0)
			continue;
		for (int i = (int)from; i < to && i < axis->width; i++)
			values[i] += (double)call->buckets[b] * (fmin(to, i + 1) - fmax(from, i)) /
				     (to - from);
	}
}

/* Labels the axis with 100ns, 1us, 10us, ... */
static void draw_axis(const struct axis *axis, struct area area, int y)
{
	char label[FORMAT_LEN];
	int free = 0;

	draw_fill(y, area.x, area.width, STYLE_DIM, style_glyph(GLYPH_LINE));
	for (int power = 2; power <= 10; power++) {
		double ns = pow(10, power);
		int column = (int)floor(position(axis, ns));
		int digits = power % 3 == 0 ? 1 : power % 3 == 1 ? 2 : 3;
		static const char *const units[] = { "ns", "us", "ms", "s" };

		snprintf(label, sizeof(label), "%.*s%s", digits, "100", units[power / 3]);
		int columns = text_columns(label);
		if (column < free || column + columns > area.width)
			continue;
		draw_text(y, area.x + column, columns, STYLE_DIM, label);
		free = column + columns + 1;
	}
}

/* Marks the quantiles of all calls; leaves out one that would hide another. */
static void draw_quantiles(
	const struct snapshot_syscall *call, const struct axis *axis, struct area area, int y)
{
	const struct {
		const char *label;
		double ns;
	} marks[] = { { "p50", call->overall.p50 }, { "p90", call->overall.p90 },
		{ "p99", call->overall.p99 }, { "p99.9", call->overall.p999 } };
	int free = 0;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (isnan(marks[i].ns))
			continue;
		int column = (int)floor(position(axis, marks[i].ns));
		int columns = text_columns(marks[i].label) + 1;

		if (column < free || column + columns > area.width)
			continue;
		draw_glyph(y, area.x + column, STYLE_ACCENT, GLYPH_ASCENDING);
		draw_text(y, area.x + column + 1, columns - 1, STYLE_ACCENT, marks[i].label);
		free = column + columns + 1;
	}
}

void latency_draw_histogram(const struct snapshot_syscall *call, struct area area)
{
	struct area bars = { area.y + 1, area.x + 1, area.height - 3, area.width - 1 };
	struct axis axis = axis_of(call, bars.width);
	double values[WIDTH_MAX];
	char title[NAME_LEN + 16], facts[64], count[FORMAT_LEN];

	if (area.height < 4 || bars.width < 8)
		return;
	snprintf(title, sizeof(title), "%s latency", call->name);
	snprintf(facts, sizeof(facts), "%s calls since start",
		format_count(count, format_total(call->calls.total)));
	draw_title(area.y, area.x, area.width, title, facts);
	if (axis.high == 0) {
		draw_text(bars.y, bars.x, bars.width, STYLE_DIM, "no calls yet");
		return;
	}
	fill_columns(call, &axis, values);
	graph_columns(bars, STYLE_GRAPH, values, axis.width);
	draw_axis(&axis, bars, bars.y + bars.height);
	draw_quantiles(call, &axis, bars, bars.y + bars.height + 1);
}

void latency_draw_coarse(const struct snapshot_syscall_secure *call, struct area area)
{
	double all = 0, most = 0;
	char text[FORMAT_LEN], facts[64];
	int row = 1;

	for (int b = 0; b < SECURE_BUCKETS; b++) {
		all += (double)call->buckets[b];
		if ((double)call->buckets[b] > most)
			most = (double)call->buckets[b];
	}
	snprintf(facts, sizeof(facts), "%s calls since start", format_count(text, all));
	draw_title(area.y, area.x, area.width, call->name, facts);
	for (int b = 0; b < SECURE_BUCKETS && row < area.height; b++) {
		bool open = b + 1 == SECURE_BUCKETS;
		double count = (double)call->buckets[b];

		if (count == 0 && area.height <= SECURE_BUCKETS)
			continue;
		format_ns(text, coarse_bucket_upper((uint32_t)(open ? b - 1 : b)));
		draw_format(
			area.y + row, area.x + 1, 9, STYLE_DIM, "%c %7s", open ? '>' : '<', text);
		draw_right(area.y + row, area.x + 11, 6, STYLE_TEXT, format_count(text, count));
		draw_right(area.y + row, area.x + 18, 5, STYLE_DIM,
			format_percent(text, all > 0 ? count / all : 0));
		graph_bar(area.y + row, area.x + 24, area.width - 25, STYLE_GRAPH,
			most > 0 ? count / most : 0);
		row++;
	}
}
