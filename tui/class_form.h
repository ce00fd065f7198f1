/* SPDX-License-Identifier: BSD-2-Clause */
/* The form for a line of the traffic classes: a field for each condition. */
#ifndef X0_TUI_CLASS_FORM_H
#define X0_TUI_CLASS_FORM_H

#include "rule_form.h"

struct snapshot_class_line;

/* Begins a form for a new line: before `before`, NULL: before the default ones. */
void class_form_add(struct rule_form *form, const struct snapshot_class_line *before);

/* Begins one with a line, to change it. */
void class_form_change(struct rule_form *form, const struct snapshot_class_line *line);

#endif
