// SPDX-License-Identifier: BSD-2-Clause
/* Part of the view of classes: what is done to them, and whether it holds. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cell.h"
#include "class_panel.h"
#include "model/format.h"

enum {
	QOS_INTERFACE,
	QOS_CLASS,
	QOS_WAY,
	QOS_ASKED,
	QOS_MOST,
	QOS_HAS,
	QOS_DROPS,
	QOS_DELAY,
	QOS_STATE,
	QOS_MARK,
	QOS_MARKED,
	QOS_BORROWED,
	QOS_WAITING,
	QOS_TREND,
	QOS_COLUMNS,
};

static const struct column columns[QOS_COLUMNS] = {
	[QOS_INTERFACE] = { "INTERFACE", COLUMN_TEXT, 9, 0, 5 },
	[QOS_CLASS] = { "CLASS", COLUMN_TEXT, 11, 0, 12 },
	[QOS_WAY] = { "WAY", COLUMN_TEXT, 3, 0, 0 },
	[QOS_ASKED] = { "ASKED", COLUMN_NUMBER, 8, 0, 1 },
	[QOS_MOST] = { "AT MOST", COLUMN_NUMBER, 8, 1, 1 },
	[QOS_HAS] = { "HAS", COLUMN_NUMBER, 8, 0, 1 },
	[QOS_DROPS] = { "DROP/s", COLUMN_NUMBER, 6, 0, 1 },
	[QOS_DELAY] = { "DELAY", COLUMN_NUMBER, 6, 0, 1 },
	[QOS_STATE] = { "STATE", COLUMN_TEXT, 10, 0, 2 },
	[QOS_MARK] = { "MARK", COLUMN_TEXT, 5, 2, 0 },
	[QOS_MARKED] = { "MARKED/s", COLUMN_NUMBER, 8, 3, 0 },
	[QOS_BORROWED] = { "BORROW/s", COLUMN_NUMBER, 8, 4, 0 },
	[QOS_WAITING] = { "WAITING", COLUMN_NUMBER, 8, 5, 0 },
	[QOS_TREND] = { "TREND", COLUMN_GRAPH, 8, 6, 40 },
};

static uint32_t qos_count(const struct snapshot *snapshot)
{
	return snapshot->qos.n_classes;
}

static void qos_key(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	const struct snapshot_qos_class *class = &snapshot->qos.classes[row];

	snprintf(key, TABLE_KEY_LEN, "%s %s %s", class->interface, class->class, class->direction);
}

static double qos_rate(const struct snapshot *snapshot, uint32_t row)
{
	return snapshot->qos.classes[row].passed.rate;
}

/* Bits a second, "-" where there is none. */
static void bits_cell(struct cell *cell, double bits)
{
	char text[FORMAT_LEN];

	cell->value = isnan(bits) ? -1 : bits;
	cell->style = isnan(bits) ? STYLE_DIM : STYLE_TEXT;
	snprintf(cell->text, sizeof(cell->text), "%s",
		isnan(bits) ? "-" : format_bits(text, bits / 8));
}

static void state_cell(const struct snapshot_qos_class *class, struct cell *cell)
{
	bool drops = class->dropped.rate > 0 || class->queue_dropped.rate > 0;

	cell->style = class->starved || class->short_of_rate ? STYLE_BAD
		      : drops				     ? STYLE_WARN
							     : STYLE_TEXT;
	snprintf(cell->text, sizeof(cell->text), "%s",
		class->starved	       ? "starves"
		: class->short_of_rate ? "too slow"
		: drops		       ? "drops"
		: class->waiting > 0   ? "waits"
				       : "");
}

static void delay_cell(const struct snapshot_qos_class *class, struct cell *cell)
{
	char text[FORMAT_LEN];

	cell->value = isnan(class->delay) ? -1 : class->delay;
	snprintf(cell->text, sizeof(cell->text), "%s",
		isnan(class->delay) ? "-" : format_ns(text, class->delay * 1e9));
}

static void qos_cell(const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	const struct snapshot_qos_class *class = &snapshot->qos.classes[row];
	const char *text = "";

	switch (column) {
	case QOS_INTERFACE:
		text = class->interface;
		break;
	case QOS_CLASS:
		text = class->class;
		cell->style = STYLE_ACCENT;
		break;
	case QOS_WAY:
		text = class->direction;
		break;
	case QOS_MARK:
		text = class->mark;
		break;
	case QOS_ASKED:
		return bits_cell(cell, isnan(class->rate) ? class->police : class->rate);
	case QOS_MOST:
		return bits_cell(cell, class->ceiling);
	case QOS_HAS:
		return cell_bits(cell, class->passed.rate);
	case QOS_DROPS:
		return cell_rate(cell, class->dropped.rate + class->queue_dropped.rate, STYLE_WARN);
	case QOS_MARKED:
		return cell_rate(cell, class->marked.rate, STYLE_TEXT);
	case QOS_BORROWED:
		return cell_rate(cell, class->borrowed.rate, STYLE_TEXT);
	case QOS_WAITING:
		return cell_bytes(cell, class->waiting);
	case QOS_DELAY:
		return delay_cell(class, cell);
	case QOS_STATE:
		return state_cell(class, cell);
	default:
		return;
	}
	snprintf(cell->text, sizeof(cell->text), "%s", text);
}

static const struct table_type qos_table = {
	.columns = columns,
	.n_columns = QOS_COLUMNS,
	.sort = SORT_NONE,
	.empty = "Nothing is marked, policed or shaped. e begins.",
	.count = qos_count,
	.key = qos_key,
	.cell = qos_cell,
	.rate = qos_rate,
	.rate_title = "Bytes/s that pass",
};

static void add_rate(struct details *d, const char *label, double bits, const char *about)
{
	char text[FORMAT_LEN];

	if (!isnan(bits))
		details_add(d, STYLE_TEXT, label, "%s/s%s", format_bits(text, bits / 8), about);
}

static void details(const struct snapshot *snapshot, uint32_t row, struct details *d)
{
	const struct snapshot_qos_class *class = &snapshot->qos.classes[row];
	char waiting[FORMAT_LEN], delay[FORMAT_LEN];

	snprintf(d->title, sizeof(d->title), "%.23s on %.24s, %s", class->class, class->interface,
		class->direction);
	if (class->starved)
		details_add(d, STYLE_BAD, "Starves", "packets wait, and none is sent");
	else if (class->short_of_rate)
		details_add(
			d, STYLE_BAD, "Too slow", "packets wait, and it has less than its rate");
	details_add(d, STYLE_TEXT, "In force", "%s", class->modes);
	if (class->mark[0] != '\0')
		details_add(d, STYLE_TEXT, "Marked", "%s", class->mark);
	add_rate(d, "Policed", class->police, ", what is beyond is dropped");
	add_rate(d, "Rate", class->rate, " whatever the others do");
	add_rate(d, "At most", class->ceiling, " with what it borrows");
	details_add_counter(d, "Bytes passed", &class->passed);
	details_add_counter(d, "Dropped", &class->dropped);
	details_add_counter(d, "No room for", &class->queue_dropped);
	details_add_counter(d, "Marked anew", &class->marked);
	details_add_counter(d, "Borrowed", &class->borrowed);
	if (!isnan(class->delay))
		details_add(d, STYLE_TEXT, "Waiting", "%s, about %s",
			format_bytes(waiting, (double)class->waiting),
			format_ns(delay, class->delay * 1e9));
}

const struct snapshot_qos_class *class_done_at(const struct ui *ui)
{
	const int row = ui->view == VIEW_QOS ? table_selected(&ui->tables[VIEW_QOS]) : -1;

	return row < 0 ? NULL : &ui->snapshot->qos.classes[row];
}

/* Says of each interface what is switched on, and what is not as it was asked for. */
static int draw_interfaces(const struct snapshot_qos *qos, struct area area)
{
	char rate[FORMAT_LEN];
	int shown = 0;

	for (uint32_t i = 0; i < qos->n_interfaces && shown < area.height / 3; i++, shown++) {
		const struct snapshot_qos_interface *interface = &qos->interfaces[i];
		int y = area.y + shown, x = area.x + 1;
		x += draw_text(y, x, 16, STYLE_ACCENT, interface->name) + 1;
		x += draw_text(y, x, area.width - x, STYLE_TEXT, interface->modes) + 1;
		if (!isnan(interface->rate))
			x += draw_format(y, x, area.width - x, STYLE_TEXT, "to %s/s",
				     format_bits(rate, interface->rate / 8)) +
			     1;
		draw_text(y, x, area.width - x, STYLE_BAD, interface->problem);
	}
	return shown;
}

static void draw(struct ui *ui, struct area area)
{
	ui_draw_parts(ui, area.y, area);
	area.y++;
	area.height--;
	int used = draw_interfaces(&ui->snapshot->qos, area);
	area.y += used;
	area.height -= used;
	ui_draw_with_details(ui, area, area.height / 2);
}

const struct view view_qos = {
	.name = "QoS",
	.part_of = VIEW_CLASSES,
	.table = &qos_table,
	.program = &program_tc_classifier,
	.draw = draw,
	.details = details,
};
