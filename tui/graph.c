// SPDX-License-Identifier: BSD-2-Clause
#include "graph.h"

#include <math.h>
#include <stdio.h>

#include "model/format.h"

enum {
	SCALE_WIDTH = 6, /* "12.3K " */
	BRAILLE_DOTS = 4,
	BRAILLE_SAMPLES = 2,
	WIDTH_WITH_AGE = 16,
	HEIGHT_WITH_AXIS = 3, /* a lower graph says only how old its left end is */
};

/* Returns how many of `steps` a value fills: at least one if it is above 0. */
static int steps_of(double value, double top, int steps)
{
	if (!(value > 0) || !(top > 0))
		return 0;
	int filled = (int)lround(value / top * steps);
	return filled < 1 ? 1 : filled > steps ? steps : filled;
}

/* Returns the filled steps within a cell of `size` steps that begins at step `from`. */
static int steps_in_cell(int filled, int from, int size)
{
	filled -= from;
	return filled < 0 ? 0 : filled > size ? size : filled;
}

double graph_scale(double peak)
{
	static const double steps[] = { 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10 };
	double power = 1;

	while (power * 10 < peak)
		power *= 10;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i] * power >= peak)
			return steps[i] * power;
	return power * 10;
}

void graph_sparkline(int y, int x, int width, enum style style, const struct history *history)
{
	double peak = history_peak(history, (uint32_t)width);

	for (int i = 0; i < width; i++) {
		double value = history_value(history, (uint32_t)(width - 1 - i));

		/* Not to the top of the cell: the row above may have a graph, too. */
		draw_cell(y, x + i, style, style_level(steps_of(value, peak, BLOCK_STEPS - 1)));
	}
}

static wchar_t braille(int left, int right)
{
	static const unsigned char left_dots[] = { 0, 0x40, 0x44, 0x46, 0x47 };
	static const unsigned char right_dots[] = { 0, 0x80, 0xa0, 0xb0, 0xb8 };

	return 0x2800 + (left_dots[left] | right_dots[right]);
}

static void area_column_braille(
	struct area area, int column, enum style style, const struct history *history, double top)
{
	uint32_t age = (uint32_t)((area.width - 1 - column) * BRAILLE_SAMPLES);
	int steps = area.height * BRAILLE_DOTS;
	int left = steps_of(history_value(history, age + 1), top, steps);
	int right = steps_of(history_value(history, age), top, steps);

	for (int row = 0; row < area.height; row++) {
		int from = (area.height - 1 - row) * BRAILLE_DOTS;

		if (left > from || right > from)
			draw_cell(area.y + row, area.x + column, style,
				braille(steps_in_cell(left, from, BRAILLE_DOTS),
					steps_in_cell(right, from, BRAILLE_DOTS)));
	}
}

static void column_of_blocks(struct area area, int column, enum style style, double share)
{
	int filled = steps_of(share, 1, area.height * BLOCK_STEPS);

	for (int row = 0; row < area.height; row++) {
		int from = (area.height - 1 - row) * BLOCK_STEPS;
		int step = steps_in_cell(filled, from, BLOCK_STEPS);

		if (step > 0)
			draw_cell(area.y + row, area.x + column, style, style_level(step));
	}
}

#define NOW_S 0.05

/* Writes how long ago something was: "now", "-45s", "-2m05s", "-3h05m". */
static char *format_ago(char text[FORMAT_LEN], double seconds)
{
	int ago = (int)lround(seconds);

	if (ago < 1)
		snprintf(text, FORMAT_LEN, seconds < NOW_S ? "now" : "-%.1fs", seconds);
	else if (ago < 60)
		snprintf(text, FORMAT_LEN, "-%ds", ago);
	else if (ago < 3600)
		snprintf(text, FORMAT_LEN, "-%dm%02ds", ago / 60, ago % 60);
	else
		snprintf(text, FORMAT_LEN, "-%dh%02dm", ago / 3600, ago / 60 % 60);
	return text;
}

/* Draws the time below a graph: at both ends, and between them where there is room. */
static void draw_time_axis(
	int y, int x, int width, uint32_t shown, const struct history_times *times)
{
	enum { LABELS_MAX = 5, LABEL_DISTANCE = 16 };
	int labels = width / LABEL_DISTANCE + 1;
	char label[FORMAT_LEN];

	if (labels > LABELS_MAX)
		labels = LABELS_MAX;
	draw_fill(y, x, width, STYLE_DIM, style_glyph(GLYPH_LINE));
	for (int i = 0; i < labels; i++) {
		double share = labels > 1 ? (double)i / (labels - 1) : 1;
		uint32_t samples = (uint32_t)lround((shown - 1) * (1 - share));
		double ago = history_age(times, samples);
		int columns = text_columns(format_ago(label, ago));
		int at = (int)lround(share * width - share * columns);

		/* Of the first sample, no distance to another is known. */
		if (samples == 0 || ago >= NOW_S)
			draw_text(y, x + at, width - at, STYLE_DIM, label);
	}
}

/* Draws scale and time axis, the top as it is called. Returns the area between them, of width 0 if there is no room. */
static struct area draw_named_axes(
	struct area area, const char *top, uint32_t shown, const struct history_times *times)
{
	bool low = area.height < HEIGHT_WITH_AXIS;

	if (!low) {
		area.height--;
		draw_time_axis(area.y + area.height, area.x + SCALE_WIDTH, area.width - SCALE_WIDTH,
			shown, times);
	}
	draw_right(area.y, area.x, SCALE_WIDTH - 1, STYLE_DIM, top);
	draw_right(area.y + area.height - 1, area.x, SCALE_WIDTH - 1, STYLE_DIM, "0");
	area.x += SCALE_WIDTH;
	area.width -= SCALE_WIDTH;
	return area;
}

static struct area draw_axes(
	struct area area, double top, uint32_t shown, const struct history_times *times)
{
	char label[FORMAT_LEN];

	return draw_named_axes(area, format_count(label, top), shown, times);
}

static uint32_t samples_shown(int width)
{
	return (uint32_t)(width * (style_unicode() ? BRAILLE_SAMPLES : 1));
}

static void area_column(
	struct area area, int column, enum style style, const struct history *history, double top)
{
	if (style_unicode())
		area_column_braille(area, column, style, history, top);
	else
		column_of_blocks(area, column, style,
			history_value(history, (uint32_t)(area.width - 1 - column)) / top);
}

void graph_area(struct area area, enum style style, const struct history *history,
	const struct history_times *times)
{
	uint32_t shown = samples_shown(area.width - SCALE_WIDTH);
	double top = graph_scale(history_peak(history, shown));
	bool low = area.height < HEIGHT_WITH_AXIS;
	char label[FORMAT_LEN];

	if (area.width <= SCALE_WIDTH || area.height < 1)
		return;
	area = draw_axes(area, top, shown, times);
	for (int column = 0; column < area.width; column++)
		area_column(area, column, style, history, top);
	/* Over the oldest samples, so that it stays to be read. */
	double oldest = history_age(times, shown - 1);
	if (low && area.width >= WIDTH_WITH_AGE && oldest >= NOW_S)
		draw_text(area.y, area.x, area.width, STYLE_DIM, format_ago(label, oldest));
}

/* Draws an edge of the band: not where it is 0, which nothing is below. */
static void draw_edge(
	struct area area, int column, uint32_t age, const struct history *edge, double top)
{
	int steps = edge != NULL ? steps_of(history_value(edge, age), top, area.height) : 0;

	if (steps > 0)
		draw_glyph(area.y + area.height - steps, area.x + column, STYLE_DIM, GLYPH_EDGE);
}

/* Returns whether the sample is outside what is usual. */
static bool is_beyond(const struct history *history, const struct history *low,
	const struct history *high, uint32_t age)
{
	double value = history_value(history, age);

	return (low != NULL && value < history_value(low, age)) ||
	       (high != NULL && value > history_value(high, age));
}

void graph_band(struct area area, enum style style, enum style beyond,
	const struct history *history, const struct history *low, const struct history *high,
	const struct history_times *times)
{
	uint32_t shown = samples_shown(area.width - SCALE_WIDTH);
	double peak = history_peak(history, shown);

	if (area.width <= SCALE_WIDTH || area.height < 1)
		return;
	if (high != NULL)
		peak = fmax(peak, history_peak(high, shown));
	double top = graph_scale(peak);
	uint32_t each = shown / (uint32_t)(area.width - SCALE_WIDTH);
	area = draw_axes(area, top, shown, times);
	for (int column = 0; column < area.width; column++) {
		uint32_t age = (uint32_t)(area.width - 1 - column) * each;
		bool unusual = is_beyond(history, low, high, age) ||
			       is_beyond(history, low, high, age + each - 1);

		area_column(area, column, unusual ? beyond : style, history, top);
		draw_edge(area, column, age, low, top);
		draw_edge(area, column, age, high, top);
	}
}

/* --- shares --------------------------------------------------------------------------------------- */

static double part_value(const struct graph_share *part, uint32_t age)
{
	double value = part->history != NULL ? history_value(part->history, age) : 0;

	return value > 0 ? value : 0;
}

/* Each row is of the part that has its middle: the sum of the shares up to it is beyond. */
static void shares_column(
	struct area area, int column, const struct graph_share *parts, int n, uint32_t age)
{
	double sum = 0, below = 0;
	int part = 0;

	for (int i = 0; i < n; i++)
		sum += part_value(&parts[i], age);
	for (int row = 0; row < area.height && sum > 0; row++) {
		double middle = (row + 0.5) / area.height * sum;
		while (part < n - 1 && below + part_value(&parts[part], age) <= middle)
			below += part_value(&parts[part++], age);
		draw_cell(area.y + area.height - 1 - row, area.x + column, parts[part].style,
			(wchar_t)parts[part].letter);
	}
}

void graph_shares(
	struct area area, const struct graph_share *parts, int n, const struct history_times *times)
{
	if (area.width <= SCALE_WIDTH || area.height < 2 || n < 1)
		return;
	area = draw_named_axes(area, "100%", (uint32_t)(area.width - SCALE_WIDTH), times);
	for (int column = 0; column < area.width; column++)
		shares_column(area, column, parts, n, (uint32_t)(area.width - 1 - column));
}

void graph_bar(int y, int x, int width, enum style style, double share)
{
	int filled = steps_of(share, 1, width * BLOCK_STEPS);

	for (int column = 0; column < width; column++) {
		int step = steps_in_cell(filled, column * BLOCK_STEPS, BLOCK_STEPS);

		draw_cell(y, x + column, style, style_part(step));
	}
}

void graph_columns(struct area area, enum style style, const double *values, int n_values)
{
	double peak = 0;

	for (int i = 0; i < n_values; i++)
		if (values[i] > peak)
			peak = values[i];
	for (int i = 0; i < n_values && i < area.width; i++)
		if (peak > 0)
			column_of_blocks(area, i, style, values[i] / peak);
}
