/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the dashboard: what its parts (views, keys, dialogs, frame) share. */
#ifndef X0_TUI_UI_STATE_H
#define X0_TUI_UI_STATE_H

#include "details.h"
#include "dialog.h"
#include "model/judge.h"
#include "programs/programs.h"
#include "table.h"
#include "ui.h"

enum view_number {
	VIEW_OVERVIEW,
	VIEW_PROGRAMS,
	VIEW_PACKETS,
	VIEW_MESH,
	VIEW_CLASSES,
	VIEW_SYSCALLS,
	VIEW_SIGNATURES,
	VIEW_EVENTS,
	VIEWS,
};

struct view {
	const char *name;
	const struct table_type *table; /* NULL: it has none */
	const struct program_type *program; /* without which there is nothing to show; or NULL */
	const struct program_type *enforcer; /* what `e` switches between observing and enforcing */
	void (*draw)(struct ui *ui, struct area area);
	/* All about a row; NULL if there is no more to say than the table does. */
	void (*details)(const struct snapshot *snapshot, uint32_t row, struct details *details);
	/* The action that turns a row off or on; otherwise returns why there is none. NULL: there
	 * is nothing to turn in this view. */
	const char *(*toggle)(const struct snapshot *snapshot, uint32_t row, struct action *action);
};

/* By enum view_number. The digit that chooses a view is its number plus one. */
extern const struct view *const views[VIEWS];
extern const struct view view_overview, view_programs, view_packets, view_mesh, view_classes,
	view_syscalls, view_signatures, view_events;
/* What the view of system calls shows instead while ui->secure. */
extern const struct view view_syscalls_secure;

/* Histories of rows, found by view and key. More rows than this have no graph. */
enum { HISTORIES_MAX = 1 << 11, HISTORY_PROBES = 16 };

struct row_history {
	uint64_t hash; /* 0: free */
	uint64_t sample; /* the last one that had the row */
	struct history history;
};

struct message {
	bool failure;
	uint32_t samples_left;
	char what[REASON_LEN];
	char remedy[REASON_LEN];
};

struct ui {
	struct snapshot *snapshot; /* the one shown: a copy */
	uint64_t samples; /* taken so far */
	enum view_number view;
	bool secure; /* the view of system calls shows the variant for shared hosts */
	bool paused;
	double interval;
	struct table tables[VIEWS];
	struct table secure_table;
	char search[TABLE_FILTER_LEN];
	struct dialog dialog;
	struct message message;
	struct action action;
	struct judgement judgement;
	struct judge_past past; /* of what `judgement` was compared with */
	struct history packets, dropped;
	struct row_history rows[HISTORIES_MAX];
};

/* The view on the screen, and its table or NULL. */
const struct view *ui_view(const struct ui *ui);
struct table *ui_table(struct ui *ui);

/* Shows another view; what depends on the snapshot is brought up to date. */
void ui_show(struct ui *ui, enum view_number view);

/* What a snapshot says of a program, or NULL. */
const struct snapshot_program *ui_program(
	const struct snapshot *snapshot, const struct program_type *type);

/* Says why a key does nothing. */
void ui_refuse(struct ui *ui, const char *why);

/* The history of a row of a table, or NULL. */
const struct history *ui_history(
	const struct ui *ui, const struct table_type *type, const char *key);

/* Draws the view's table with its histories. */
void ui_draw_table(struct ui *ui, struct table *table, struct area area);

/* Draws what view->details says of the highlighted row, under a title. */
void ui_draw_details(struct ui *ui, struct area area);

/* The frame around views: the line at the top, the tabs, the messages, the line at the bottom. */
void frame_draw(struct ui *ui);

#endif
