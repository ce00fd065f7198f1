// SPDX-License-Identifier: BSD-2-Clause
/* View of system calls for shared hosts: coarse buckets with noise, which hide single calls. */
#include <stdio.h>

#include "cell.h"
#include "latency_panel.h"
#include "model/format.h"
#include "model/quantile.h"
#include "ui_state.h"

enum {
	CALL_NAME,
	CALL_RATE,
	CALL_TREND,
	CALL_ERRORS,
	CALL_P50,
	CALL_P90,
	CALL_P99,
	CALL_TOTAL,
	CALL_COLUMNS,
};

static const struct column columns[CALL_COLUMNS] = {
	[CALL_NAME] = { "CALL", COLUMN_TEXT, 14, 0, 2 },
	[CALL_RATE] = { "CALLS/s", COLUMN_NUMBER, 8, 0, 2 },
	[CALL_TREND] = { "TREND", COLUMN_GRAPH, 8, 2, 40 },
	[CALL_ERRORS] = { "ERR/s", COLUMN_NUMBER, 6, 0, 2 },
	[CALL_P50] = { "p50 <", COLUMN_NUMBER, 8, 0, 2 },
	[CALL_P90] = { "p90 <", COLUMN_NUMBER, 8, 0, 2 },
	[CALL_P99] = { "p99 <", COLUMN_NUMBER, 8, 0, 2 },
	[CALL_TOTAL] = { "CALLS", COLUMN_NUMBER, 8, 1, 2 },
};

static uint32_t call_count(const struct snapshot *snapshot)
{
	return snapshot->syscalls_secure.available ? snapshot->syscalls_secure.n_calls : 0;
}

static void call_key(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	snprintf(key, TABLE_KEY_LEN, "%s", snapshot->syscalls_secure.calls[row].name);
}

static double call_rate(const struct snapshot *snapshot, uint32_t row)
{
	return snapshot->syscalls_secure.calls[row].calls.rate;
}

static void call_cell(const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	const struct snapshot_syscall_secure *call = &snapshot->syscalls_secure.calls[row];

	switch (column) {
	case CALL_NAME:
		snprintf(cell->text, sizeof(cell->text), "%s", call->name);
		return;
	case CALL_RATE:
		return cell_rate(cell, call->calls.rate, STYLE_STRONG);
	case CALL_ERRORS:
		return cell_rate(cell, call->errors.rate, STYLE_WARN);
	case CALL_P50:
		return cell_ns(cell, call->p50);
	case CALL_P90:
		return cell_ns(cell, call->p90);
	case CALL_P99:
		return cell_ns(cell, call->p99);
	case CALL_TOTAL:
		return cell_count(cell, call->calls.total);
	}
}

static const struct table_type call_table = {
	.columns = columns,
	.n_columns = CALL_COLUMNS,
	.sort = SORT_NONE,
	.empty = "The tracer for shared hosts is not running. Press s for the exact variant.",
	.count = call_count,
	.key = call_key,
	.cell = call_cell,
	.rate = call_rate,
	.rate_title = "Calls/s",
};

static void details(const struct snapshot *snapshot, uint32_t row, struct details *d)
{
	const struct snapshot_syscalls_secure *secure = &snapshot->syscalls_secure;
	const struct snapshot_syscall_secure *call = &secure->calls[row];
	char bound[FORMAT_LEN], count[FORMAT_LEN];

	snprintf(d->title, sizeof(d->title), "%s, for shared hosts", call->name);
	details_add(d, STYLE_TEXT, "Measured by", "%s; 32-bit calls %s", secure->attached,
		secure->calls_32bit);
	if (secure->left_out[0] != '\0')
		details_add(d, STYLE_TEXT, "Left out", "%s: not on this machine", secure->left_out);
	details_add(d, STYLE_TEXT, "Protection",
		"coarse buckets, noise of epsilon %.2f a bucket, counts below %s withheld",
		secure->epsilon, format_count(count, format_total(secure->step)));
	details_add_counter(d, "Calls", &call->calls);
	details_add_counter(d, "Errors", &call->errors);
	for (uint32_t b = 0; b < SECURE_BUCKETS; b++) {
		char label[DETAILS_LABEL_LEN];

		snprintf(label, sizeof(label), "%s %s", b + 1 < SECURE_BUCKETS ? "below" : "over",
			format_ns(bound, coarse_bucket_upper(b + 1 < SECURE_BUCKETS ? b : b - 1)));
		details_add(d, call->buckets[b] > 0 ? STYLE_TEXT : STYLE_DIM, label, "%6s",
			format_count(count, (double)call->buckets[b]));
	}
}

static void draw(struct ui *ui, struct area area)
{
	const struct snapshot_syscalls_secure *secure = &ui->snapshot->syscalls_secure;
	struct table *table = &ui->tables[VIEW_SYSCALLS_SECURE];
	struct area top = area, below = area;
	int row = table_selected(table);
	char step[FORMAT_LEN];

	draw_format(area.y, 1, area.width - 2, STYLE_DIM,
		"For shared hosts: no pid or command; coarse, noisy, counts below %s withheld.",
		format_count(step, format_total(secure->step)));
	top.y++;
	top.height = table_height(table, area.height * 6 / 10);
	below.y += top.height + 1;
	below.height -= top.height + 1;
	ui_draw_table(ui, table, top);
	if (row < 0)
		return;
	latency_draw_coarse(&secure->calls[row], below);
	below.y += SECURE_BUCKETS + 2;
	below.height -= SECURE_BUCKETS + 2;
	ui_draw_graph(ui, below);
}

const struct view view_syscalls_secure = {
	.name = "Shared hosts",
	.part_of = VIEW_SYSCALLS,
	.table = &call_table,
	.program = &program_kprobe_syscall_latency_secure,
	.draw = draw,
	.details = details,
};
