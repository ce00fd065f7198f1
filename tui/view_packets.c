// SPDX-License-Identifier: BSD-2-Clause
/* View of packets by interface; below, the highlighted one by verdict, protocol and size. */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "cell.h"
#include "graph.h"
#include "model/format.h"
#include "model/names.h"
#include "packets_panel.h"
#include "ui_state.h"

enum {
	PACKETS_INTERFACE,
	PACKETS_MODE,
	PACKETS_RATE,
	PACKETS_BITS,
	PACKETS_TREND,
	PACKETS_DROPS,
	PACKETS_MALFORMED,
	PACKETS_TOTAL,
	PACKETS_BYTES,
	PACKETS_PROBLEM,
	PACKETS_COLUMNS,
};

static const struct column columns[PACKETS_COLUMNS] = {
	[PACKETS_INTERFACE] = { "INTERFACE", COLUMN_TEXT, 12, 0, 3 },
	[PACKETS_MODE] = { "XDP", COLUMN_TEXT, 9, 0, 0 },
	[PACKETS_RATE] = { "PKT/s", COLUMN_NUMBER, 7, 0, 2 },
	[PACKETS_BITS] = { "BIT/s", COLUMN_NUMBER, 9, 0, 2 },
	[PACKETS_TREND] = { "TREND", COLUMN_GRAPH, 10, 4, 40 },
	[PACKETS_DROPS] = { "DROP/s", COLUMN_NUMBER, 7, 0, 2 },
	[PACKETS_MALFORMED] = { "MALF/s", COLUMN_NUMBER, 6, 1, 2 },
	[PACKETS_TOTAL] = { "PACKETS", COLUMN_NUMBER, 8, 2, 2 },
	[PACKETS_BYTES] = { "BYTES", COLUMN_NUMBER, 8, 5, 2 },
	[PACKETS_PROBLEM] = { "PROBLEM", COLUMN_TEXT, 20, 6, 40 },
};

/* Row 0 is the sum of all interfaces. */
static const struct snapshot_packets_interface *interface_of(
	const struct snapshot *snapshot, uint32_t row)
{
	return row == 0 ? &snapshot->packets.sum : &snapshot->packets.interfaces[row - 1];
}

static uint32_t interface_count(const struct snapshot *snapshot)
{
	return snapshot->packets.available ? snapshot->packets.n_interfaces + 1 : 0;
}

static void interface_key(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	/* The ifindex: it survives a renaming. */
	snprintf(key, TABLE_KEY_LEN, "%u", interface_of(snapshot, row)->ifindex);
}

static double interface_rate(const struct snapshot *snapshot, uint32_t row)
{
	return interface_of(snapshot, row)->all.packets.rate;
}

static void cell_name(
	const struct snapshot_packets_interface *interface, uint32_t row, struct cell *cell)
{
	cell->style = row == 0 ? STYLE_STRONG : STYLE_TEXT;
	snprintf(cell->text, sizeof(cell->text), "%s", row == 0 ? "all" : interface->name);
}

static void cell_mode(
	const struct snapshot_packets_interface *interface, uint32_t row, struct cell *cell)
{
	if (row == 0)
		return;
	snprintf(cell->text, sizeof(cell->text), "%s",
		interface->mode < XDP_MODES ? xdp_mode_names[interface->mode] : "unknown");
	cell->style = interface->problem[0] != '\0'	   ? STYLE_BAD
		      : interface->mode == XDP_MODE_NATIVE ? STYLE_GOOD
							   : STYLE_WARN;
	if (interface->mode == XDP_MODE_OFF && interface->problem[0] == '\0')
		cell->style = STYLE_DIM;
}

static void interface_cell(
	const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	const struct snapshot_packets_interface *interface = interface_of(snapshot, row);

	switch (column) {
	case PACKETS_INTERFACE:
		return cell_name(interface, row, cell);
	case PACKETS_MODE:
		return cell_mode(interface, row, cell);
	case PACKETS_RATE:
		return cell_rate(cell, interface->all.packets.rate, STYLE_STRONG);
	case PACKETS_BITS:
		return cell_bits(cell, interface->all.bytes.rate);
	case PACKETS_DROPS:
		return cell_rate(cell, interface->verdicts[XDP_DROP].packets.rate, STYLE_BAD);
	case PACKETS_MALFORMED:
		return cell_rate(cell, interface->malformed.rate, STYLE_WARN);
	case PACKETS_TOTAL:
		return cell_count(cell, interface->all.packets.total);
	case PACKETS_BYTES:
		return cell_bytes(cell, interface->all.bytes.total);
	case PACKETS_PROBLEM:
		cell->style = STYLE_BAD;
		snprintf(cell->text, sizeof(cell->text), "%s", interface->problem);
		return;
	}
}

static const struct table_type interface_table = {
	.columns = columns,
	.n_columns = PACKETS_COLUMNS,
	.sort = SORT_NONE,
	.n_pinned = 1,
	.empty = "The packet counter is not running on any interface.",
	.count = interface_count,
	.key = interface_key,
	.cell = interface_cell,
	.rate = interface_rate,
};

static void add_list(
	struct details *details, const struct traffic *list, int n, const char *const *names)
{
	for (int i = 0; i < n; i++)
		if (list[i].packets.total > 0)
			details_add_traffic(details, names[i], &list[i]);
}

static void add_left_out(struct details *details, const struct snapshot_packets *packets)
{
	if (packets->n_left_out > 0)
		details_add(details, STYLE_TITLE, "", "not watched");
	for (uint32_t i = 0; i < packets->n_left_out; i++)
		details_add(details, packets->left_out[i].uncovered ? STYLE_WARN : STYLE_TEXT,
			packets->left_out[i].name, "%s", packets->left_out[i].reason);
}

static void details(const struct snapshot *snapshot, uint32_t row, struct details *d)
{
	const struct snapshot_packets_interface *interface = interface_of(snapshot, row);

	snprintf(d->title, sizeof(d->title), "%s", row == 0 ? "all interfaces" : interface->name);
	if (interface->problem[0] != '\0')
		details_add(d, STYLE_BAD, "Problem", "%s", interface->problem);
	if (row > 0)
		details_add(d, STYLE_TEXT, "XDP", "%s, ifindex %u",
			interface->mode < XDP_MODES ? xdp_mode_names[interface->mode] : "unknown",
			interface->ifindex);
	details_add_traffic(d, "All", &interface->all);
	details_add(d, STYLE_TITLE, "", "by verdict");
	add_list(d, interface->verdicts, XDP_VERDICTS, xdp_verdict_names);
	details_add(d, STYLE_TITLE, "", "by network protocol");
	add_list(d, interface->networks, NETWORK_PROTOCOLS, network_protocol_names);
	details_add(d, STYLE_TITLE, "", "by transport protocol");
	add_list(d, interface->transports, TRANSPORT_PROTOCOLS, transport_protocol_names);
	details_add(d, STYLE_TITLE, "", "by frame size");
	for (int i = 0; i < FRAME_SIZES; i++)
		details_add_counter(d, frame_size_names[i], &interface->frame_sizes[i]);
	details_add(d, STYLE_TITLE, "", "of these");
	details_add_counter(d, "fragments", &interface->fragments);
	details_add_counter(d, "malformed", &interface->malformed);
	details_add_counter(d, "VLAN-tagged", &interface->vlan);
	if (row == 0)
		add_left_out(d, &snapshot->packets);
}

static void draw_below(struct ui *ui, struct area area, int row)
{
	const struct snapshot_packets_interface *interface =
		interface_of(ui->snapshot, (uint32_t)row);
	char key[TABLE_KEY_LEN], facts[96], rate[FORMAT_LEN], bits[FORMAT_LEN];
	int breakdown = area.height - 5 > 12 ? 12 : area.height - 5;
	struct area graph = { area.y + 1, area.x, area.height - breakdown - 2, area.width };

	interface_key(ui->snapshot, (uint32_t)row, key);
	const struct history *history = row_history_find(&ui->rows, &interface_table, key);
	snprintf(facts, sizeof(facts), "%s packets/s  %s/s",
		format_rate(rate, interface->all.packets.rate),
		format_bits(bits, interface->all.bytes.rate));
	draw_title(
		area.y, area.x, area.width, row == 0 ? "all interfaces" : interface->name, facts);
	if (graph.height > 10)
		graph.height = 10;
	if (history != NULL)
		graph_area(graph, STYLE_GRAPH, history);
	area.y += graph.height + 2;
	area.height -= graph.height + 2;
	packets_draw_breakdown(interface, area);
}

/* One line of them; the details of all interfaces have the rest. */
static void draw_left_out(const struct snapshot_packets *packets, struct area area)
{
	char line[512] = "Not watched: ";
	size_t length = strlen(line);

	for (uint32_t i = 0; i < packets->n_left_out && length < sizeof(line); i++)
		length += (size_t)snprintf(line + length, sizeof(line) - length, "%s%s (%s)",
			i > 0 ? ", " : "", packets->left_out[i].name, packets->left_out[i].reason);
	draw_text(area.y, area.x, area.width, STYLE_DIM, line);
}

static void draw(struct ui *ui, struct area area)
{
	struct table *table = &ui->tables[VIEW_PACKETS];
	int row = table_selected(table);
	struct area top = area, below = area;

	top.height = (int)table->n_rows + 1;
	if (top.height > area.height / 3 + 1)
		top.height = area.height / 3 + 1;
	if (top.height < 2)
		top.height = 2;
	below.y += top.height + 1;
	below.height -= top.height + 1;
	ui_draw_table(ui, table, top);
	if (ui->snapshot->packets.n_left_out > 0)
		draw_left_out(&ui->snapshot->packets,
			(struct area) { below.y - 1, area.x, 1, area.width });
	if (row >= 0)
		draw_below(ui, below, row);
}

const struct view view_packets = {
	.name = "Packets",
	.table = &interface_table,
	.program = &program_xdp_counter,
	.draw = draw,
	.details = details,
};
