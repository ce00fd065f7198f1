/* SPDX-License-Identifier: BSD-2-Clause */
/* What keys do in the view of classes and its parts: they make the action, ui->action, or open the dialog that does. */
#ifndef X0_TUI_CLASS_PANEL_H
#define X0_TUI_CLASS_PANEL_H

#include "ui_state.h"

/* These return enum ui_result flags. */

/* Opens the form for what is done to classes, with what is highlighted. */
unsigned int class_open_form(struct ui *ui);

/* Open the form for a line of the classes: a new one, before the highlighted one or before the default ones; or the
 * highlighted one. Where lines are not listed, one is written below. */
unsigned int class_add_line(struct ui *ui, bool before);
unsigned int class_change_line(struct ui *ui);

unsigned int class_delete_line(struct ui *ui);

/* Changes places with the line above, or below. */
unsigned int class_move_line(struct ui *ui, bool up);

/* Undoes the last change of lines, or in their part that of what is done to classes. */
unsigned int class_undo(struct ui *ui);

/* --- view_class_lines.c and view_qos.c ----------------------------------------------------------- */

/* Return what is highlighted in the part of lines, or of what is done to classes; NULL elsewhere. */
const struct snapshot_class_line *class_line_at(const struct ui *ui);
const struct snapshot_qos_class *class_done_at(const struct ui *ui);

/* Lets an action mean this line, wherever another change moves it to. */
void class_mean_line(struct action *action, const struct snapshot_class_line *line);

#endif
