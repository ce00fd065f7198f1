// SPDX-License-Identifier: BSD-2-Clause
/* View of the mesh filter: its mode, and its rules with their counters. */
#include <math.h>
#include <stdio.h>

#include "base/duration.h"
#include "cell.h"
#include "mesh/rule.h"
#include "mesh_panel.h"
#include "model/format.h"
#include "model/names.h"

enum {
	RULE_NUMBER,
	RULE_STATE,
	RULE_ACTION,
	RULE_KEY,
	RULE_MATCH,
	RULE_RATE,
	RULE_TREND,
	RULE_BITS,
	RULE_PACKETS,
	RULE_BYTES,
	RULE_LAST,
	RULE_LEFT,
	RULE_ORIGIN,
	RULE_NOTE,
	RULE_COLUMNS,
};

enum {
	WIDE = 150, /* columns for details and neighbours beside each other */
	HIGH = 25, /* rows of the view that leave some to neighbours, however many rules there are */
	TALL = 14, /* rows for one above the other */
};

static const struct column columns[RULE_COLUMNS] = {
	[RULE_NUMBER] = { "RULE", COLUMN_NUMBER, 5, 0, 0 },
	[RULE_STATE] = { "STATE", COLUMN_TEXT, 7, 0, 1 },
	[RULE_ACTION] = { "ACTION", COLUMN_TEXT, 6, 0, 14 },
	[RULE_KEY] = { "MATCHES", COLUMN_TEXT, 19, 0, 22 },
	[RULE_MATCH] = { "BY", COLUMN_TEXT, 8, 9, 0 },
	[RULE_RATE] = { "PKT/s", COLUMN_NUMBER, 7, 0, 2 },
	[RULE_TREND] = { "TREND", COLUMN_GRAPH, 10, 5, 10 },
	[RULE_BITS] = { "BIT/s", COLUMN_NUMBER, 9, 1, 2 },
	[RULE_PACKETS] = { "PACKETS", COLUMN_NUMBER, 8, 0, 2 },
	[RULE_BYTES] = { "BYTES", COLUMN_NUMBER, 8, 7, 2 },
	[RULE_LAST] = { "LAST", COLUMN_NUMBER, 6, 2, 2 },
	[RULE_LEFT] = { "LEFT", COLUMN_NUMBER, 6, 3, 2 },
	[RULE_ORIGIN] = { "ORIGIN", COLUMN_TEXT, 8, 6, 0 },
	[RULE_NOTE] = { "COMMENT", COLUMN_TEXT, 16, 4, 255 },
};

static uint32_t rule_count(const struct snapshot *snapshot)
{
	return snapshot->mesh.n_rules;
}

/* By its conditions: a rule gets another number as others come and go. */
static void rule_key(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	const char *conditions = snapshot->mesh.rules[row].key;

	if (snprintf(key, TABLE_KEY_LEN, "%s", conditions) >= TABLE_KEY_LEN)
		snprintf(key, TABLE_KEY_LEN, "%016llx",
			(unsigned long long)mesh_hash_text(0, conditions));
}

static double rule_rate(const struct snapshot *snapshot, uint32_t row)
{
	return snapshot->mesh.rules[row].traffic.packets.rate;
}

static const char *name_of(const char *const *names, uint32_t value, uint32_t n)
{
	return value < n ? names[value] : "unknown";
}

static enum style action_style(const struct snapshot *snapshot, const struct snapshot_rule *rule)
{
	if (rule->action == MESH_PASS || rule->action == MESH_COUNT)
		return STYLE_GOOD;
	return snapshot->mesh.enforcing ? STYLE_BAD : STYLE_WARN;
}

/* A rule may be on and have no effect: it has ended, or an earlier one decides about all that it matches. */
static void state_cell(const struct snapshot_rule *rule, struct cell *cell)
{
	enum glyph glyph = rule->enabled ? GLYPH_ON : GLYPH_OFF;
	const char *word = rule->enabled ? "on" : "off";

	cell->style = rule->enabled ? STYLE_GOOD : STYLE_DIM;
	if (rule->time_left == 0) {
		cell->style = STYLE_DIM;
		glyph = GLYPH_OFF;
		word = "ended";
	} else if (rule->enabled && rule->shadowed_by != COUNT_UNKNOWN) {
		cell->style = STYLE_WARN;
		glyph = GLYPH_OFF;
		word = "never";
	}
	snprintf(cell->text, sizeof(cell->text), "%lc %s", (wint_t)style_glyph(glyph), word);
}

static void time_cell(double seconds, struct cell *cell)
{
	char text[FORMAT_LEN];

	cell->value = isnan(seconds) ? NAN : -seconds; /* the shortest first */
	snprintf(cell->text, sizeof(cell->text), "%s",
		isnan(seconds) ? "-" : format_ns(text, seconds > 0 ? seconds * 1e9 : 0));
}

/* That a rule never decides is more than why it is there; that it decides about little is less. */
static void note_cell(const struct snapshot_rule *rule, struct cell *cell)
{
	bool never = rule->shadowed_by != COUNT_UNKNOWN;
	const char *by = never ? strstr(rule->shadow, ": ") : NULL; /* the state says "never" */

	if (rule->shadow[0] == '\0' || (!never && rule->comment[0] != '\0')) {
		snprintf(cell->text, sizeof(cell->text), "%s", rule->comment);
		return;
	}
	cell->style = never ? STYLE_WARN : STYLE_DIM;
	snprintf(cell->text, sizeof(cell->text), "%s", by != NULL ? by + 2 : rule->shadow);
}

static void cell_text(const struct snapshot *snapshot, const struct snapshot_rule *rule, int column,
	struct cell *cell)
{
	switch (column) {
	case RULE_NUMBER:
		cell->value = rule->number;
		snprintf(cell->text, sizeof(cell->text), "%u", rule->number);
		break;
	case RULE_STATE:
		state_cell(rule, cell);
		break;
	case RULE_LAST:
		time_cell(snapshot->time - rule->last_match, cell);
		break;
	case RULE_LEFT:
		time_cell(rule->time_left, cell);
		break;
	case RULE_ORIGIN:
		cell->style = STYLE_DIM;
		snprintf(cell->text, sizeof(cell->text), "%s",
			name_of(mesh_origin_names, rule->origin, MESH_ORIGINS));
		break;
	case RULE_NOTE:
		note_cell(rule, cell);
		break;
	case RULE_ACTION:
		cell->style = action_style(snapshot, rule);
		snprintf(cell->brief, sizeof(cell->brief), "%s",
			name_of(mesh_action_names, rule->action, MESH_ACTIONS));
		snprintf(cell->text, sizeof(cell->text), "%s%s%s", cell->brief,
			rule->limit[0] != '\0' ? " " : "", rule->limit);
		break;
	case RULE_KEY:
		snprintf(cell->text, sizeof(cell->text), "%s", rule->key);
		break;
	case RULE_MATCH:
		cell->style = STYLE_DIM;
		snprintf(cell->text, sizeof(cell->text), "%s",
			name_of(mesh_match_names, rule->match, MESH_MATCHES));
		break;
	}
}

static void rule_cell(const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	const struct snapshot_rule *rule = &snapshot->mesh.rules[row];

	switch (column) {
	case RULE_RATE:
		cell_rate(cell, rule->traffic.packets.rate, STYLE_STRONG);
		break;
	case RULE_BITS:
		cell_bits(cell, rule->traffic.bytes.rate);
		break;
	case RULE_PACKETS:
		cell_count(cell, rule->traffic.packets.total);
		break;
	case RULE_BYTES:
		cell_bytes(cell, rule->traffic.bytes.total);
		break;
	default:
		cell_text(snapshot, rule, column, cell);
	}
	if (!rule->enabled)
		cell->style = STYLE_DIM;
}

static const struct table_type rule_table = {
	.columns = columns,
	.n_columns = RULE_COLUMNS,
	.sort = SORT_NONE,
	.empty = "No rules: all packets pass. Press a to add one.",
	.count = rule_count,
	.key = rule_key,
	.cell = rule_cell,
	.rate = rule_rate,
	.rate_title = "Packets/s",
};

/* --- details ------------------------------------------------------------------------------------ */

/* Reads the rule as it was written; the key of a MAC address has lost its word. */
static bool read_rule(const struct snapshot_rule *shown, struct mesh_rule *rule)
{
	struct failure ignored;
	char text[TEXT_LEN];

	snprintf(text, sizeof(text), "pass %s%.*s", shown->match == MESH_MATCH_MAC ? "mac " : "",
		TEXT_LEN - 16, shown->key);
	return rule_parse(text, rule, &ignored) == 0;
}

/* Returns whether `other` may decide about packets of `rule`. */
static bool overrules(const struct snapshot_rule *other, const struct snapshot_rule *rule)
{
	struct mesh_rule first, second;

	return other->enabled && other->number < rule->number && other->action != MESH_COUNT &&
	       read_rule(other, &first) && read_rule(rule, &second) &&
	       rule_may_meet(&first, &second);
}

/* Says when the rule decides, and names the rules that decide instead. */
static void add_order(
	struct details *d, const struct snapshot_mesh *mesh, const struct snapshot_rule *rule)
{
	char others[TEXT_LEN] = "";
	struct mesh_rule read;
	size_t length = 0;

	if (!read_rule(rule, &read)) { /* its condition is not known */
		details_add(d, STYLE_TEXT, "Order", "lowest number");
		return;
	}
	for (uint32_t i = 0; i < mesh->n_rules && length < sizeof(others) - 1; i++)
		if (overrules(&mesh->rules[i], rule))
			length += (size_t)snprintf(others + length, sizeof(others) - length, "%s%u",
				length > 0 ? ", " : "", mesh->rules[i].number);
	details_add(d, STYLE_TEXT, "Order", "lowest number; %s%s",
		length > 0 ? "overruled by " : "overruled by no rule", others);
}

/* Says who the rule is from and why, until when it holds, and when it last matched. */
static void add_notes(
	struct details *d, const struct snapshot *snapshot, const struct snapshot_rule *rule)
{
	char text[DURATION_LEN];

	if (rule->shadow[0] != '\0')
		details_add(d, STYLE_WARN, "Shadow", "%s", rule->shadow);
	if (rule->comment[0] != '\0')
		details_add(d, STYLE_TEXT, "Comment", "%s", rule->comment);
	details_add(d, STYLE_TEXT, "Origin", "%s",
		name_of(mesh_origin_names, rule->origin, MESH_ORIGINS));
	if (rule->time_left == 0)
		details_add(d, STYLE_DIM, "Ended", "it matches no longer");
	else if (!isnan(rule->time_left))
		details_add(d, STYLE_TEXT, "Ends in", "%s",
			duration_format(text, (uint64_t)rule->time_left));
	if (isnan(rule->last_match))
		details_add(d, STYLE_DIM, "Last match", "never");
	else
		details_add(d, STYLE_TEXT, "Last match", "%s ago",
			format_ns(text, fmax(snapshot->time - rule->last_match, 0) * 1e9));
}

static void details(const struct snapshot *snapshot, uint32_t row, struct details *d)
{
	static const char *const matches[MESH_MATCHES] = { "nothing", "IPv4 source address",
		"IPv6 source address", "source MAC address", "destination port",
		"all its conditions", "everything" };
	const struct snapshot_rule *rule = &snapshot->mesh.rules[row];
	bool drops = rule->action == MESH_DROP || rule->action == MESH_LIMIT;

	snprintf(d->title, sizeof(d->title), "rule %u", rule->number);
	details_add(d, STYLE_STRONG, "Rule", "%s%s%s %s",
		name_of(mesh_action_names, rule->action, MESH_ACTIONS),
		rule->limit[0] != '\0' ? " " : "", rule->limit, rule->key);
	add_notes(d, snapshot, rule);
	details_add(d, rule->enabled ? STYLE_GOOD : STYLE_DIM, "State", "%s",
		rule->enabled ? "on" : "off: keeps its number and counters");
	if (drops && !snapshot->mesh.enforcing)
		details_add(d, STYLE_WARN, "Mode", "observing: drops nothing");
	details_add_traffic(d, "Traffic", &rule->traffic);
	if (drops)
		details_add_traffic(d, "Dropped", &rule->dropped);
	details_add(d, STYLE_TEXT, "Matched by", "%s", name_of(matches, rule->match, MESH_MATCHES));
	add_order(d, &snapshot->mesh, rule);
}

void mesh_mean_rule(struct action *action, const struct snapshot_rule *rule)
{
	action->number = rule->number;
	snprintf(action->seen, sizeof(action->seen), "%s", rule->key);
}

static const char *toggle(const struct snapshot *snapshot, uint32_t row, struct action *action)
{
	const struct snapshot_rule *rule = &snapshot->mesh.rules[row];

	if (!snapshot->mesh.available)
		return "The mesh filter is not running: turn it on first.";
	action->verb =
		&mesh_filter_verbs[rule->enabled ? MESH_FILTER_RULE_OFF : MESH_FILTER_RULE_ON];
	mesh_mean_rule(action, rule);
	return NULL;
}

/* --- drawing ------------------------------------------------------------------------------------ */

static void draw_total(int y, enum style style, const char *label, const struct traffic *traffic)
{
	char rate[FORMAT_LEN], bits[FORMAT_LEN], packets[FORMAT_LEN], bytes[FORMAT_LEN];

	draw_text(y, 1, 22, traffic->packets.rate > 0 ? style : STYLE_DIM, label);
	draw_format(y, 24, COLS - 25, traffic->packets.rate > 0 ? STYLE_TEXT : STYLE_DIM,
		"%6s/s  %9s/s  %6s packets  %7s", format_rate(rate, traffic->packets.rate),
		format_bits(bits, traffic->bytes.rate),
		format_count(packets, format_total(traffic->packets.total)),
		format_bytes(bytes, format_total(traffic->bytes.total)));
}

static void draw_neighbours(struct ui *ui, struct area area)
{
	char facts[REASON_LEN];

	neighbours_write_facts(&ui->snapshot->neighbours, facts, sizeof(facts));
	draw_title(area.y, area.x, area.width, "Neighbours", facts);
	area.y++;
	area.height--;
	ui_draw_other(ui, VIEW_NEIGHBOURS, area);
}

/* Neighbours, and details of the rule beside or above them where there is room for both. */
static void draw_below(struct ui *ui, struct area area)
{
	struct area details = area, neighbours = area;

	if (area.width >= WIDE) {
		details.width = area.width / 2 - 1;
		neighbours.width = area.width - area.width / 2;
		neighbours.x += area.width / 2;
	} else if (area.height >= TALL) {
		details.height = area.height / 2;
		neighbours.height = area.height - details.height;
		neighbours.y += details.height;
	} else {
		draw_neighbours(ui, neighbours);
		return;
	}
	ui_draw_details(ui, details);
	draw_neighbours(ui, neighbours);
}

static void draw(struct ui *ui, struct area area)
{
	const struct snapshot_mesh *mesh = &ui->snapshot->mesh;
	int free = area.height - 7 - (int)ui->tables[VIEW_MESH].n_rows - 2;
	struct area table = { area.y + 7, area.x, area.height - 7, area.width }, below = area;
	int y = mesh_draw_head(ui, area).y;

	draw_total(y, STYLE_GOOD, "passed by rules", &mesh->passed);
	draw_total(y + 1, STYLE_BAD, "dropped by rules", &mesh->dropped);
	draw_total(y + 2, STYLE_BAD, "dropped, unreadable", &mesh->unreadable);
	if (mesh->enforcing)
		draw_total(y + 3, STYLE_BAD, "dropped by policy", &mesh->refused);
	else
		draw_total(y + 3, STYLE_WARN, "would be dropped", &mesh->spared);
	draw_total(y + 4, STYLE_TEXT, "passed, no match", &mesh->no_match);
	int least = area.height >= HIGH ? area.height / 3 : 0; /* many rules scroll */
	below.height = free > least ? free : least;
	if (below.height >= 5) {
		below.y = area.y + area.height - below.height;
		table.height -= below.height;
		draw_below(ui, below);
	}
	ui_draw_table(ui, &ui->tables[VIEW_MESH], table);
}

const struct view view_mesh = {
	.name = "Mesh",
	.first_part = "Rules",
	.table = &rule_table,
	.program = &program_xdp_mesh_filter,
	.enforcer = &program_xdp_mesh_filter,
	.draw = draw,
	.details = details,
	.toggle = toggle,
	.looks = LOOK_FLOWS, /* for the packets of neighbours */
};
