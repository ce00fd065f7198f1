// SPDX-License-Identifier: BSD-2-Clause
/*
 * View of packets by interface, received and sent as the kernel counts them; below, what the XDP counter saw
 * arrive on the highlighted one, by verdict, protocol and size.
 */
#include <inttypes.h>
#include <linux/bpf.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cell.h"
#include "graph.h"
#include "model/format.h"
#include "model/names.h"
#include "packets_panel.h"
#include "packets_reasons.h"
#include "ui_state.h"

enum {
	PACKETS_INTERFACE,
	PACKETS_LINK,
	PACKETS_IN,
	PACKETS_IN_BITS,
	PACKETS_OUT,
	PACKETS_OUT_BITS,
	PACKETS_MODE,
	PACKETS_DROPS,
	PACKETS_MALFORMED,
	PACKETS_ERRORS,
	PACKETS_KERNEL_DROPS,
	PACKETS_SPEED,
	PACKETS_MTU,
	PACKETS_TREND,
	PACKETS_PROBLEM,
	PACKETS_COLUMNS,
};

static const struct column columns[PACKETS_COLUMNS] = {
	[PACKETS_INTERFACE] = { "INTERFACE", COLUMN_TEXT, 10, 0, 5 },
	[PACKETS_LINK] = { "LINK", COLUMN_TEXT, 10, 0, 1 },
	[PACKETS_IN] = { "IN PKT/s", COLUMN_NUMBER, 8, 0, 2 },
	[PACKETS_IN_BITS] = { "IN BIT/s", COLUMN_NUMBER, 9, 0, 2 },
	[PACKETS_OUT] = { "OUT PKT/s", COLUMN_NUMBER, 9, 0, 2 },
	[PACKETS_OUT_BITS] = { "OUT BIT/s", COLUMN_NUMBER, 9, 0, 2 },
	[PACKETS_MODE] = { "HOOK", COLUMN_TEXT, 7, 1, 1 },
	[PACKETS_DROPS] = { "DROP/s", COLUMN_NUMBER, 6, 2, 2 },
	[PACKETS_MALFORMED] = { "MALF/s", COLUMN_NUMBER, 6, 3, 2 },
	[PACKETS_ERRORS] = { "ERR/s", COLUMN_NUMBER, 6, 4, 2 },
	[PACKETS_KERNEL_DROPS] = { "KDROP/s", COLUMN_NUMBER, 7, 5, 2 },
	[PACKETS_SPEED] = { "SPEED", COLUMN_NUMBER, 8, 7, 1 },
	[PACKETS_MTU] = { "MTU", COLUMN_NUMBER, 5, 6, 1 },
	[PACKETS_TREND] = { "TREND", COLUMN_GRAPH, 10, 8, 40 },
	[PACKETS_PROBLEM] = { "PROBLEM", COLUMN_TEXT, 20, 9, 40 },
};

static const struct snapshot_link *link_of(const struct snapshot *snapshot, uint32_t row)
{
	return row == 0 ? NULL : &snapshot->links.links[row - 1];
}

/* Row 0 is the sum of all interfaces. NULL: the counter does not run on this one. */
static const struct snapshot_packets_interface *packets_of(
	const struct snapshot *snapshot, uint32_t row)
{
	const struct snapshot_packets *packets = &snapshot->packets;

	if (row == 0)
		return packets->available ? &packets->sum : NULL;
	/* Both parts list the watched interfaces in the same order. */
	if (row > packets->n_interfaces ||
		packets->interfaces[row - 1].ifindex != link_of(snapshot, row)->ifindex)
		return NULL;
	return &packets->interfaces[row - 1];
}

static uint32_t interface_count(const struct snapshot *snapshot)
{
	return snapshot->links.n_links > 0 ? snapshot->links.n_links + 1 : 0;
}

static void interface_key(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	const struct snapshot_link *link = row == 0 ? NULL : link_of(snapshot, row);

	/* The ifindex: it survives a renaming. What never had one has its name, behind what no name begins with. */
	if (link == NULL || link->ifindex != 0)
		snprintf(key, TABLE_KEY_LEN, "%u", link == NULL ? 0 : link->ifindex);
	else
		snprintf(key, TABLE_KEY_LEN, "/%s", link->name);
}

/* Returns the counts of a row; of row 0 in *sum. */
static const struct snapshot_link *counts_of(
	const struct snapshot *snapshot, uint32_t row, struct snapshot_link *sum)
{
	if (row > 0)
		return link_of(snapshot, row);
	links_sum(&snapshot->links, sum);
	return sum;
}

static double received_rate(const struct snapshot *snapshot, uint32_t row)
{
	struct snapshot_link sum;

	return counts_of(snapshot, row, &sum)->received.packets.rate;
}

static double sent_rate(const struct snapshot *snapshot, uint32_t row)
{
	struct snapshot_link sum;

	return counts_of(snapshot, row, &sum)->sent.packets.rate;
}

static void cell_link(const struct snapshot_link *link, int column, struct cell *cell)
{
	char text[FORMAT_LEN];

	if (link == NULL) {
		if (column == PACKETS_INTERFACE) {
			cell->style = STYLE_STRONG;
			snprintf(cell->text, sizeof(cell->text), "all");
		}
	} else if (column == PACKETS_INTERFACE) {
		snprintf(cell->text, sizeof(cell->text), "%s", link->name);
	} else if (column == PACKETS_LINK) {
		cell->style = link->state == LINK_UP ? STYLE_GOOD
			      : link_is_down(link)   ? STYLE_BAD
						     : STYLE_DIM;
		snprintf(cell->text, sizeof(cell->text), "%s",
			link->state < LINK_STATES ? link_state_names[link->state] : "unknown");
	} else if (column == PACKETS_MTU) {
		cell->value = format_total(link->mtu);
		snprintf(cell->text, sizeof(cell->text), "%.0f", cell->value);
		if (link->mtu == COUNT_UNKNOWN)
			snprintf(cell->text, sizeof(cell->text), "-");
	} else {
		cell->value = link->speed;
		snprintf(cell->text, sizeof(cell->text), "%s", format_bits(text, link->speed / 8));
	}
}

static void cell_counts(const struct snapshot_link *counts, int column, struct cell *cell)
{
	switch (column) {
	case PACKETS_IN:
		return cell_rate(cell, counts->received.packets.rate, STYLE_STRONG);
	case PACKETS_IN_BITS:
		return cell_bits(cell, counts->received.bytes.rate);
	case PACKETS_OUT:
		return cell_rate(cell, counts->sent.packets.rate, STYLE_STRONG);
	case PACKETS_OUT_BITS:
		return cell_bits(cell, counts->sent.bytes.rate);
	case PACKETS_ERRORS:
		return cell_rate(
			cell, counts->receive_errors.rate + counts->send_errors.rate, STYLE_BAD);
	case PACKETS_KERNEL_DROPS:
		return cell_rate(
			cell, counts->receive_dropped.rate + counts->send_dropped.rate, STYLE_WARN);
	}
}

static void cell_mode(
	const struct snapshot_packets_interface *packets, uint32_t row, struct cell *cell)
{
	if (row == 0)
		return;
	snprintf(cell->text, sizeof(cell->text), "%s",
		packets->hook < XDP_MODES ? xdp_mode_names[packets->hook] : "unknown");
	cell->style = packets->problem[0] != '\0' ? STYLE_BAD : STYLE_TEXT;
	if (packets->hook == XDP_MODE_OFF && packets->problem[0] == '\0')
		cell->style = STYLE_DIM;
}

static void cell_packets(const struct snapshot_packets_interface *packets, uint32_t row, int column,
	struct cell *cell)
{
	if (column == PACKETS_MODE)
		return cell_mode(packets, row, cell);
	if (column == PACKETS_DROPS)
		return cell_rate(cell, packets->verdicts[XDP_DROP].packets.rate, STYLE_BAD);
	if (column == PACKETS_MALFORMED)
		return cell_rate(cell, packets->malformed.rate, STYLE_WARN);
	cell->style = STYLE_BAD;
	snprintf(cell->text, sizeof(cell->text), "%s", packets->problem);
}

static void interface_cell(
	const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	const struct snapshot_packets_interface *packets = packets_of(snapshot, row);
	struct snapshot_link sum;

	switch (column) {
	case PACKETS_INTERFACE:
	case PACKETS_LINK:
	case PACKETS_SPEED:
	case PACKETS_MTU:
		return cell_link(link_of(snapshot, row), column, cell);
	case PACKETS_MODE:
	case PACKETS_DROPS:
	case PACKETS_MALFORMED:
	case PACKETS_PROBLEM:
		if (packets != NULL)
			return cell_packets(packets, row, column, cell);
		if (column == PACKETS_DROPS || column == PACKETS_MALFORMED)
			cell_rate(cell, NAN, STYLE_TEXT);
		return;
	default:
		return cell_counts(counts_of(snapshot, row, &sum), column, cell);
	}
}

static const struct table_type interface_table = {
	.columns = columns,
	.n_columns = PACKETS_COLUMNS,
	.sort = SORT_NONE,
	.n_pinned = 1,
	.empty = "No interface is watched.",
	.count = interface_count,
	.key = interface_key,
	.cell = interface_cell,
	.rate = received_rate,
};

const struct table_type packets_sent = {
	.count = interface_count,
	.key = interface_key,
	.rate = sent_rate,
};

static void add_list(
	struct details *details, const struct traffic *list, int n, const char *const *names)
{
	for (int i = 0; i < n; i++)
		if (list[i].packets.total > 0 && list[i].packets.total != COUNT_UNKNOWN)
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

static void add_link(struct details *d, const struct snapshot_link *link)
{
	char facts[TEXT_LEN], clock[FORMAT_LEN], index[FORMAT_LEN] = "-";

	if (link->ifindex != 0)
		snprintf(index, sizeof(index), "%u", link->ifindex);
	details_add(d, link_is_down(link) ? STYLE_BAD : STYLE_TEXT, "Link", "%s, ifindex %s",
		link_describe(link, facts, sizeof(facts)), index);
	if (!isnan(link->changed))
		details_add(d, STYLE_TEXT, "Changed", "%s", format_clock(clock, link->changed));
	if (link->carrier_losses != COUNT_UNKNOWN)
		details_add(d, STYLE_TEXT, "Carrier lost", "%" PRIu64 " time%s",
			link->carrier_losses, link->carrier_losses == 1 ? "" : "s");
}

/* What the kernel counts in both directions. */
static void add_counts(struct details *d, const struct snapshot_link *counts)
{
	for (const struct field *field = link_fields; field->name != NULL; field++) {
		const void *value = (const char *)counts + field->offset;
		if (field->fields == traffic_fields)
			details_add_traffic(d, field->title, value);
		else if (field->title != NULL)
			details_add_counter(d, field->title, value);
	}
}

/* Returns what the classifier counts on the interface of `packets`, or on all; NULL: nothing. */
static const struct counter *classifier_vlan(
	const struct snapshot *snapshot, const struct snapshot_packets_interface *packets)
{
	const struct snapshot_tc *tc = &snapshot->tc;

	if (!tc->available)
		return NULL;
	if (packets == &snapshot->packets.sum)
		return &tc->vlan[DIRECTION_INGRESS];
	for (uint32_t i = 0; i < tc->n_interfaces; i++)
		if (tc->interfaces[i].ifindex == packets->ifindex)
			return &tc->interfaces[i].vlan[DIRECTION_INGRESS];
	return NULL;
}

/* A tag that is kept beside the frame is not seen by XDP, and is by the classifier. */
static struct counter vlan_of(
	const struct snapshot *snapshot, const struct snapshot_packets_interface *packets)
{
	const struct counter *classified = classifier_vlan(snapshot, packets);
	bool more =
		classified != NULL && classified->total != COUNT_UNKNOWN &&
		(packets->vlan.total == COUNT_UNKNOWN || classified->total > packets->vlan.total);

	return more ? *classified : packets->vlan;
}

/* What the counter of the XDP chain saw arrive. */
static void add_packets(struct details *d, const struct snapshot *snapshot,
	const struct snapshot_packets_interface *packets)
{
	const struct counter vlan = vlan_of(snapshot, packets);

	details_add_traffic(d, "All", &packets->all);
	details_add(d, STYLE_TITLE, "", "by verdict");
	add_list(d, packets->verdicts, XDP_VERDICTS, xdp_verdict_names);
	details_add(d, STYLE_TITLE, "", "by network protocol");
	add_list(d, packets->networks, NETWORK_PROTOCOLS, network_protocol_names);
	details_add(d, STYLE_TITLE, "", "by transport protocol");
	add_list(d, packets->transports, TRANSPORT_PROTOCOLS, transport_protocol_names);
	details_add(d, STYLE_TITLE, "", "by frame size");
	for (int i = 0; i < FRAME_SIZES; i++)
		details_add_counter(d, frame_size_names[i], &packets->frame_sizes[i]);
	details_add(d, STYLE_TITLE, "", "of these");
	details_add_counter(d, "fragments", &packets->fragments);
	details_add_counter(d, "malformed", &packets->malformed);
	details_add_counter(d, "VLAN-tagged", &vlan);
}

static const char *row_name(const struct snapshot *snapshot, uint32_t row)
{
	return row == 0 ? "all interfaces" : link_of(snapshot, row)->name;
}

static void details(const struct snapshot *snapshot, uint32_t row, struct details *d)
{
	const struct snapshot_packets_interface *packets = packets_of(snapshot, row);
	struct snapshot_link sum;

	snprintf(d->title, sizeof(d->title), "%s", row_name(snapshot, row));
	if (packets != NULL && packets->problem[0] != '\0')
		details_add(d, STYLE_BAD, "Problem", "%s", packets->problem);
	if (row > 0)
		add_link(d, link_of(snapshot, row));
	add_counts(d, counts_of(snapshot, row, &sum));
	details_add(d, STYLE_TITLE, "", "arrived, counted%s%s", row > 0 ? " at " : "",
		row > 0 && packets != NULL && packets->hook < XDP_MODES
			? packet_hook_names[packets->hook]
			: "");
	if (packets != NULL)
		add_packets(d, snapshot, packets);
	if (row == 0)
		add_left_out(d, &snapshot->packets);
}

/* Titles of the two graphs: "eth0 received ── 1.20K packets/s  10.2Mbit/s". */
static void draw_titles(const struct snapshot *snapshot, struct area area, uint32_t row)
{
	char title[NAME_LEN * 2], facts[96], rate[FORMAT_LEN], bits[FORMAT_LEN];
	struct snapshot_link sum;
	const struct snapshot_link *counts = counts_of(snapshot, row, &sum);
	const struct traffic *const traffic[] = { &counts->received, &counts->sent };
	static const char *const words[] = { "received", "sent" };

	for (int i = 0; i < 2; i++) {
		int width = area.width / 2 - 1;
		snprintf(title, sizeof(title), "%s %s", row == 0 ? "all" : row_name(snapshot, row),
			words[i]);
		snprintf(facts, sizeof(facts), "%s/s  %s/s",
			format_rate(rate, traffic[i]->packets.rate),
			format_bits(bits, traffic[i]->bytes.rate));
		draw_title(area.y, area.x + i * (area.width - width), width, title, facts);
	}
}

static void draw_link(const struct snapshot *snapshot, struct area area, uint32_t row)
{
	char facts[TEXT_LEN], numbers[4][FORMAT_LEN];
	struct snapshot_link sum;
	const struct snapshot_link *counts = counts_of(snapshot, row, &sum);

	if (row > 0)
		link_describe(counts, facts, sizeof(facts));
	else
		snprintf(facts, sizeof(facts), "the kernel's counts");
	draw_format(area.y, area.x + 1, area.width - 2,
		row > 0 && link_is_down(counts) ? STYLE_BAD : STYLE_DIM,
		"%s; errors in %s, out %s; drops in %s, out %s", facts,
		format_count(numbers[0], format_total(counts->receive_errors.total)),
		format_count(numbers[1], format_total(counts->send_errors.total)),
		format_count(numbers[2], format_total(counts->receive_dropped.total)),
		format_count(numbers[3], format_total(counts->send_dropped.total)));
}

enum {
	BREAKDOWN_MOST = 14, /* lines, with a title: all protocols */
};

static void draw_below(struct ui *ui, struct area area, uint32_t row)
{
	const struct snapshot_packets_interface *packets = packets_of(ui->snapshot, row);
	int breakdown = area.height - 5 > BREAKDOWN_MOST ? BREAKDOWN_MOST : area.height - 5;
	struct area graph = { area.y + 1, area.x, area.height - breakdown - 2, area.width };
	char key[TABLE_KEY_LEN];

	interface_key(ui->snapshot, row, key);
	draw_titles(ui->snapshot, area, row);
	packets_draw_graphs(row_history_find(&ui->rows, &interface_table, key),
		row_history_find(&ui->rows, &packets_sent, key), &ui->times, graph);
	area.y += graph.height + 1;
	draw_link(ui->snapshot, area, row);
	area.y++;
	area.height -= graph.height + 2;
	if (packets != NULL) {
		struct snapshot_packets_interface shown = *packets;
		shown.vlan = vlan_of(ui->snapshot, packets);
		packets_draw_breakdown(&shown, area);
	} else
		draw_text(area.y, area.x, area.width, STYLE_DIM,
			"The packet counter is not running here.");
}

static void draw(struct ui *ui, struct area area)
{
	struct table *table = &ui->tables[VIEW_PACKETS];
	int row = table_selected(table);
	struct area top = area, below = area;

	top.height = table_height(table, area.height / 3 + 1);
	below.y += top.height;
	below.height -= top.height;
	ui_draw_table(ui, table, top);
	const int reasons = packets_draw_reasons(&ui->snapshot->packets, below);
	below.y += reasons;
	below.height -= reasons;
	if (row >= 0)
		draw_below(ui, below, (uint32_t)row);
}

const struct view view_packets = {
	.name = "Packets",
	.table = &interface_table,
	.program = &program_xdp_counter,
	.draw = draw,
	.details = details,
};
