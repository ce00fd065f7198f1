// SPDX-License-Identifier: BSD-2-Clause
/* View of traffic classes by direction; below, the highlighted class by interface. Its parts are views of their own. */
#include <math.h>
#include <stdio.h>

#include "cell.h"
#include "model/format.h"
#include "model/names.h"
#include "ui_state.h"

enum {
	CLASS_NAME,
	CLASS_IN_RATE,
	CLASS_IN_BITS,
	CLASS_OUT_RATE,
	CLASS_OUT_BITS,
	CLASS_SHARE,
	CLASS_SHARE_BAR,
	CLASS_TREND,
	CLASS_IN_PACKETS,
	CLASS_IN_BYTES,
	CLASS_OUT_PACKETS,
	CLASS_OUT_BYTES,
	CLASS_COLUMNS,
};

static const struct column columns[CLASS_COLUMNS] = {
	[CLASS_NAME] = { "CLASS", COLUMN_TEXT, 12, 0, 2 },
	[CLASS_IN_RATE] = { "IN PKT/s", COLUMN_NUMBER, 9, 0, 0 },
	[CLASS_IN_BITS] = { "BIT/s", COLUMN_NUMBER, 9, 0, 0 },
	[CLASS_OUT_RATE] = { "OUT PKT/s", COLUMN_NUMBER, 10, 0, 0 },
	[CLASS_OUT_BITS] = { "BIT/s", COLUMN_NUMBER, 9, 0, 0 },
	[CLASS_SHARE] = { "SHARE", COLUMN_NUMBER, 6, 0, 0 },
	[CLASS_SHARE_BAR] = { "OF BITS", COLUMN_BAR, 8, 1, 12 },
	[CLASS_TREND] = { "TREND", COLUMN_GRAPH, 8, 2, 40 },
	[CLASS_IN_PACKETS] = { "IN PACKETS", COLUMN_NUMBER, 11, 3, 0 },
	[CLASS_IN_BYTES] = { "BYTES", COLUMN_NUMBER, 8, 4, 0 },
	[CLASS_OUT_PACKETS] = { "OUT PACKETS", COLUMN_NUMBER, 12, 5, 0 },
	[CLASS_OUT_BYTES] = { "BYTES", COLUMN_NUMBER, 8, 6, 0 },
};

static uint32_t class_count(const struct snapshot *snapshot)
{
	return snapshot->tc.available ? snapshot->tc.n_classes : 0;
}

static void class_key(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	snprintf(key, TABLE_KEY_LEN, "%s", snapshot->tc.classes[row].name);
}

static double sum_bytes(const struct snapshot_class *class)
{
	return class->directions[DIRECTION_INGRESS].bytes.rate +
	       class->directions[DIRECTION_EGRESS].bytes.rate;
}

static double class_rate(const struct snapshot *snapshot, uint32_t row)
{
	return sum_bytes(&snapshot->tc.classes[row]);
}

static double class_share(const struct snapshot *snapshot, uint32_t row)
{
	double all = 0;

	for (uint32_t i = 0; i < class_count(snapshot); i++)
		all += class_rate(snapshot, i);
	return all > 0 ? class_rate(snapshot, row) / all : isnan(all) ? NAN : 0;
}

static void cell_traffic(const struct traffic *traffic, int column, struct cell *cell)
{
	switch (column) {
	case CLASS_IN_RATE:
	case CLASS_OUT_RATE:
		return cell_rate(cell, traffic->packets.rate, STYLE_STRONG);
	case CLASS_IN_BITS:
	case CLASS_OUT_BITS:
		return cell_bits(cell, traffic->bytes.rate);
	case CLASS_IN_PACKETS:
	case CLASS_OUT_PACKETS:
		return cell_count(cell, traffic->packets.total);
	default:
		return cell_bytes(cell, traffic->bytes.total);
	}
}

static void class_cell(const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	const struct snapshot_class *class = &snapshot->tc.classes[row];
	bool out = column == CLASS_OUT_RATE || column == CLASS_OUT_BITS ||
		   column == CLASS_OUT_PACKETS || column == CLASS_OUT_BYTES;

	switch (column) {
	case CLASS_NAME:
		snprintf(cell->text, sizeof(cell->text), "%s", class->name);
		break;
	case CLASS_SHARE:
		cell->value = class_share(snapshot, row);
		format_percent(cell->text, cell->value);
		break;
	case CLASS_SHARE_BAR:
		cell->value = class_share(snapshot, row);
		cell->style = STYLE_GRAPH;
		break;
	case CLASS_TREND:
		break;
	default:
		cell_traffic(&class->directions[out ? DIRECTION_EGRESS : DIRECTION_INGRESS], column,
			cell);
	}
}

static const struct table_type class_table = {
	.columns = columns,
	.n_columns = CLASS_COLUMNS,
	.sort = SORT_NONE,
	.empty = "The classifier is not running on any interface.",
	.count = class_count,
	.key = class_key,
	.cell = class_cell,
	.rate = class_rate,
	.rate_title = "Bytes/s, in and out",
};

static void details(const struct snapshot *snapshot, uint32_t row, struct details *d)
{
	const struct snapshot_class *all = &snapshot->tc.classes[row];
	uint32_t at = row;

	snprintf(d->title, sizeof(d->title), "%s by interface", all->name);
	details_add(d, STYLE_DIM, "all", "together");
	details_add_traffic(d, "   in", &all->directions[DIRECTION_INGRESS]);
	details_add_traffic(d, "   out", &all->directions[DIRECTION_EGRESS]);
	for (uint32_t i = 0; i < snapshot->tc.n_interfaces; i++) {
		const struct snapshot_tc_interface *interface = &snapshot->tc.interfaces[i];
		const struct snapshot_interface_class *class =
			snapshot_tc_interface_class(&snapshot->tc, interface->name, all->name, &at);

		if (interface->problem[0] != '\0') {
			details_add(d, STYLE_WARN, interface->name, "%s", interface->problem);
			continue;
		}
		details_add(d, STYLE_DIM, interface->name, "by %s",
			interface->attached[0] != '\0' ? interface->attached : "nothing");
		if (class == NULL)
			continue; /* a recording of an older layout, or no room */
		details_add_traffic(d, "   in", &class->directions[DIRECTION_INGRESS]);
		details_add_traffic(d, "   out", &class->directions[DIRECTION_EGRESS]);
	}
}

#define ROWS_LEAST 6 /* five classes under their head */

static void draw(struct ui *ui, struct area area)
{
	struct area top, below;

	ui_draw_parts(ui, area.y, area);
	area.y++;
	area.height--;
	top = below = area;
	int rows = 1 + (int)class_count(ui->snapshot); /* and the head */

	/* Of many classes, the table leaves half of the screen to the details, and scrolls. */
	top.height = rows <= area.height / 2 || rows < ROWS_LEAST ? rows : area.height / 2;
	top.height = top.height < ROWS_LEAST ? ROWS_LEAST : top.height;
	below.y += top.height + 1;
	below.height -= top.height + 1;
	ui_draw_table(ui, &ui->tables[VIEW_CLASSES], top);
	ui_draw_details(ui, below);
}

const struct view view_classes = {
	.name = "Classes",
	.first_part = "Traffic",
	.table = &class_table,
	.program = &program_tc_classifier,
	.draw = draw,
	.details = details,
};
