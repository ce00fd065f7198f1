// SPDX-License-Identifier: BSD-2-Clause
/* View of signatures: mode, nodes, refusals, sessions, verification times and events. */
#include <stdio.h>
#include <string.h>

#include "cell.h"
#include "events_panel.h"
#include "graph.h"
#include "model/format.h"
#include "model/names.h"
#include "signatures_panel.h"
#include "ui_state.h"

enum {
	NODE_NAME,
	NODE_ID,
	NODE_SET,
	NODE_STATE,
	NODE_LAST,
	NODE_SEQUENCE,
	NODE_RATE,
	NODE_MESSAGES,
	NODE_COLUMNS,
};

enum {
	HEAD_LINES = 2,
	LOWER_LINES = 1 + PQC_RESULTS - PQC_REFUSED, /* a title and a line per reason */
	LEAST_NODES = 4,
	PANEL_LINES = 4, /* of sessions and times, if room is short */
	GRAPH_LEAST = 8, /* lines of the graphs, with the title */
	BAR_MOST = 40,
	WIDE = 140,
};

static const struct column columns[NODE_COLUMNS] = {
	[NODE_NAME] = { "NODE", COLUMN_TEXT, 12, 0, 24 },
	[NODE_ID] = { "ID", COLUMN_TEXT, 16, 3, 0 },
	[NODE_SET] = { "SET", COLUMN_TEXT, 9, 2, 0 },
	[NODE_STATE] = { "AUTHENTICATED", COLUMN_TEXT, 14, 0, 2 },
	[NODE_LAST] = { "LAST", COLUMN_NUMBER, 7, 0, 2 },
	[NODE_SEQUENCE] = { "SEQUENCE", COLUMN_NUMBER, 11, 1, 2 },
	[NODE_RATE] = { "MSG/s", COLUMN_NUMBER, 6, 4, 2 },
	[NODE_MESSAGES] = { "MSGS", COLUMN_NUMBER, 7, 0, 2 },
};

static uint32_t node_count(const struct snapshot *snapshot)
{
	return snapshot->pqc.n_nodes;
}

static void node_key(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	snprintf(key, TABLE_KEY_LEN, "%s", snapshot->pqc.nodes[row].node);
}

static const char *node_name(const struct snapshot_pqc_node *node)
{
	return node->name[0] != '\0' ? node->name : node->node;
}

static const char *set_name(const struct snapshot_pqc_node *node)
{
	return pqc_set_names[node->set < PQC_SETS ? node->set : PQC_SET_UNKNOWN];
}

static void cell_state(const struct snapshot_pqc_node *node, double now, struct cell *cell)
{
	char span[FORMAT_LEN];

	cell->value = node->authenticated_until;
	if (node->authenticated_until > now) {
		cell->style = STYLE_GOOD;
		snprintf(cell->text, sizeof(cell->text), "%lc for %s",
			(wint_t)style_glyph(GLYPH_ON),
			signatures_format_span(span, node->authenticated_until, now));
	} else {
		cell->style = node->last_time > 0 ? STYLE_BAD : STYLE_DIM;
		snprintf(cell->text, sizeof(cell->text), "%lc %s", (wint_t)style_glyph(GLYPH_OFF),
			node->last_time > 0 ? "expired" : "never");
	}
}

static void node_cell(const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	const struct snapshot_pqc_node *node = &snapshot->pqc.nodes[row];

	switch (column) {
	case NODE_NAME:
		snprintf(cell->text, sizeof(cell->text), "%s", node_name(node));
		break;
	case NODE_ID:
		cell->style = STYLE_DIM;
		snprintf(cell->text, sizeof(cell->text), "%s", node->node);
		break;
	case NODE_SET:
		cell->style = STYLE_DIM;
		snprintf(cell->text, sizeof(cell->text), "%s", set_name(node));
		break;
	case NODE_STATE:
		return cell_state(node, snapshot->time, cell);
	case NODE_LAST:
		cell->value = node->last_time;
		signatures_format_span(cell->text, node->last_time, snapshot->time);
		break;
	case NODE_SEQUENCE:
		if (node->sequence == COUNT_UNKNOWN)
			return cell_count(cell, node->sequence);
		cell->value = (double)node->sequence;
		format_sequence(cell->text, node->sequence);
		break;
	case NODE_RATE:
		return cell_rate(cell, node->good.rate, STYLE_STRONG);
	case NODE_MESSAGES:
		return cell_count(cell, node->good.total);
	}
}

static const struct table_type node_table = {
	.columns = columns,
	.n_columns = NODE_COLUMNS,
	.sort = SORT_NONE,
	.empty = "No trusted nodes. Add one: x0top keys add FILE, then reload the keys with F9.",
	.count = node_count,
	.key = node_key,
	.cell = node_cell,
};

/* --- details ------------------------------------------------------------------------------------ */

static void add_sessions(
	const struct snapshot *snapshot, const struct snapshot_pqc_node *node, struct details *d)
{
	char age[FORMAT_LEN], span[FORMAT_LEN], packets[FORMAT_LEN], bytes[FORMAT_LEN],
		rate[FORMAT_LEN];

	for (uint32_t i = 0; i < snapshot->pqc.n_sessions; i++) {
		const struct snapshot_pqc_session *session = &snapshot->pqc.sessions[i];
		if (strcmp(session->node, node->node) != 0)
			continue;
		bool expired = session->expires <= snapshot->time;
		details_add(d, expired ? STYLE_WARN : STYLE_TEXT, "Session",
			"%s, %s old, %s %s; %s/s, %s packets, %s; %llu replayed", session->session,
			signatures_format_span(age, session->began, snapshot->time),
			expired ? "expired for" : "ends in",
			signatures_format_span(span, session->expires, snapshot->time),
			format_rate(rate, session->traffic.packets.rate),
			format_count(packets, format_total(session->traffic.packets.total)),
			format_bytes(bytes, format_total(session->traffic.bytes.total)),
			(unsigned long long)session->replayed.total);
	}
}

static void details(const struct snapshot *snapshot, uint32_t row, struct details *d)
{
	const struct snapshot_pqc_node *node = &snapshot->pqc.nodes[row];
	char until[FORMAT_LEN], last[FORMAT_LEN];
	bool authenticated = node->authenticated_until > snapshot->time;

	snprintf(d->title, sizeof(d->title), "%s", node_name(node));
	details_add(d, STYLE_STRONG, "Node", "%s, %s%s", node->node, set_name(node),
		node->name[0] != '\0' ? "" : "; its key is no longer in the trust store");
	if (node->last_time > 0) {
		details_add(d, authenticated ? STYLE_GOOD : STYLE_BAD, "Authenticated", "%s %s",
			authenticated ? "until" : "expired at",
			format_clock(until, node->authenticated_until));
		details_add(d, STYLE_TEXT, "Last message", "%s, sequence %llu",
			format_clock(last, node->last_time), (unsigned long long)node->sequence);
	} else
		details_add(d, STYLE_DIM, "Authenticated", "never: no message accepted yet");
	details_add_counter(d, "Messages", &node->good);
	details_add_counter(d, "Refused", &node->refused);
	add_sessions(snapshot, node, d);
}

/* --- drawing ------------------------------------------------------------------------------------ */

static void draw_unavailable(const struct ui *ui, struct area area)
{
	const struct snapshot *s = ui->snapshot;
	int y = area.y + 1, width = area.width - 4;

	const struct snapshot_program *program = ui_program(s, &program_xdp_pqc_verify);

	draw_format(y, 2, width, STYLE_STRONG, "%s: %s", program_xdp_pqc_verify.name,
		s->pqc.state[0] != '\0' ? s->pqc.state : "unknown");
	y += 2;
	if (program != NULL) {
		y += draw_wrapped(y, 2, width, 4, STYLE_TEXT, program->reason);
		y += draw_wrapped(y, 2, width, 4, STYLE_DIM, program->remedy);
	}
	draw_wrapped(y + 1, 2, width, 4, STYLE_WARN, "x0top verifies no packet on this host.");
}

static void draw_mode(const struct snapshot_pqc *pqc, int y, int width)
{
	bool enforces = pqc->mode == PQC_ENFORCE;
	char ports[128] = "UDP";
	size_t length = strlen(ports);
	int x = 1;

	if (pqc->n_ports == 0)
		length += (size_t)snprintf(ports + length, sizeof(ports) - length, " -");
	for (uint32_t i = 0; i < pqc->n_ports && length < sizeof(ports); i++)
		length += (size_t)snprintf(
			ports + length, sizeof(ports) - length, " %u", pqc->ports[i].number);
	x += draw_text(y, x, 12, STYLE_TEXT, "Signatures ") + 1;
	x += draw_text(y, x, 16, enforces ? STYLE_BADGE : STYLE_TAB_ACTIVE,
		enforces ? " ENFORCING " : " OBSERVING ");
	x += 1 + draw_text(y, x + 1, width - x - 1, STYLE_DIM,
			 enforces ? "drops refused packets" : "passes refused packets; e enforces");
	if (text_columns(ports) < width - x - 2)
		draw_right(y, x + 1, width - x - 2, STYLE_TEXT, ports);
}

static void draw_sums(const struct snapshot *s, int y, int width)
{
	const struct snapshot_pqc *pqc = &s->pqc;
	char data[FORMAT_LEN], messages[FORMAT_LEN], rate[FORMAT_LEN], used[FORMAT_LEN];
	int x = 1;

	x += draw_format(y, x, width / 2, STYLE_TEXT, "accepted: data %s/s, messages %s/s",
		format_rate(data, pqc->results[PQC_DATA_ACCEPTED].rate),
		format_rate(messages, pqc->results[PQC_MESSAGE_ACCEPTED].rate));
	int bar = width - x - 26;
	if (bar < 5)
		return;
	if (bar > BAR_MOST)
		bar = BAR_MOST;
	x += 2 + draw_text(y, x + 2, 8, STYLE_DIM, "budget ");
	graph_bar(y, x, bar, pqc->budget_used > 0.9 ? STYLE_BAD : STYLE_GRAPH, pqc->budget_used);
	draw_format(y, x + bar + 1, width - x - bar - 2, STYLE_TEXT, "%s of %s/s",
		format_percent(used, pqc->budget_used), format_rate(rate, pqc->budget_rate));
}

static void draw_events(const struct ui *ui, struct area area)
{
	if (area.height < 2)
		return;
	draw_title(area.y, area.x, area.width, "Events", "");
	events_draw_newest(&ui->snapshot->net_events, EVENT_KIND_PQC, ui_none(ui, EVENTS_NONE),
		(struct area) { area.y + 1, area.x + 1, area.height - 1, area.width - 2 });
}

/* Draws sessions above times; events below them if no other column shows events. */
static void draw_stack(const struct ui *ui, struct area area, bool with_events)
{
	const struct snapshot_pqc *pqc = &ui->snapshot->pqc;
	struct area part = area;

	part.height = with_events ? PANEL_LINES : area.height / 2;
	if ((int)pqc->n_sessions + 1 < part.height)
		part.height = pqc->n_sessions > 0 ? (int)pqc->n_sessions + 1 : 2;
	signatures_draw_sessions(ui->snapshot, part);
	part.y += part.height;
	part.height = with_events ? PANEL_LINES : area.y + area.height - part.y;
	if (part.height > area.y + area.height - part.y)
		part.height = area.y + area.height - part.y;
	signatures_draw_times(pqc, part);
	part.y += part.height;
	part.height = area.y + area.height - part.y;
	if (with_events)
		draw_events(ui, part);
}

static void draw_lower(const struct ui *ui, struct area area)
{
	int n = area.width >= WIDE ? 3 : 2, width = (area.width + 1) / n;
	struct area part = { area.y, area.x, area.height, width - 1 };

	signatures_draw_refusals(&ui->snapshot->pqc, part);
	part.x += width;
	if (n == 2)
		part.width = area.width - part.x;
	draw_stack(ui, part, n == 2);
	if (n == 2)
		return;
	part.x += width;
	part.width = area.width - part.x;
	draw_events(ui, part);
}

static void draw_graph(const struct ui *ui, const char *title, const struct counter *packets,
	enum style style, const struct history *history, struct area area)
{
	char facts[FORMAT_LEN + 2], rate[FORMAT_LEN];

	snprintf(facts, sizeof(facts), "%s/s", format_rate(rate, packets->rate));
	draw_title(area.y, area.x, area.width, title, facts);
	area.y++;
	area.height--;
	graph_area(area, style, history, &ui->times);
}

/* Draws what was accepted and what was refused over time, side by side. */
static void draw_graphs(const struct ui *ui, struct area area)
{
	const struct snapshot_pqc *pqc = &ui->snapshot->pqc;
	const struct counter accepted = pqc_accepted(pqc), refused = pqc_refused(pqc);
	struct area left = area, right = area;

	left.width = area.width / 2 - 1;
	right.x += area.width / 2;
	right.width -= area.width / 2;
	draw_graph(ui, "Packets accepted", &accepted, STYLE_GRAPH, &ui->accepted, left);
	draw_graph(ui, "Packets refused", &refused,
		pqc->mode == PQC_ENFORCE ? STYLE_BAD : STYLE_WARN, &ui->refused, right);
}

static void draw(struct ui *ui, struct area area)
{
	const struct snapshot_pqc *pqc = &ui->snapshot->pqc;
	struct table *table = &ui->tables[VIEW_SIGNATURES];
	struct area nodes = { area.y + HEAD_LINES, area.x, 0, area.width };
	struct area lower = area;
	int most = area.height - HEAD_LINES - LOWER_LINES;

	if (!pqc->available) {
		draw_unavailable(ui, area);
		return;
	}
	draw_mode(pqc, area.y, area.width);
	draw_sums(ui->snapshot, area.y + 1, area.width);
	if (most < LEAST_NODES)
		most = LEAST_NODES;
	nodes.height = table_height(table, most);
	ui_draw_table(ui, table, nodes);
	lower.y = nodes.y + nodes.height;
	lower.height = area.y + area.height - lower.y;
	if (lower.height >= LOWER_LINES + GRAPH_LEAST) {
		struct area graphs = lower;
		graphs.y += LOWER_LINES;
		graphs.height -= LOWER_LINES;
		draw_graphs(ui, graphs);
		lower.height = LOWER_LINES;
	}
	draw_lower(ui, lower);
}

const struct view view_signatures = {
	.name = "Signatures",
	.program = &program_xdp_pqc_verify,
	.enforcer = &program_xdp_pqc_verify,
	.table = &node_table,
	.draw = draw,
	.details = details,
};
