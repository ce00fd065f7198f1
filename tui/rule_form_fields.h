/* SPDX-License-Identifier: BSD-2-Clause */
/* The fields of the form for a rule: their words and what they mean. */
#ifndef X0_TUI_RULE_FORM_FIELDS_H
#define X0_TUI_RULE_FORM_FIELDS_H

#include "rule_form.h"

enum { FORM_CHOICES_MAX = 8 };

struct form_field_type {
	const char *label;
	const char *word; /* before the value in a rule; NULL: none */
	const char *help; /* what it is, with examples */
	const char *choices
		[FORM_CHOICES_MAX]; /* for arrows, ended by NULL; others may be typed if `typed` */
	bool typed;
	bool takes_sets;
	int dimension; /* enum mesh_dimension of those sets */
};

extern const struct form_field_type form_fields[FORM_FIELDS];

#endif
