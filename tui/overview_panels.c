// SPDX-License-Identifier: BSD-2-Clause
#include "overview_panels.h"

#include <linux/bpf.h>
#include <stdio.h>

#include "events_panel.h"
#include "graph.h"
#include "model/estimate.h"
#include "model/names.h"
#include "packets_panel.h"
#include "program_details.h"
#include "signatures_panel.h"
#include "top.h"

enum { TOP_MAX = 16, LATENCIES_WIDTH = 17, COST_NAME_WIDTH = 30, COST_WIDTH = 7 };

static uint32_t top_wanted(struct area area)
{
	return area.height < TOP_MAX ? (uint32_t)area.height : TOP_MAX;
}

/* --- packets --------------------------------------------------------------------------------------- */

static void packets_facts(const struct snapshot *s, char *text, size_t size)
{
	char in[FORMAT_LEN], in_bits[FORMAT_LEN], out[FORMAT_LEN], out_bits[FORMAT_LEN];
	char drops[FORMAT_LEN];
	struct snapshot_link all;

	links_sum(&s->links, &all);
	int length = snprintf(text, size, "in %s/s %s/s  out %s/s %s/s",
		format_rate(in, all.received.packets.rate),
		format_bits(in_bits, all.received.bytes.rate),
		format_rate(out, all.sent.packets.rate),
		format_bits(out_bits, all.sent.bytes.rate));
	if (s->packets.available && length > 0 && (size_t)length < size)
		snprintf(text + length, size - (size_t)length, "  dropped %s/s",
			format_rate(drops, s->packets.sum.verdicts[XDP_DROP].packets.rate));
}

static void packets_draw(struct ui *ui, struct area area)
{
	if (ui->snapshot->links.n_links > 0)
		packets_draw_graphs(&ui->received, &ui->sent, &ui->times, area);
	else
		draw_text(area.y, area.x, area.width, STYLE_DIM, "No interface is watched.");
}

static void protocols_facts(const struct snapshot *s, char *text, size_t size)
{
	(void)s;
	snprintf(text, size, "packets/s");
}

static void protocols_draw(struct ui *ui, struct area area)
{
	if (ui->snapshot->packets.available)
		packets_draw_protocols(&ui->snapshot->packets.sum, area);
	else
		draw_text(area.y, area.x, area.width, STYLE_DIM, "not counted");
}

/* --- interfaces ---------------------------------------------------------------------------------- */

static void interfaces_facts(const struct snapshot *s, char *text, size_t size)
{
	uint32_t up = 0;

	for (uint32_t i = 0; i < s->links.n_links; i++)
		up += s->links.links[i].state == LINK_UP;
	snprintf(text, size, "%u of %u up", up, s->links.n_links);
}

/* The top of the packets view. */
static void interfaces_draw(struct ui *ui, struct area area)
{
	ui_draw_other(ui, VIEW_PACKETS, area);
}

/* --- mesh ------------------------------------------------------------------------------------------ */

static void mesh_facts(const struct snapshot *s, char *text, size_t size)
{
	char rate[FORMAT_LEN];

	if (!s->mesh.available)
		snprintf(text, size, "off");
	else if (s->mesh.enforcing)
		snprintf(text, size, "enforcing  dropped %s/s",
			format_rate(rate, s->mesh.dropped.packets.rate));
	else
		snprintf(text, size, "observing  would drop %s/s",
			format_rate(rate, s->mesh.spared.packets.rate));
}

static double mesh_value(const void *list, uint32_t row)
{
	const struct snapshot_rule *rule = (const struct snapshot_rule *)list + row;

	/* Drop rules that match packets come first. */
	return rule->traffic.packets.rate * (rule->action == MESH_DROP ? 1e9 : 1);
}

static void mesh_draw(struct ui *ui, struct area area)
{
	const struct snapshot_mesh *mesh = &ui->snapshot->mesh;
	enum style drop = mesh->enforcing ? STYLE_BAD : STYLE_WARN;
	uint32_t rows[TOP_MAX];
	uint32_t n = top_rows(mesh->rules, mesh->n_rules, mesh_value, rows, top_wanted(area));
	char rate[FORMAT_LEN], number[16];

	for (uint32_t i = 0; i < n; i++) {
		const struct snapshot_rule *rule = &mesh->rules[rows[i]];
		bool drops = rule->action == MESH_DROP;
		int y = area.y + (int)i, x = area.x;

		snprintf(number, sizeof(number), "%u", rule->number);
		draw_right(y, x, 3, STYLE_DIM, number);
		draw_text(y, x + 4, 4,
			!rule->enabled ? STYLE_DIM
			: drops	       ? drop
				       : STYLE_GOOD,
			drops ? "drop" : "pass");
		draw_text(y, x + 9, area.width - 18, rule->enabled ? STYLE_TEXT : STYLE_DIM,
			rule->key);
		draw_right(y, x + area.width - 8, 6,
			rule->traffic.packets.rate > 0 ? STYLE_STRONG : STYLE_DIM,
			format_rate(rate, rule->traffic.packets.rate));
		draw_text(y, x + area.width - 2, 2, STYLE_DIM, "/s");
	}
	if (n == 0)
		draw_text(area.y, area.x, area.width, STYLE_DIM,
			mesh->available ? "no rules: all packets pass" : "not running");
}

/* --- classes --------------------------------------------------------------------------------------- */

static double class_bytes(const struct snapshot_class *class, enum traffic_direction direction)
{
	return class->directions[direction].bytes.rate;
}

static double class_value(const void *list, uint32_t row)
{
	const struct snapshot_class *class = (const struct snapshot_class *)list + row;

	return class_bytes(class, DIRECTION_INGRESS) + class_bytes(class, DIRECTION_EGRESS);
}

static void classes_facts(const struct snapshot *s, char *text, size_t size)
{
	char in_text[FORMAT_LEN], out_text[FORMAT_LEN];
	double in = 0, out = 0;

	if (!s->tc.available) {
		snprintf(text, size, "not counted");
		return;
	}
	for (uint32_t i = 0; i < s->tc.n_classes; i++) {
		in += class_bytes(&s->tc.classes[i], DIRECTION_INGRESS);
		out += class_bytes(&s->tc.classes[i], DIRECTION_EGRESS);
	}
	snprintf(text, size, "in %s  out %s/s", format_bits(in_text, in),
		format_bits(out_text, out));
}

static void classes_draw(struct ui *ui, struct area area)
{
	const struct snapshot_class *classes = ui->snapshot->tc.classes;
	uint32_t n = ui->snapshot->tc.n_classes, rows[TOP_MAX];
	char bits[FORMAT_LEN];
	double all = 0;

	if (!ui->snapshot->tc.available) {
		draw_text(area.y, area.x, area.width, STYLE_DIM, "not running");
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		all += class_value(classes, i);
	n = top_rows(classes, n, class_value, rows, top_wanted(area));
	for (uint32_t i = 0; i < n; i++) {
		double value = class_value(classes, rows[i]);
		int y = area.y + (int)i, x = area.x;

		draw_text(y, x, 12, STYLE_TEXT, classes[rows[i]].name);
		draw_right(y, x + 12, 9, STYLE_STRONG, format_bits(bits, value));
		draw_text(y, x + 21, 2, STYLE_DIM, "/s");
		graph_bar(y, x + 24, area.width - 24, STYLE_GRAPH, all > 0 ? value / all : 0);
	}
}

/* --- system calls ---------------------------------------------------------------------------------- */

static double call_value(const void *list, uint32_t row)
{
	return ((const struct snapshot_syscall *)list)[row].calls.rate;
}

static void syscalls_facts(const struct snapshot *s, char *text, size_t size)
{
	char rate[FORMAT_LEN];
	double all = 0;

	if (!s->syscalls.available) {
		snprintf(text, size, "not traced");
		return;
	}
	for (uint32_t i = 0; i < s->syscalls.n_calls; i++)
		all += s->syscalls.calls[i].calls.rate;
	snprintf(text, size, "%s/s  p50     p99", format_rate(rate, all));
}

static void syscalls_draw(struct ui *ui, struct area area)
{
	const struct snapshot_syscalls *syscalls = &ui->snapshot->syscalls;
	uint32_t rows[TOP_MAX];
	uint32_t n =
		top_rows(syscalls->calls, syscalls->n_calls, call_value, rows, top_wanted(area));
	char rate[FORMAT_LEN], p50[FORMAT_LEN], p99[FORMAT_LEN];

	for (uint32_t i = 0; i < n && syscalls->available; i++) {
		const struct snapshot_syscall *call = &syscalls->calls[rows[i]];
		int y = area.y + (int)i, x = area.x;

		draw_text(y, x, 10, STYLE_TEXT, call->name);
		x += area.width - LATENCIES_WIDTH;
		draw_right(y, x - 8, 6, STYLE_STRONG, format_rate(rate, call->calls.rate));
		draw_text(y, x - 2, 2, STYLE_DIM, "/s");
		draw_format(y, x, LATENCIES_WIDTH, STYLE_TEXT, "  %7s %7s",
			format_ns(p50, call->recent.p50), format_ns(p99, call->recent.p99));
	}
	if (!syscalls->available)
		draw_text(area.y, area.x, area.width, STYLE_DIM, "not running");
}

/* --- events, drops, signatures --------------------------------------------------------------------- */

static void events_facts(const struct snapshot *s, char *text, size_t size)
{
	char drops[FORMAT_LEN], retransmits[FORMAT_LEN];

	if (s->net_events.available)
		snprintf(text, size, "drop %s/s  retrans %s/s",
			format_rate(drops, s->net_events.dropped.rate),
			format_rate(retransmits, s->net_events.tcp_retransmits.rate));
}

static void events_draw(struct ui *ui, struct area area)
{
	events_draw_newest(&ui->snapshot->net_events, EVENT_KINDS, ui_none(ui, EVENTS_NONE), area);
}

static void drops_facts(const struct snapshot *s, char *text, size_t size)
{
	char drops[FORMAT_LEN];

	snprintf(text, size, "%s/s", format_rate(drops, s->net_events.dropped.rate));
}

static void drops_draw(struct ui *ui, struct area area)
{
	events_draw_reasons(&ui->snapshot->net_events, area);
}

static void signatures_facts(const struct snapshot *s, char *text, size_t size)
{
	const struct snapshot_pqc *pqc = &s->pqc;
	char good[FORMAT_LEN], refused[FORMAT_LEN];

	if (!pqc->available)
		snprintf(text, size, "%s: %s", program_xdp_pqc_verify.name,
			pqc->state[0] != '\0' ? pqc->state : "?");
	else
		snprintf(text, size, "%s  %u of %u nodes  accepted %s/s  refused %s/s", pqc->state,
			signatures_authenticated(pqc, s->time), pqc->n_nodes,
			format_rate(good, pqc_accepted(pqc).rate),
			format_rate(refused, pqc_refused(pqc).rate));
}

static void signatures_draw(struct ui *ui, struct area area)
{
	(void)ui;
	(void)area;
}

/* --- costs ----------------------------------------------------------------------------------------- */

static void costs_facts(const struct snapshot *s, char *text, size_t size)
{
	const struct snapshot_self *self = &s->self;
	char programs[FORMAT_LEN], own[FORMAT_LEN], unknown[NAME_LEN] = "";

	if (self->programs_unknown > 0)
		snprintf(unknown, sizeof(unknown), " (%u not known yet)", self->programs_unknown);
	snprintf(text, size, "programs %s%s  x0top %s of a core",
		estimate_format(
			programs, self->programs_percent, self->programs_samples, format_core),
		unknown, format_core(own, self->cpu_percent));
}

static double cost_value(const void *list, uint32_t row)
{
	return ((const struct snapshot_program *)list)[row].cpu_percent;
}

static void costs_draw(struct ui *ui, struct area area)
{
	const struct snapshot *s = ui->snapshot;
	uint32_t rows[TOP_MAX];
	uint32_t n = top_rows(s->programs, s->n_programs, cost_value, rows, top_wanted(area));
	char cost[FORMAT_LEN];

	for (uint32_t i = 0; i < n; i++) {
		const struct snapshot_program *program = &s->programs[rows[i]];
		int y = area.y + (int)i, x = area.x;

		x += COST_NAME_WIDTH;
		draw_text(y, area.x, COST_NAME_WIDTH - 1, STYLE_TEXT, program->name);
		draw_right(y, x, COST_WIDTH, program->cpu_percent > 0 ? STYLE_STRONG : STYLE_DIM,
			program_cost(cost, program));
		x += COST_WIDTH + 1;
		graph_bar(y, x, area.x + area.width - x, STYLE_GRAPH, program->cpu_percent / 100);
	}
}

const struct panel panel_packets = { "Packets", packets_facts, packets_draw };
const struct panel panel_protocols = { "Protocols", protocols_facts, protocols_draw };
const struct panel panel_interfaces = { "Interfaces", interfaces_facts, interfaces_draw };
const struct panel panel_mesh = { "Mesh", mesh_facts, mesh_draw };
const struct panel panel_classes = { "Classes", classes_facts, classes_draw };
const struct panel panel_syscalls = { "System calls", syscalls_facts, syscalls_draw };
const struct panel panel_events = { "Events", events_facts, events_draw };
const struct panel panel_drops = { "Kernel drops", drops_facts, drops_draw };
const struct panel panel_signatures = { "Signatures", signatures_facts, signatures_draw };
const struct panel panel_costs = { "Cost of watching", costs_facts, costs_draw };
