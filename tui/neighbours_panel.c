// SPDX-License-Identifier: BSD-2-Clause
#include "neighbours_panel.h"

#include <math.h>
#include <stdio.h>

#include "model/format.h"
#include "model/names.h"

enum {
	ADDRESS_COLUMNS = 20,
	SOURCE_COLUMNS = 11,
	INTERFACE_COLUMNS = 9,
	STATE_COLUMNS = 14,
	LINK_COLUMNS = 6,
	SEEN_COLUMNS = 6,
	BYTES_COLUMNS = 8,
	MAC_COLUMNS = 18,
};

/* --- cells -------------------------------------------------------------------------------------- */

static const char *source_name(uint32_t source)
{
	return source < NEIGHBOUR_SOURCES ? neighbour_source_names[source] : "?";
}

static void write_address(const struct snapshot_neighbour *row, double now, char *text, size_t size)
{
	(void)now;
	snprintf(text, size, "%s", neighbour_what(row));
}

static void write_source(const struct snapshot_neighbour *row, double now, char *text, size_t size)
{
	(void)now;
	snprintf(text, size, "%s", source_name(row->source));
}

static void write_interface(
	const struct snapshot_neighbour *row, double now, char *text, size_t size)
{
	(void)now;
	snprintf(text, size, "%s", row->interface);
}

static void write_state(const struct snapshot_neighbour *row, double now, char *text, size_t size)
{
	(void)now;
	snprintf(text, size, "%s", row->state);
}

static void write_link(const struct snapshot_neighbour *row, double now, char *text, size_t size)
{
	char link[FORMAT_LEN];

	(void)now;
	snprintf(text, size, "%s", neighbour_link(row, link));
}

static void write_seen(const struct snapshot_neighbour *row, double now, char *text, size_t size)
{
	char time[FORMAT_LEN];
	double age = now - row->last_seen;

	snprintf(text, size, "%s", isnan(age) ? "-" : format_ns(time, age > 0 ? age * 1e9 : 0));
}

static void write_mac(const struct snapshot_neighbour *row, double now, char *text, size_t size)
{
	(void)now;
	snprintf(text, size, "%s", row->mac);
}

static void write_bytes(const struct snapshot_neighbour *row, double now, char *text, size_t size)
{
	char bytes[FORMAT_LEN];
	double sum = row->received_bytes + row->sent_bytes;

	(void)now;
	snprintf(text, size, "%s", isnan(sum) ? "-" : format_bytes(bytes, sum));
}

static void write_via(const struct snapshot_neighbour *row, double now, char *text, size_t size)
{
	(void)now;
	if (row->via[0] != '\0')
		snprintf(text, size, "via %s", row->via);
	else
		snprintf(text, size, "%s", row->address[0] != '\0' ? row->name : "");
}

/* From the left, as many as there is room for. */
static const struct {
	const char *title;
	int width;
	void (*write)(const struct snapshot_neighbour *row, double now, char *text, size_t size);
} columns[] = {
	{ "ADDRESS", ADDRESS_COLUMNS, write_address },
	{ "SOURCE", SOURCE_COLUMNS, write_source },
	{ "ON", INTERFACE_COLUMNS, write_interface },
	{ "STATE", STATE_COLUMNS, write_state },
	{ "LINK", LINK_COLUMNS, write_link },
	{ "SEEN", SEEN_COLUMNS, write_seen },
	{ "MAC", MAC_COLUMNS, write_mac },
	{ "BYTES", BYTES_COLUMNS, write_bytes },
	{ "", ADDRESS_COLUMNS, write_via },
};

/* --- rows --------------------------------------------------------------------------------------- */

static enum style row_style(
	const struct snapshot_neighbours *part, const struct snapshot_neighbour *row)
{
	if (row->signature == SIGNATURE_EXPIRED)
		return STYLE_WARN;
	if (row->source < part->n_sources && part->sources[row->source].state == SOURCE_LOST)
		return STYLE_DIM;
	return row->signature == SIGNATURE_VERIFIED ? STYLE_GOOD : STYLE_TEXT;
}

/* Draws a row; `row` NULL: the titles. */
static void draw_row(
	const struct snapshot *snapshot, const struct snapshot_neighbour *row, struct area line)
{
	int x = line.x + 1, end = line.x + line.width;

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		char text[REASON_LEN];
		int width = columns[i].width < end - x ? columns[i].width : end - x;

		if (width < columns[i].width && i + 1 < sizeof(columns) / sizeof(columns[0]))
			return;
		snprintf(text, sizeof(text), "%s", columns[i].title);
		if (row != NULL)
			columns[i].write(row, snapshot->time, text, sizeof(text));
		draw_text(line.y, x, width - 1,
			row != NULL ? row_style(&snapshot->neighbours, row) : STYLE_HEAD, text);
		x += width;
	}
}

static void write_facts(const struct snapshot_neighbours *part, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < part->n_sources && length < size; i++) {
		const struct snapshot_neighbour_source *source = &part->sources[i];
		if (source->state < SOURCE_LIVE)
			continue;
		length += (size_t)snprintf(text + length, size - length, "%s%s %u%s",
			length > 0 ? ", " : "", source_name(source->name),
			source->nodes + source->routes,
			source->state == SOURCE_LOST ? " lost" : "");
	}
}

void neighbours_draw(const struct snapshot *snapshot, struct area area)
{
	const struct snapshot_neighbours *part = &snapshot->neighbours;
	struct area line = { area.y + 1, area.x, 1, area.width };
	char facts[REASON_LEN];

	write_facts(part, facts, sizeof(facts));
	draw_title(area.y, area.x, area.width, "Neighbours", facts);
	if (part->n_neighbours == 0) {
		draw_text(line.y, line.x + 1, line.width - 2, STYLE_DIM, "no neighbours");
		return;
	}
	draw_row(snapshot, NULL, line);
	for (uint32_t i = 0; i < part->n_neighbours && ++line.y < area.y + area.height; i++)
		draw_row(snapshot, &part->neighbours[i], line);
}
