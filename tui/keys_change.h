/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys that change something: they make the action, ui->action, or open the dialog that does. */
#ifndef X0_TUI_KEYS_CHANGE_H
#define X0_TUI_KEYS_CHANGE_H

#include "ui_state.h"

/* Functions of keys.c's table: handle the key `code` and return enum ui_result flags. */
unsigned int key_toggle(struct ui *ui, int code);
unsigned int key_menu(struct ui *ui, int code);
unsigned int key_enforce(struct ui *ui, int code);
unsigned int key_add(struct ui *ui, int code);
unsigned int key_change(struct ui *ui, int code);
unsigned int key_undo(struct ui *ui, int code);
unsigned int key_only(struct ui *ui, int code);
unsigned int key_delete(struct ui *ui, int code);
unsigned int key_move(struct ui *ui, int code);

#endif
