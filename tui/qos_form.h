/* SPDX-License-Identifier: BSD-2-Clause */
/* The form for what is done to traffic classes: each verb of x0top qos that takes more than an interface. */
#ifndef X0_TUI_QOS_FORM_H
#define X0_TUI_QOS_FORM_H

#include "rule_form.h"

struct snapshot_qos_class;

/* Begins a form: for one of the classes that something is done to, NULL: none is meant; for the class of this name,
 * "": any. */
void qos_form_begin(struct rule_form *form, const struct snapshot *snapshot,
	const struct snapshot_qos_class *done, const char *class);

#endif
