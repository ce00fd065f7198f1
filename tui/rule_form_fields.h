/* SPDX-License-Identifier: BSD-2-Clause */
/* The fields of a form: their words and what they mean; and those of the form for a rule. */
#ifndef X0_TUI_RULE_FORM_FIELDS_H
#define X0_TUI_RULE_FORM_FIELDS_H

#include "rule_form.h"

enum { FORM_CHOICES_MAX = 10 };

struct form_field_type {
	const char *label;
	const char *word; /* before the value in a rule; NULL: none */
	const char *help; /* what it is, with examples */
	const char *choices
		[FORM_CHOICES_MAX]; /* for arrows, ended by NULL; others may be typed if `typed` */
	bool typed;
	bool words; /* a space may be typed */
	bool takes_sets;
	int dimension; /* enum mesh_dimension of those sets */
};

/* What a form has of its own. */
struct form_type {
	const struct form_field_type *fields;
	unsigned int n_fields, last; /* where the key End goes */
	const char *title;
	const char *enter; /* what that key does: "adds" */
	const char *unused; /* beside a field that has no meaning for the action */
	/* As the functions of rule_form.h. */
	void (*learn)(struct rule_form *form, const struct snapshot *snapshot);
	bool (*uses)(const struct rule_form *form, unsigned int field);
	bool (*check)(const struct rule_form *form, unsigned int field, struct failure *failure);
	void (*write)(const struct rule_form *form, char *text, size_t size);
	/* Writes what a field means for the action of the form, instead of what its type says; NULL: never. Returns
	 * whether it did. */
	bool (*help)(const struct rule_form *form, unsigned int field, char *text, size_t size);
};

extern const struct form_field_type form_fields[FORM_FIELDS];

/* Returns the type of a form. */
const struct form_type *form_type_of(const struct rule_form *form);

#endif
