// SPDX-License-Identifier: BSD-2-Clause
#include "events_panel.h"

#include <stdio.h>

#include "graph.h"
#include "model/format.h"
#include "model/names.h"
#include "top.h"

enum { REASONS_MAX = 16 };

/* Columns of the function that dropped, in lines of at least so many columns. */
static const struct {
	int line, function;
} widths[] = { { 76, 26 }, { 62, 18 } };

enum style events_kind_style(uint32_t kind)
{
	static const enum style styles[EVENT_KINDS] = {
		[EVENT_KIND_NET] = STYLE_WARN,
		[EVENT_KIND_SYSCALL] = STYLE_ACCENT,
		[EVENT_KIND_MESH] = STYLE_BAD,
		[EVENT_KIND_PQC] = STYLE_BAD,
		[EVENT_KIND_ACTION] = STYLE_STRONG,
		[EVENT_KIND_PROGRAM] = STYLE_GOOD,
		[EVENT_KIND_PLUGIN] = STYLE_ACCENT,
	};

	return kind < EVENT_KINDS ? styles[kind] : STYLE_TEXT;
}

static void draw_event(const struct snapshot_event *event, struct area line)
{
	char clock[FORMAT_LEN];

	draw_text(line.y, line.x, 8, STYLE_DIM, format_clock(clock, event->time));
	draw_text(line.y, line.x + 9, line.width - 9,
		event->kind == EVENT_KIND_ACTION ? STYLE_STRONG : STYLE_TEXT, event->text);
}

void events_draw_newest(const struct snapshot_net_events *net, enum event_kind kind,
	const char *none, struct area area)
{
	uint32_t first = net->n_events;
	int y = area.y;

	for (int shown = 0; first > 0 && shown < area.height; first--)
		shown += kind == EVENT_KINDS || net->events[first - 1].kind == kind;
	for (uint32_t i = first; i < net->n_events; i++)
		if (kind == EVENT_KINDS || net->events[i].kind == kind)
			draw_event(&net->events[i], (struct area) { y++, area.x, 1, area.width });
	if (y == area.y)
		draw_text(area.y, area.x, area.width, STYLE_DIM, none);
}

static double drop_rate(const void *list, uint32_t row)
{
	return top_counter(&((const struct snapshot_drop *)list)[row].packets);
}

static void draw_drop(const struct snapshot_drop *drop, const struct counter *all, struct area area)
{
	enum style style = drop->packets.rate > 0 ? STYLE_TEXT : STYLE_DIM;
	char rate[FORMAT_LEN], total[FORMAT_LEN];

	draw_text(area.y, area.x, 24, style, drop->reason);
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
		if (area.width >= widths[i].line) {
			draw_text(area.y, area.x + 25, widths[i].function, style,
				drop->function[0] != '\0' ? drop->function : "-");
			area.x += widths[i].function + 1;
			area.width -= widths[i].function + 1;
			break;
		}
	draw_right(area.y, area.x + 25, 8, drop->packets.rate > 0 ? STYLE_STRONG : STYLE_DIM,
		format_rate(rate, drop->packets.rate));
	draw_text(area.y, area.x + 33, 2, style, "/s");
	draw_right(area.y, area.x + 36, 7, STYLE_DIM,
		format_count(total, format_total(drop->packets.total)));
	graph_bar(area.y, area.x + 44, area.width - 45, STYLE_WARN,
		all->rate > 0 ? drop->packets.rate / all->rate : 0);
}

void events_draw_reasons(const struct snapshot_net_events *net, struct area area)
{
	uint32_t rows[REASONS_MAX], n = 0;

	if (!net->available) {
		draw_text(area.y, area.x, area.width, STYLE_DIM,
			"The network tracepoints are not running: see view 2.");
		return;
	}
	if (area.height > 0)
		n = top_rows(net->drops, net->n_drops, drop_rate, rows,
			area.height < REASONS_MAX ? (uint32_t)area.height : REASONS_MAX);
	for (uint32_t i = 0; i < n; i++) {
		struct area line = { area.y + (int)i, area.x, 1, area.width };

		draw_drop(&net->drops[rows[i]], &net->dropped, line);
	}
	if (n == 0)
		draw_text(area.y, area.x, area.width, STYLE_DIM, "none");
}

void events_draw_drops(const struct snapshot_net_events *net, struct area area)
{
	char facts[128], retransmits[FORMAT_LEN], sent[FORMAT_LEN], received[FORMAT_LEN];
	char dropped[FORMAT_LEN], ours[FORMAT_LEN];

	snprintf(facts, sizeof(facts), "%s/s  x0top %s/s  retrans %s/s  resets out %s/s in %s/s",
		format_rate(dropped, net->dropped.rate),
		format_rate(ours, net->dropped_by_x0top.rate),
		format_rate(retransmits, net->tcp_retransmits.rate),
		format_rate(sent, net->tcp_resets_sent.rate),
		format_rate(received, net->tcp_resets_received.rate));
	draw_title(area.y, area.x, area.width, "Kernel drops", net->available ? facts : "");
	area.y++;
	area.height--;
	area.x++;
	area.width--;
	events_draw_reasons(net, area);
}
