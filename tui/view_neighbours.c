// SPDX-License-Identifier: BSD-2-Clause
/* Part of the mesh view: neighbours, and the routes they lead to. */
#include <math.h>
#include <stdio.h>

#include "cell.h"
#include "mesh_panel.h"
#include "model/format.h"
#include "model/names.h"

enum {
	ADDRESS,
	SOURCE,
	INTERFACE,
	STATE,
	LINK,
	SEEN,
	RATE,
	PACKETS,
	BYTES,
	MAC,
	SIGNATURE,
	TUNNEL,
	VIA,
	COLUMNS_N,
};

static const struct column columns[COLUMNS_N] = {
	[ADDRESS] = { "ADDRESS", COLUMN_TEXT, 18, 0, 20 },
	[SOURCE] = { "SOURCE", COLUMN_TEXT, 10, 0, 0 },
	[INTERFACE] = { "ON", COLUMN_TEXT, 7, 0, 8 },
	[STATE] = { "STATE", COLUMN_TEXT, 13, 0, 0 },
	[LINK] = { "LINK", COLUMN_NUMBER, 6, 0, 2 },
	[SEEN] = { "SEEN", COLUMN_NUMBER, 6, 0, 2 },
	[RATE] = { "PKT/s", COLUMN_NUMBER, 6, 3, 2 },
	[PACKETS] = { "PACKETS", COLUMN_NUMBER, 7, 1, 2 },
	[BYTES] = { "BYTES", COLUMN_NUMBER, 7, 2, 2 },
	[MAC] = { "MAC", COLUMN_TEXT, 17, 4, 0 },
	[SIGNATURE] = { "SIGNATURE", COLUMN_TEXT, 9, 5, 0 },
	[TUNNEL] = { "TUNNEL", COLUMN_NUMBER, 8, 7, 0 },
	[VIA] = { "VIA, NAME", COLUMN_TEXT, 14, 6, 255 },
};

static uint32_t count(const struct snapshot *snapshot)
{
	return snapshot->neighbours.n_neighbours;
}

static void key_of(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	const struct snapshot_neighbour *neighbour = &snapshot->neighbours.neighbours[row];

	snprintf(key, TABLE_KEY_LEN, "%u%u%.30s %.30s", neighbour->source, neighbour->kind,
		neighbour_what(neighbour), neighbour->interface);
}

static const char *source_name(uint32_t source)
{
	return source < NEIGHBOUR_SOURCES ? neighbour_source_names[source] : "?";
}

static const char *signature_name(uint32_t signature)
{
	bool known = signature == SIGNATURE_VERIFIED || signature == SIGNATURE_EXPIRED;

	return known ? neighbour_signature_names[signature] : "-";
}

static enum style row_style(
	const struct snapshot_neighbours *part, const struct snapshot_neighbour *row)
{
	if (row->signature == SIGNATURE_EXPIRED)
		return STYLE_WARN;
	if (row->source < part->n_sources && part->sources[row->source].state == SOURCE_LOST)
		return STYLE_DIM;
	return row->signature == SIGNATURE_VERIFIED ? STYLE_GOOD : STYLE_TEXT;
}

static void seen_cell(const struct snapshot_neighbour *row, double now, struct cell *cell)
{
	double age = now - row->last_seen;

	cell->value = isnan(age) ? NAN : -age; /* the latest first */
	if (isnan(age))
		snprintf(cell->text, sizeof(cell->text), "-");
	else
		format_ns(cell->text, age > 0 ? age * 1e9 : 0);
}

static void tunnel_cell(const struct snapshot_neighbour *row, struct cell *cell)
{
	cell->value = row->received_bytes + row->sent_bytes;
	if (isnan(cell->value))
		snprintf(cell->text, sizeof(cell->text), "-");
	else
		format_bytes(cell->text, cell->value);
}

static void number_cell(
	const struct snapshot_neighbour *row, double now, int column, struct cell *cell)
{
	const struct traffic *traffic = &row->traffic;

	if (column == SEEN)
		seen_cell(row, now, cell);
	else if (column == TUNNEL)
		tunnel_cell(row, cell);
	else if (column == RATE)
		cell_rate(cell, traffic->packets.rate, cell->style);
	else if (column == PACKETS)
		cell_count(cell, traffic->packets.total);
	else
		cell_bytes(cell, traffic->bytes.total);
}

static void fill(const struct snapshot *snapshot, uint32_t at, int column, struct cell *cell)
{
	const struct snapshot_neighbour *row = &snapshot->neighbours.neighbours[at];
	const char *text = "";
	char link[FORMAT_LEN];

	cell->style = row_style(&snapshot->neighbours, row);
	if (column == ADDRESS)
		text = neighbour_what(row);
	else if (column == SOURCE)
		text = source_name(row->source);
	else if (column == INTERFACE)
		text = row->interface;
	else if (column == STATE)
		text = row->state;
	else if (column == LINK)
		text = neighbour_link(row, link);
	else if (column == MAC)
		text = row->mac;
	else if (column == SIGNATURE)
		text = signature_name(row->signature);
	else if (column == VIA)
		text = row->via[0] != '\0' ? row->via : row->address[0] != '\0' ? row->name : "";
	else
		return number_cell(row, snapshot->time, column, cell);
	snprintf(cell->text, sizeof(cell->text), "%s", text);
}

static const struct table_type neighbours_table = {
	.columns = columns,
	.n_columns = COLUMNS_N,
	.sort = SORT_NONE,
	.empty = "No neighbours.",
	.count = count,
	.key = key_of,
	.cell = fill,
};

/* --- details ------------------------------------------------------------------------------------- */

static void add_text(struct details *d, const char *label, const char *text)
{
	if (text[0] != '\0')
		details_add(d, STYLE_TEXT, label, "%s", text);
}

static void details(const struct snapshot *snapshot, uint32_t at, struct details *d)
{
	const struct snapshot_neighbour *row = &snapshot->neighbours.neighbours[at];
	char bytes[FORMAT_LEN], sent[FORMAT_LEN], link[FORMAT_LEN];

	snprintf(d->title, sizeof(d->title), "%s", neighbour_what(row));
	add_text(d, "Named by", source_name(row->source));
	add_text(d, "MAC", row->mac);
	add_text(d, "Interface", row->interface);
	add_text(d, "Name", row->name);
	add_text(d, "Via", row->via);
	add_text(d, "State", row->state);
	add_text(d, "Link", neighbour_link(row, link));
	add_text(d, "Signature", signature_name(row->signature));
	if (row->traffic.packets.total != COUNT_UNKNOWN)
		details_add_traffic(d, "From it", &row->traffic);
	if (!isnan(row->received_bytes + row->sent_bytes))
		details_add(d, STYLE_TEXT, "Tunnel", "%s received, %s sent",
			format_bytes(bytes, row->received_bytes),
			format_bytes(sent, row->sent_bytes));
}

/* --- drawing ------------------------------------------------------------------------------------- */

static void draw(struct ui *ui, struct area area)
{
	char facts[REASON_LEN];

	neighbours_write_facts(&ui->snapshot->neighbours, facts, sizeof(facts));
	area = mesh_draw_head(ui, area);
	draw_text(area.y, 1, area.width - 2, STYLE_DIM, facts);
	area.y++;
	area.height--;
	ui_draw_with_details(ui, area, ui_list_lines(area.height));
}

const struct view view_neighbours = {
	.name = "Neighbours",
	.part_of = VIEW_MESH,
	.table = &neighbours_table,
	.unmeasured = true,
	.enforcer = &program_xdp_mesh_filter,
	.draw = draw,
	.details = details,
	.looks = LOOK_FLOWS,
};
