/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A form: a line for each field, checked while it is typed by whoever reads it. It makes the words of a verb, as the
 * command line would. This one is for a mesh rule; struct form_type tells what others have of their own.
 */
#ifndef X0_TUI_RULE_FORM_H
#define X0_TUI_RULE_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/text.h"
#include "xdp_mesh_filter.h"

struct snapshot;
struct snapshot_rule;

enum form_field {
	FORM_ACTION,
	FORM_RATE,
	FORM_BURST,
	FORM_FROM,
	FORM_TO,
	FORM_MAC,
	FORM_PROTOCOL,
	FORM_PORT,
	FORM_SOURCE_PORT,
	FORM_INTERFACE,
	FORM_ETHERTYPE,
	FORM_VLAN,
	FORM_KIND,
	FORM_DURATION,
	FORM_COMMENT,
	FORM_PLACE,
	FORM_FIELDS,
};

enum { FORM_NAMES_MAX = 128 };

/* What arrows offer for a field: "@neighbours", "mesh0". */
struct form_name {
	char text[MESH_SET_NAME_LEN + NAME_LEN];
	uint32_t fields; /* bits 1 << field; 0: a set that no field takes */
};

struct form_type;

struct rule_form {
	const struct form_type *type; /* NULL: for a mesh rule */
	unsigned int field; /* that is typed into: enum form_field, or of the type */
	bool changes; /* the rule at the place; else adds one */
	bool off; /* the rule is turned off */
	char key[REASON_LEN]; /* of the rule that is changed, as it was */
	char values[FORM_FIELDS][MESH_COMMENT_LEN];
	bool knows_sets; /* all of them are among the names */
	uint32_t n_names;
	struct form_name names[FORM_NAMES_MAX];
};

/* Takes the names of sets, interfaces and the like from a snapshot. */
void rule_form_learn(struct rule_form *form, const struct snapshot *snapshot);

/* Adds a name that arrows offer, which is `before` and `text`; for fields of these bits. */
void rule_form_add_name(
	struct rule_form *form, const char *before, const char *text, uint32_t fields);

/* Returns a name that arrows offer, or NULL. */
const struct form_name *rule_form_find_name(const struct rule_form *form, const char *text);

void rule_form_set(struct rule_form *form, unsigned int field, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Fills the form with a rule, to change it. */
void rule_form_read(struct rule_form *form, const struct snapshot_rule *rule);

/* Returns whether the rule that the form changes is there no longer: *failure says so. */
bool rule_form_has_lost(
	const struct rule_form *form, const struct snapshot *snapshot, struct failure *failure);

/* Writes the action that the form makes so far, "rule add drop 10.1.0.0/16", as action_parse() reads it. */
void rule_form_write(const struct rule_form *form, char *text, size_t size);

/* Returns whether something is wrong with a field: *failure has what, and perhaps what to write. */
bool rule_form_check(const struct rule_form *form, unsigned int field, struct failure *failure);

/* Returns whether a field has a meaning for the action of the form. */
bool rule_form_uses(const struct rule_form *form, unsigned int field);

enum rule_form_result {
	FORM_IGNORED, /* the key has no function there */
	FORM_STAYS,
	FORM_LEFT, /* nothing shall be done */
	FORM_DONE, /* no field has an error: rule_form_write() tells what shall be done */
};

/* Handles a key. */
enum rule_form_result rule_form_key(struct rule_form *form, int key);

/* Draws the form over the screen; `error` is of all of it, or empty. */
void rule_form_draw(const struct rule_form *form, const char *error);

#endif
