// SPDX-License-Identifier: BSD-2-Clause
/* Parts of the mesh view: the busiest flows, and the busiest sources. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "cell.h"
#include "mesh_panel.h"
#include "model/format.h"
#include "model/names.h"
#include "rule_form.h"
#include "ui_state.h"

enum {
	FLOW_SOURCE,
	FLOW_DESTINATION,
	FLOW_PROTOCOL,
	FLOW_INTERFACE,
	FLOW_DECISION,
	FLOW_RATE,
	FLOW_TREND,
	FLOW_BITS,
	FLOW_PACKETS,
	FLOW_BYTES,
	FLOW_VLAN,
	FLOW_MAC,
	FLOW_COLUMNS,
};

static const struct column flow_columns[FLOW_COLUMNS] = {
	[FLOW_SOURCE] = { "SOURCE", COLUMN_TEXT, 19, 0, 26 },
	[FLOW_DESTINATION] = { "DESTINATION", COLUMN_TEXT, 18, 0, 26 },
	[FLOW_PROTOCOL] = { "PROTO", COLUMN_TEXT, 6, 0, 0 },
	[FLOW_INTERFACE] = { "ON", COLUMN_TEXT, 6, 1, 9 },
	[FLOW_DECISION] = { "DECISION", COLUMN_TEXT, 8, 0, 9 },
	[FLOW_RATE] = { "PKT/s", COLUMN_NUMBER, 6, 0, 2 },
	[FLOW_TREND] = { "TREND", COLUMN_GRAPH, 10, 4, 10 },
	[FLOW_BITS] = { "BIT/s", COLUMN_NUMBER, 9, 0, 2 },
	[FLOW_PACKETS] = { "PACKETS", COLUMN_NUMBER, 8, 2, 2 },
	[FLOW_BYTES] = { "BYTES", COLUMN_NUMBER, 8, 3, 2 },
	[FLOW_VLAN] = { "VLAN", COLUMN_NUMBER, 4, 6, 0 },
	[FLOW_MAC] = { "SOURCE MAC", COLUMN_TEXT, 17, 5, 0 },
};

static uint32_t flow_count(const struct snapshot *snapshot)
{
	return snapshot->talkers.n_flows;
}

/* A hash: two addresses of IPv6 are longer than a key. */
static void flow_key(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	const struct snapshot_flow *flow = &snapshot->talkers.flows[row];
	const char *const parts[] = { flow->source, flow->destination, flow->protocol, flow->mac,
		flow->interface };
	uint64_t hash = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		hash = mesh_hash_text(hash, parts[i]);
	snprintf(key, TABLE_KEY_LEN, "%016llx %u %u %u %d", (unsigned long long)hash,
		flow->source_port, flow->destination_port, flow->vlan, flow->unreadable);
}

static double flow_rate(const struct snapshot *snapshot, uint32_t row)
{
	return snapshot->talkers.flows[row].traffic.packets.rate;
}

static void decision_cell(
	const struct snapshot *snapshot, const struct snapshot_flow *flow, struct cell *cell)
{
	char text[TALKER_TEXT_LEN];

	snprintf(cell->text, sizeof(cell->text), "%s", talker_decision(flow, text));
	snprintf(cell->brief, sizeof(cell->brief), "%.*s", (int)strcspn(text, " ,"), text);
	if (flow->rule != COUNT_UNKNOWN)
		snprintf(cell->brief + strlen(cell->brief), 24, " %llu",
			(unsigned long long)flow->rule);
	if (flow->action == MESH_DROP || flow->action == MESH_LIMIT)
		cell->style = snapshot->mesh.enforcing ? STYLE_BAD : STYLE_WARN;
}

/* An address is told by its end, and a port stands there: where there is no room for all, that is shown. */
static void end_cell(struct cell *cell, const char *text, int width)
{
	const size_t length = strlen(text), room = (size_t)width - 1;

	snprintf(cell->text, sizeof(cell->text), "%s", text);
	if (length > room)
		snprintf(cell->brief, sizeof(cell->brief), "%lc%.40s",
			(wint_t)style_glyph(GLYPH_ELLIPSIS), text + length - room);
}

static void protocol_cell(const struct snapshot_flow *flow, struct cell *cell)
{
	snprintf(cell->text, sizeof(cell->text), "%s", flow->protocol);
	if (strcmp(flow->protocol, "batman-adv") == 0)
		snprintf(cell->brief, sizeof(cell->brief), "batman");
}

static void flow_text_cell(const struct snapshot *snapshot, const struct snapshot_flow *flow,
	int column, struct cell *cell)
{
	char text[TALKER_TEXT_LEN];

	switch (column) {
	case FLOW_SOURCE:
		end_cell(cell, talker_source(flow, text), flow_columns[FLOW_SOURCE].width);
		break;
	case FLOW_DESTINATION:
		end_cell(
			cell, talker_destination(flow, text), flow_columns[FLOW_DESTINATION].width);
		break;
	case FLOW_PROTOCOL:
		protocol_cell(flow, cell);
		break;
	case FLOW_INTERFACE:
		snprintf(cell->text, sizeof(cell->text), "%s", flow->interface);
		break;
	case FLOW_MAC:
		snprintf(cell->text, sizeof(cell->text), "%s", flow->mac);
		break;
	case FLOW_VLAN:
		cell->value = flow->vlan;
		if (flow->vlan != 0)
			snprintf(cell->text, sizeof(cell->text), "%u", flow->vlan);
		break;
	default:
		decision_cell(snapshot, flow, cell);
	}
}

/* Returns whether the column shows traffic, and fills its cell. */
static bool traffic_cell(const struct traffic *traffic, int column, int rate, struct cell *cell)
{
	if (column == rate)
		cell_rate(cell, traffic->packets.rate, STYLE_STRONG);
	else if (column == rate + 2)
		cell_bits(cell, traffic->bytes.rate);
	else if (column == rate + 3)
		cell_count(cell, traffic->packets.total);
	else if (column == rate + 4)
		cell_bytes(cell, traffic->bytes.total);
	else
		return false;
	return true;
}

static void flow_cell(const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	const struct snapshot_flow *flow = &snapshot->talkers.flows[row];

	if (!traffic_cell(&flow->traffic, column, FLOW_RATE, cell))
		flow_text_cell(snapshot, flow, column, cell);
}

static const struct table_type flow_table = {
	.columns = flow_columns,
	.n_columns = FLOW_COLUMNS,
	.sort = FLOW_RATE,
	.empty = "No packets since this part is shown.",
	.count = flow_count,
	.key = flow_key,
	.cell = flow_cell,
	.rate = flow_rate,
	.rate_title = "Packets/s",
};

/* --- sources ------------------------------------------------------------------------------------- */

enum {
	SOURCE_ADDRESS,
	SOURCE_KNOWN,
	SOURCE_RATE,
	SOURCE_TREND,
	SOURCE_BITS,
	SOURCE_PACKETS,
	SOURCE_BYTES,
	SOURCE_COLUMNS,
};

static const struct column source_columns[SOURCE_COLUMNS] = {
	[SOURCE_ADDRESS] = { "SOURCE", COLUMN_TEXT, 19, 0, 22 },
	[SOURCE_KNOWN] = { "NEIGHBOUR", COLUMN_TEXT, 10, 1, 22 },
	[SOURCE_RATE] = { "PKT/s", COLUMN_NUMBER, 7, 0, 2 },
	[SOURCE_TREND] = { "TREND", COLUMN_GRAPH, 10, 2, 40 },
	[SOURCE_BITS] = { "BIT/s", COLUMN_NUMBER, 9, 0, 2 },
	[SOURCE_PACKETS] = { "PACKETS", COLUMN_NUMBER, 8, 0, 2 },
	[SOURCE_BYTES] = { "BYTES", COLUMN_NUMBER, 8, 0, 2 },
};

static uint32_t source_count(const struct snapshot *snapshot)
{
	return snapshot->talkers.n_sources;
}

static void source_key(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	snprintf(key, TABLE_KEY_LEN, "%s", snapshot->talkers.sources[row].address);
}

static double source_rate(const struct snapshot *snapshot, uint32_t row)
{
	return snapshot->talkers.sources[row].traffic.packets.rate;
}

/* Writes which source of neighbours knows the address, and its name for it. */
static void write_known(const struct snapshot *snapshot, const char *address, struct cell *cell)
{
	const struct snapshot_neighbours *part = &snapshot->neighbours;

	cell->style = STYLE_DIM;
	for (uint32_t i = 0; i < part->n_neighbours; i++) {
		const struct snapshot_neighbour *row = &part->neighbours[i];
		if (row->kind != NEIGHBOUR_NODE ||
			(strcmp(row->address, address) != 0 && strcmp(row->mac, address) != 0))
			continue;
		snprintf(cell->text, sizeof(cell->text), "%s%s%s",
			row->source < NEIGHBOUR_SOURCES ? neighbour_source_names[row->source] : "?",
			row->name[0] != '\0' ? " " : "", row->name);
		snprintf(cell->brief, sizeof(cell->brief), "%.60s", row->name);
		return;
	}
}

static void source_cell(
	const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	const struct snapshot_source *source = &snapshot->talkers.sources[row];

	if (traffic_cell(&source->traffic, column, SOURCE_RATE, cell))
		return;
	if (column == SOURCE_ADDRESS)
		snprintf(cell->text, sizeof(cell->text), "%s", source->address);
	else
		write_known(snapshot, source->address, cell);
}

static const struct table_type source_table = {
	.columns = source_columns,
	.n_columns = SOURCE_COLUMNS,
	.sort = SOURCE_RATE,
	.empty = "No packets since this part is shown.",
	.count = source_count,
	.key = source_key,
	.cell = source_cell,
	.rate = source_rate,
	.rate_title = "Packets/s",
};

/* --- rules of them ------------------------------------------------------------------------------- */

static void enter_flow(struct ui *ui, uint32_t row)
{
	const struct snapshot_flow *flow = &ui->snapshot->talkers.flows[row];
	struct rule_form form = { 0 };
	bool has_address = flow->source[0] != '\0';

	rule_form_set(&form, FORM_ACTION, "drop");
	rule_form_set(&form, FORM_FROM, "%s", flow->source);
	rule_form_set(&form, FORM_TO, "%s", flow->destination);
	if (has_address)
		rule_form_set(&form, FORM_PROTOCOL, "%s", flow->protocol);
	else
		rule_form_set(&form, FORM_ETHERTYPE, "0x%04x", flow->ethertype);
	if (!has_address)
		rule_form_set(&form, FORM_MAC, "%s", flow->mac);
	/* Of an answer, the source's port is that of the service. */
	bool answers = flow->source_port != 0 && flow->source_port < flow->destination_port;
	if (answers)
		rule_form_set(&form, FORM_SOURCE_PORT, "%u", flow->source_port);
	else if (flow->destination_port != 0)
		rule_form_set(&form, FORM_PORT, "%u", flow->destination_port);
	rule_form_set(&form, FORM_INTERFACE, "%s", flow->interface);
	dialog_open_rule(ui, &form);
}

static void enter_source(struct ui *ui, uint32_t row)
{
	const char *address = ui->snapshot->talkers.sources[row].address;
	struct rule_form form = { 0 };
	uint8_t mac[HEX_MAC_BYTES];
	bool is_mac = hex_parse_mac(address, mac) == 0;

	rule_form_set(&form, FORM_ACTION, "drop");
	rule_form_set(&form, is_mac ? FORM_MAC : FORM_FROM, "%s", address);
	dialog_open_rule(ui, &form);
}

/* --- drawing ------------------------------------------------------------------------------------- */

static void draw_lost(const struct snapshot_talkers *talkers, int y, int width)
{
	char rate[FORMAT_LEN], total[FORMAT_LEN], bytes[FORMAT_LEN];
	const struct traffic *lost = &talkers->lost;

	draw_format(y, 1, width - 2, lost->packets.rate > 0 ? STYLE_WARN : STYLE_DIM,
		"Enter makes a rule of one. Lost by the flow table: %s/s, %s packets, %s",
		format_rate(rate, lost->packets.rate),
		format_count(total, format_total(lost->packets.total)),
		format_bytes(bytes, format_total(lost->bytes.total)));
}

static void draw_reason(const struct ui *ui, struct area area)
{
	const struct snapshot_talkers *talkers = &ui->snapshot->talkers;
	int width = area.width - 2;

	if (talkers->reason[0] == '\0') {
		draw_text(area.y, 1, width, STYLE_DIM,
			ui->snapshot->mesh.available ? "The next sample has them."
						     : "The mesh filter is not running.");
		return;
	}
	int lines = draw_wrapped(area.y, 1, width, 3, STYLE_WARN, talkers->reason);
	draw_wrapped(area.y + lines, 1, width, 4, STYLE_TEXT, talkers->remedy);
}

static void draw(struct ui *ui, struct area area)
{
	area = mesh_draw_head(ui, area);
	if (!ui->snapshot->talkers.available) {
		draw_reason(ui, area);
		return;
	}
	draw_lost(&ui->snapshot->talkers, area.y, area.width);
	area.y++;
	area.height--;
	ui_draw_with_graph(ui, area);
}

const struct view view_flows = {
	.name = "Flows",
	.part_of = VIEW_MESH,
	.table = &flow_table,
	.unmeasured = true,
	.program = &program_xdp_mesh_filter,
	.enforcer = &program_xdp_mesh_filter,
	.draw = draw,
	.enter = enter_flow,
	.looks = LOOK_FLOWS,
};

const struct view view_sources = {
	.name = "Sources",
	.part_of = VIEW_MESH,
	.table = &source_table,
	.unmeasured = true,
	.program = &program_xdp_mesh_filter,
	.enforcer = &program_xdp_mesh_filter,
	.draw = draw,
	.enter = enter_source,
	.looks = LOOK_FLOWS,
};
