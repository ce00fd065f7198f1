// SPDX-License-Identifier: BSD-2-Clause
/* View of system calls: quantiles of each, histogram of the highlighted one, slowest calls. */
#include <stdio.h>
#include <string.h>

#include "cell.h"
#include "latency_panel.h"
#include "model/format.h"
#include "ui_state.h"

enum {
	CALL_NAME,
	CALL_RATE,
	CALL_TREND,
	CALL_ERRORS,
	CALL_MEAN,
	CALL_P50,
	CALL_P90,
	CALL_P99,
	CALL_P999,
	CALL_MAX,
	CALL_TOTAL,
	CALL_COLUMNS,
};

static const struct column columns[CALL_COLUMNS] = {
	[CALL_NAME] = { "CALL", COLUMN_TEXT, 12, 0, 2 },
	[CALL_RATE] = { "CALLS/s", COLUMN_NUMBER, 8, 0, 2 },
	[CALL_TREND] = { "TREND", COLUMN_GRAPH, 8, 2, 40 },
	[CALL_ERRORS] = { "ERR/s", COLUMN_NUMBER, 6, 0, 2 },
	[CALL_MEAN] = { "MEAN", COLUMN_NUMBER, 7, 3, 2 },
	[CALL_P50] = { "p50", COLUMN_NUMBER, 7, 0, 2 },
	[CALL_P90] = { "p90", COLUMN_NUMBER, 7, 0, 2 },
	[CALL_P99] = { "p99", COLUMN_NUMBER, 7, 0, 2 },
	[CALL_P999] = { "p99.9", COLUMN_NUMBER, 7, 0, 2 },
	[CALL_MAX] = { "MAX", COLUMN_NUMBER, 7, 1, 2 },
	[CALL_TOTAL] = { "CALLS", COLUMN_NUMBER, 8, 4, 2 },
};

static uint32_t call_count(const struct snapshot *snapshot)
{
	return snapshot->syscalls.available ? snapshot->syscalls.n_calls : 0;
}

static void call_key(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	snprintf(key, TABLE_KEY_LEN, "%s", snapshot->syscalls.calls[row].name);
}

static double call_rate(const struct snapshot *snapshot, uint32_t row)
{
	return snapshot->syscalls.calls[row].calls.rate;
}

static void call_cell(const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	const struct snapshot_syscall *call = &snapshot->syscalls.calls[row];

	switch (column) {
	case CALL_NAME:
		snprintf(cell->text, sizeof(cell->text), "%s", call->name);
		return;
	case CALL_RATE:
		return cell_rate(cell, call->calls.rate, STYLE_STRONG);
	case CALL_ERRORS:
		return cell_rate(cell, call->errors.rate, STYLE_WARN);
	case CALL_MEAN:
		return cell_ns(cell, call->mean_ns);
	case CALL_P50:
		return cell_ns(cell, call->recent.p50);
	case CALL_P90:
		return cell_ns(cell, call->recent.p90);
	case CALL_P99:
		return cell_ns(cell, call->recent.p99);
	case CALL_P999:
		return cell_ns(cell, call->recent.p999);
	case CALL_MAX:
		return cell_ns(cell, call->max_ns);
	case CALL_TOTAL:
		return cell_count(cell, call->calls.total);
	}
}

static const struct table_type call_table = {
	.columns = columns,
	.n_columns = CALL_COLUMNS,
	.sort = SORT_NONE,
	.empty = "The latency tracer is not running. Press s for the shared-host variant.",
	.count = call_count,
	.key = call_key,
	.cell = call_cell,
	.rate = call_rate,
};

static void add_quantiles(struct details *d, const char *label, const struct quantiles *q)
{
	char p50[FORMAT_LEN], p90[FORMAT_LEN], p99[FORMAT_LEN], p999[FORMAT_LEN];

	details_add(d, STYLE_TEXT, label, "p50 %s  p90 %s  p99 %s  p99.9 %s",
		format_ns(p50, q->p50), format_ns(p90, q->p90), format_ns(p99, q->p99),
		format_ns(p999, q->p999));
}

static void add_slow_calls(struct details *d, const struct snapshot *snapshot, const char *name)
{
	for (uint32_t i = 0; i < snapshot->syscalls.n_slowest; i++) {
		const struct snapshot_slow_call *slow = &snapshot->syscalls.slowest[i];
		char latency[FORMAT_LEN], clock[FORMAT_LEN];

		if (strcmp(slow->name, name) == 0)
			details_add(d, STYLE_TEXT, "Slow call",
				"%s  %s  in %.15s, pid %u, thread %u, result %lld",
				format_clock(clock, slow->time),
				format_ns(latency, slow->latency_ns), slow->command, slow->pid,
				slow->thread, (long long)slow->result);
	}
}

static void details(const struct snapshot *snapshot, uint32_t row, struct details *d)
{
	const struct snapshot_syscall *call = &snapshot->syscalls.calls[row];
	char mean[FORMAT_LEN], max[FORMAT_LEN];

	snprintf(d->title, sizeof(d->title), "%s", call->name);
	details_add(d, STYLE_TEXT, "Measured by", "%s; 32-bit calls %s",
		snapshot->syscalls.attached, snapshot->syscalls.calls_32bit);
	if (snapshot->syscalls.left_out[0] != '\0')
		details_add(d, STYLE_TEXT, "Left out", "%s: not on this machine",
			snapshot->syscalls.left_out);
	details_add_counter(d, "Calls", &call->calls);
	details_add_counter(d, "Errors", &call->errors);
	add_quantiles(d, "Now", &call->recent);
	add_quantiles(d, "Since start", &call->overall);
	details_add(d, STYLE_TEXT, "Mean now", "%s", format_ns(mean, call->mean_ns));
	details_add(d, STYLE_TEXT, "Slowest", "%s", format_ns(max, call->max_ns));
	add_slow_calls(d, snapshot, call->name);
}

/* --- drawing ------------------------------------------------------------------------------------ */

/* Draws command and process; where room is short, the command is cut: many have the same. */
static void draw_process(int y, int x, int width, const struct snapshot_slow_call *slow)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%u", slow->pid);
	int digits = text_columns(pid);
	x += 1 + draw_format(y, x, width - digits - 1, STYLE_TEXT, "%.15s", slow->command);
	draw_text(y, x, digits, STYLE_TEXT, pid);
}

static void draw_slowest(const struct ui *ui, struct area area)
{
	const struct snapshot_syscalls *syscalls = &ui->snapshot->syscalls;
	char clock[FORMAT_LEN], latency[FORMAT_LEN];

	draw_title(area.y, area.x, area.width, "Slowest calls", "last minute");
	for (uint32_t i = 0; i < syscalls->n_slowest && (int)i < area.height - 1; i++) {
		const struct snapshot_slow_call *slow = &syscalls->slowest[i];
		int y = area.y + 1 + (int)i, x = area.x + 1, width = area.width - 1;

		draw_right(y, x, 7, STYLE_TEXT, format_ns(latency, slow->latency_ns));
		draw_format(y, x + 8, 10, STYLE_STRONG, "%s", slow->name);
		draw_process(y, x + 19, width - (width >= 50 ? 29 : 19), slow);
		if (width >= 50)
			draw_right(y, x + width - 9, 8, STYLE_DIM, format_clock(clock, slow->time));
	}
	if (syscalls->n_slowest == 0)
		draw_text(area.y + 1, area.x + 1, area.width - 1, STYLE_DIM, ui_none(ui, "none"));
}

static struct area split_table(struct area *area, const struct table *table)
{
	struct area below = *area;

	area->height = table_height(table, below.height * 6 / 10);
	below.y += area->height;
	below.height -= area->height;
	return below;
}

static void draw(struct ui *ui, struct area area)
{
	struct table *table = &ui->tables[VIEW_SYSCALLS];
	struct area top = area, left = split_table(&top, table), right = left;
	int row = table_selected(table);

	ui_draw_table(ui, table, top);
	if (row < 0)
		return;
	left.width = left.width * 11 / 20;
	right.x += left.width + 1;
	right.width -= left.width + 1;
	latency_draw_histogram(&ui->snapshot->syscalls.calls[row], left);
	draw_slowest(ui, right);
}

const struct view view_syscalls = {
	.name = "Syscalls",
	.first_part = "This host",
	.table = &call_table,
	.program = &program_kprobe_syscall_latency,
	.draw = draw,
	.details = details,
};
