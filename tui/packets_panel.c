// SPDX-License-Identifier: BSD-2-Clause
#include "packets_panel.h"

#include <linux/bpf.h>
#include <math.h>

#include "graph.h"
#include "model/format.h"
#include "model/names.h"

enum {
	LABEL_WIDTH = 10,
	RATE_WIDTH = 6,
	SHARE_WIDTH = 5,
	NAME_WIDTH = 4,
	WIDTH_FOR_FACTS = 28,
	WIDTH_FOR_SHARE = 34 /* narrower panels show no percentage */
};

static const enum style verdict_styles[XDP_VERDICTS] = {
	[XDP_ABORTED] = STYLE_BAD,
	[XDP_DROP] = STYLE_BAD,
	[XDP_PASS] = STYLE_GOOD,
	[XDP_TX] = STYLE_ACCENT,
	[XDP_REDIRECT] = STYLE_ACCENT,
};

/* Draws "drop         402  2.2% ▌": label, rate, share of `all`, and a bar of the share. */
static void draw_line(
	struct area area, int row, enum style style, const char *label, double rate, double all)
{
	double share = all > 0 ? rate / all : isnan(all) ? NAN : 0;
	char text[FORMAT_LEN];
	int x = area.x, y = area.y + row;

	if (row >= area.height)
		return;
	draw_text(y, x, LABEL_WIDTH, rate > 0 ? STYLE_TEXT : STYLE_DIM, label);
	x += LABEL_WIDTH;
	draw_right(y, x, RATE_WIDTH, rate > 0 ? STYLE_STRONG : STYLE_DIM, format_rate(text, rate));
	x += RATE_WIDTH;
	if (area.width >= WIDTH_FOR_SHARE) {
		draw_right(y, x, SHARE_WIDTH, STYLE_DIM, format_percent(text, share));
		x += SHARE_WIDTH;
	}
	x++;
	graph_bar(y, x, area.x + area.width - x, style, share);
}

static int draw_verdicts(
	const struct snapshot_packets_interface *interface, struct area area, int row)
{
	for (int i = 0; i < XDP_VERDICTS; i++)
		draw_line(area, row++, verdict_styles[i], xdp_verdict_names[i],
			interface->verdicts[i].packets.rate, interface->all.packets.rate);
	return row;
}

/* Draws the protocols seen so far. */
static int draw_list(const struct traffic *list, int n, const char *const *names, double all,
	struct area area, int row)
{
	for (int i = 0; i < n; i++)
		if (list[i].packets.total > 0 && list[i].packets.total != COUNT_UNKNOWN)
			draw_line(area, row++, STYLE_GRAPH, names[i], list[i].packets.rate, all);
	return row;
}

static int draw_protocols(
	const struct snapshot_packets_interface *interface, struct area area, int row)
{
	static const char *const none[] = { "no layer 4" };
	double all = interface->all.packets.rate;

	row = draw_list(
		interface->networks, NETWORK_PROTOCOLS, network_protocol_names, all, area, row);
	row = draw_list(&interface->transports[TRANSPORT_NONE + 1], TRANSPORT_PROTOCOLS - 1,
		&transport_protocol_names[TRANSPORT_NONE + 1], all, area, row);
	return draw_list(&interface->transports[TRANSPORT_NONE], 1, none, all, area, row);
}

void packets_draw_protocols(const struct snapshot_packets_interface *interface, struct area area)
{
	draw_protocols(interface, area, 0);
}

static void draw_sizes(const struct snapshot_packets_interface *interface, struct area area)
{
	int row = 0;

	for (int i = 0; i < FRAME_SIZES; i++)
		draw_line(area, row++, STYLE_GRAPH, frame_size_names[i],
			interface->frame_sizes[i].rate, interface->all.packets.rate);
	row++;
	draw_line(area, row++, STYLE_WARN, "malformed", interface->malformed.rate,
		interface->all.packets.rate);
	draw_line(area, row++, STYLE_GRAPH, "fragments", interface->fragments.rate,
		interface->all.packets.rate);
	draw_line(
		area, row, STYLE_GRAPH, "VLAN", interface->vlan.rate, interface->all.packets.rate);
}

void packets_draw_graphs(const struct history *received, const struct history *sent,
	const struct history_times *times, struct area area)
{
	const struct history *const histories[] = { received, sent };
	static const char *const names[] = { "in", "out" };

	for (int i = 0; i < 2; i++) {
		struct area half = area;
		half.width = area.width / 2 - 1;
		half.x += i * (area.width - half.width);
		if (histories[i] == NULL)
			continue;
		graph_area(half, STYLE_GRAPH, histories[i], times);
		draw_text(half.y + half.height / 2, half.x, NAME_WIDTH, STYLE_TITLE, names[i]);
	}
}

void packets_draw_breakdown(const struct snapshot_packets_interface *interface, struct area area)
{
	static const char *const titles[] = { "Verdict", "Protocol", "Frame size" };
	struct area part = area;

	if (area.height < 2)
		return;
	part.width = area.width / 3 - 1;
	for (int i = 0; i < 3; i++) {
		part.x = area.x + i * (area.width + 1) / 3;
		part.y = area.y;
		part.height = area.height;
		draw_title(part.y, part.x, part.width, titles[i],
			part.width < WIDTH_FOR_FACTS ? "" : "packets/s");
		part.y++;
		part.height--;
		part.x++;
		part.width--;
		if (i == 0)
			draw_verdicts(interface, part, 0);
		else if (i == 1)
			draw_protocols(interface, part, 0);
		else
			draw_sizes(interface, part);
		part.width++;
	}
}
