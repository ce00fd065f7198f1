// SPDX-License-Identifier: BSD-2-Clause
#include "bucket_panel.h"

#include <stdio.h>

#include "graph.h"
#include "model/format.h"

enum { WIDTH_MAX = 512, BUCKET_WIDE = 8 };

/* The buckets from the first to the last that is not empty. */
struct span {
	uint32_t first, n;
	int each; /* columns of a bucket */
	double all;
};

static struct span span_of(const uint64_t *buckets, int width)
{
	struct span span = { 0 };

	for (uint32_t i = 0; i < PLUGIN_BUCKETS; i++) {
		if (buckets[i] == 0)
			continue;
		if (span.n == 0)
			span.first = i;
		span.n = i - span.first + 1;
		span.all += (double)buckets[i];
	}
	if (span.n > 0)
		span.each = width / (int)span.n > BUCKET_WIDE ? BUCKET_WIDE : width / (int)span.n;
	return span;
}

static void draw_bars(const uint64_t *buckets, const struct span *span, struct area area)
{
	double values[WIDTH_MAX];
	const int width = span->each * (int)span->n;

	for (int i = 0; i < width && i < WIDTH_MAX; i++)
		values[i] = (double)buckets[span->first + (uint32_t)(i / span->each)];
	graph_columns(area, STYLE_GRAPH, values, width < WIDTH_MAX ? width : WIDTH_MAX);
}

/* Labels where buckets begin, as far as there is room. */
static void draw_axis(const char *unit, const struct span *span, struct area area, int y)
{
	char label[PLUGIN_CELL_LEN];
	int free = 0;

	draw_fill(y, area.x, area.width, STYLE_DIM, style_glyph(GLYPH_LINE));
	for (uint32_t i = 0; i < span->n; i++) {
		const uint32_t bucket = span->first + i;
		const int x = (int)i * span->each;
		plugin_amount(unit, bucket == 0 ? 0 : plugin_bucket_upper(bucket - 1), label);
		const int columns = text_columns(label);
		if (x < free || x + columns > area.width)
			continue;
		draw_text(y, area.x + x, columns, STYLE_DIM, label);
		free = x + columns + 1;
	}
}

bool bucket_draw(const struct snapshot_plugins *plugins, uint32_t row, struct area area)
{
	const struct snapshot_plugin_histogram *histogram =
		plugin_histogram(plugins, row, PLUGIN_COLUMNS_MAX);
	struct area bars = { area.y + 1, area.x + 1, area.height - 2, area.width - 2 };
	const struct snapshot_plugin_column *column;
	char count[FORMAT_LEN];
	uint32_t n;

	if (histogram == NULL || row >= plugins->n_rows)
		return false;
	column = plugin_columns(plugins, plugins->rows[row].map, &n);
	if (histogram->column >= n || area.height < 4 || bars.width < PLUGIN_BUCKETS)
		return false;
	column += histogram->column;
	const struct span span = span_of(histogram->buckets, bars.width);
	draw_title(area.y, area.x, area.width, column->name, format_count(count, span.all));
	if (span.n == 0) {
		draw_text(bars.y, bars.x, bars.width, STYLE_DIM, "nothing counted yet");
		return true;
	}
	draw_bars(histogram->buckets, &span, bars);
	draw_axis(column->unit, &span, bars, bars.y + bars.height);
	return true;
}
