/* SPDX-License-Identifier: BSD-2-Clause */
/* State of the dashboard, shared by views, keys, dialogs and frame. */
#ifndef X0_TUI_UI_STATE_H
#define X0_TUI_UI_STATE_H

#include "details.h"
#include "dialog.h"
#include "programs/programs.h"
#include "row_history.h"
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
	VIEW_MAPEK,
	VIEWS, /* those of a digit; behind them other parts of theirs */
	VIEW_SYSCALLS_SECURE = VIEWS,
	VIEW_FLOWS,
	VIEW_SOURCES,
	VIEW_NEIGHBOURS,
	VIEW_SETS,
	VIEW_ANOMALIES,
	VIEW_WATCHED,
	VIEW_PLUGIN_MAPS,
	VIEW_PLUGIN_ROWS,
	VIEW_SHARES,
	VIEW_CLASS_LINES,
	VIEW_QOS,
	VIEW_PARTS, /* all of them */
};

struct view {
	const char *name; /* of the view, or of the part */
	enum view_number part_of; /* for parts: the view of a digit */
	const char
		*first_part; /* name of a view as the first of its parts; NULL: it has no others */
	const struct table_type *table; /* NULL: it has none */
	const struct program_type *program; /* whose data it shows; or NULL */
	const struct program_type *enforcer; /* switched by `e` between observing and enforcing */
	void (*draw)(struct ui *ui, struct area area);
	/* Adds all details of a row; NULL if the table shows everything. */
	void (*details)(const struct snapshot *snapshot, uint32_t row, struct details *details);
	/* Sets the action that turns a row off or on, or returns why there is none. NULL: rows of
	 * this view cannot be turned off or on. */
	const char *(*toggle)(const struct snapshot *snapshot, uint32_t row, struct action *action);
	/* What Enter does with a row instead of showing its details; NULL: it shows them. */
	void (*enter)(struct ui *ui, uint32_t row);
	unsigned int looks; /* bits of enum look: what it shows that is read only then */
	bool unmeasured; /* metrics do not carry its rows */
};

/* Indexed by enum view_number; the digit key of a view is its number plus one. */
extern const struct view *const views[VIEW_PARTS];
extern const struct view view_overview, view_programs, view_packets, view_mesh, view_classes,
	view_syscalls, view_syscalls_secure, view_signatures, view_events, view_flows, view_sources,
	view_neighbours, view_sets, view_mapek, view_anomalies, view_watched, view_plugin_maps,
	view_plugin_rows, view_shares, view_class_lines, view_qos;

/* Like the table of view_packets, with the packets sent as its rate. */
extern const struct table_type packets_sent;

struct message {
	bool failure;
	uint32_t samples_left;
	char what[REASON_LEN];
	char remedy[REASON_LEN];
};

struct ui {
	struct snapshot *snapshot; /* a copy of the one shown */
	uint64_t samples; /* taken so far */
	const struct view *const *views; /* by enum view_number */
	enum view_number view;
	enum view_number parts[VIEWS]; /* the part last shown of each */
	bool paused;
	double interval;
	struct ui_replay replay; /* count 0: samples are live */
	struct ui_wish wish;
	struct table tables[VIEW_PARTS];
	uint16_t table_rows[VIEW_PARTS][TABLE_ROWS_MAX];
	char search[TABLE_FILTER_LEN];
	struct dialog dialog;
	struct message message;
	struct action action;
	struct history received, sent; /* packets a second, by all links */
	struct history accepted, refused; /* packets a second, by the verifier */
	struct history_times times; /* of all histories */
	struct row_histories rows;
};

/* Return the view on the screen, and its table or NULL. */
const struct view *ui_view(const struct ui *ui);
struct table *ui_table(struct ui *ui);

/* Shows a view, or a part of one, and updates its table. */
void ui_show(struct ui *ui, enum view_number view);

/* Returns the view of a digit that is shown, or a part of which is. */
enum view_number ui_whole(const struct ui *ui);

/* Returns the part before (`step` -1) or after (1) the one shown; that itself if there are no others. */
enum view_number ui_next_part(const struct ui *ui, int step);

/* Draws the names of a view's parts, the one shown as active. */
void ui_draw_parts(const struct ui *ui, int y, struct area area);

/* Returns a program's entry in a snapshot, or NULL. */
const struct snapshot_program *ui_program(
	const struct snapshot *snapshot, const struct program_type *type);

/* Returns whether samples come from a recording, or a Prometheus; and whether from that. */
bool ui_is_replay(const struct ui *ui);
bool ui_is_past(const struct ui *ui);

/* Returns what is said where there is nothing to list: `none`, but where metrics could not carry it. */
const char *ui_none(const struct ui *ui, const char *none);

/* Shows why a key does nothing. */
void ui_refuse(struct ui *ui, const char *why);

/* Draws the view's table with its histories. */
void ui_draw_table(struct ui *ui, struct table *table, struct area area);

/* Draws the table of another view without a highlight. */
void ui_draw_other(struct ui *ui, enum view_number view, struct area area);

/* Draws view->details of the highlighted row under a title. */
void ui_draw_details(struct ui *ui, struct area area);

/* Draws the table of the view that is shown, in `most` lines at most, and the details of its highlighted row below. */
void ui_draw_with_details(struct ui *ui, struct area area, int most);

/* Returns how many lines of `height` a list takes at most: all, if there are few. */
int ui_list_lines(int height);

/* Draws the rate of the highlighted row over time, below a title; nothing without room. */
void ui_draw_graph(struct ui *ui, struct area area);

/* Draws the table of the view that is shown, and the rate of its highlighted row in the room that is left. */
void ui_draw_with_graph(struct ui *ui, struct area area);

/* Draws the whole screen: top line, tabs, view, messages, bottom line, dialog. */
void frame_draw(struct ui *ui);

#endif
