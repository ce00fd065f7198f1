// SPDX-License-Identifier: BSD-2-Clause
#include "rule_form.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/words.h"
#include "mesh/resolve.h"
#include "mesh/rule.h"
#include "model/names.h"
#include "model/snapshot.h"
#include "programs/programs.h"
#include "rule_form_fields.h"

/* --- values -------------------------------------------------------------------------------------- */

void rule_form_set(struct rule_form *form, unsigned int field, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(form->values[field], sizeof(form->values[field]), format, arguments);
	va_end(arguments);
}

static bool uses(const struct rule_form *form, unsigned int field)
{
	bool limits = strcmp(form->values[FORM_ACTION], mesh_action_names[MESH_LIMIT]) == 0;

	if (field == FORM_PLACE)
		return !form->changes;
	return limits || (field != FORM_RATE && field != FORM_BURST);
}

static const char *value_of(const struct rule_form *form, enum form_field field)
{
	return uses(form, field) ? form->values[field] : "";
}

/* --- text ---------------------------------------------------------------------------------------- */

static void add_words(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void add_words(char *text, size_t size, const char *format, ...)
{
	size_t length = strlen(text);
	va_list arguments;

	if (length + 1 >= size)
		return;
	if (length > 0)
		text[length++] = ' ';
	text[length] = '\0';
	va_start(arguments, format);
	vsnprintf(text + length, size - length, format, arguments);
	va_end(arguments);
}

/* Ports of TCP and UDP are one condition with it: "tcp 22". */
static bool joins_port(const struct rule_form *form)
{
	const char *protocol = form->values[FORM_PROTOCOL];

	return form->values[FORM_PORT][0] != '\0' &&
	       (strcmp(protocol, "tcp") == 0 || strcmp(protocol, "udp") == 0);
}

static void add_field(const struct rule_form *form, enum form_field field, char *text, size_t size)
{
	const char *value = value_of(form, field), *word = form_fields[field].word;

	if (value[0] == '\0' || (word == NULL && field != FORM_KIND))
		return;
	if (field == FORM_KIND)
		add_words(text, size, "%s", value);
	else if (field == FORM_COMMENT)
		add_words(text, size, "%s \"%s\"", word, value);
	else if (field == FORM_PROTOCOL && joins_port(form))
		add_words(text, size, "%s %s", value, form->values[FORM_PORT]);
	else if (field != FORM_PORT || !joins_port(form))
		add_words(text, size, "%s %s", word, value);
}

static bool has_condition(const struct rule_form *form)
{
	for (int field = FORM_FROM; field <= FORM_KIND; field++)
		if (form->values[field][0] != '\0')
			return true;
	return false;
}

static void write_rule(const struct rule_form *form, char *text, size_t size)
{
	add_words(text, size, "%s", form->values[FORM_ACTION]);
	if (uses(form, FORM_RATE))
		add_words(text, size, "%s", form->values[FORM_RATE]);
	add_field(form, FORM_BURST, text, size);
	for (int field = FORM_FROM; field < FORM_PLACE; field++)
		add_field(form, field, text, size);
}

static void write_verb(const struct rule_form *form, char *text, size_t size)
{
	const char *place = form->values[FORM_PLACE];
	const struct verb *verb = &mesh_filter_verbs[form->changes	? MESH_FILTER_RULE_CHANGE
						     : place[0] != '\0' ? MESH_FILTER_RULE_INSERT
									: MESH_FILTER_RULE_ADD];

	snprintf(text, size, "%s %s", verb->object, verb->word);
	if (place[0] != '\0')
		add_words(text, size, "%s", place);
	if (form->off)
		add_words(text, size, "off");
	write_rule(form, text, size);
}

/* --- checking ------------------------------------------------------------------------------------ */

static bool check_place(const char *value, struct failure *failure)
{
	uint64_t number;

	return value[0] != '\0' && words_number(value, 0, MESH_RULES_MAX - 1, &number) != 0 &&
	       failure_set(failure, -EINVAL, "A place is a number from 0 to %d",
		       MESH_RULES_MAX - 1) < 0;
}

const struct form_name *rule_form_find_name(const struct rule_form *form, const char *text)
{
	for (uint32_t i = 0; i < form->n_names; i++)
		if (strcmp(form->names[i].text, text) == 0)
			return &form->names[i];
	return NULL;
}

/* The reader of rules takes any name: a set may be made later. */
static bool check_set(const struct rule_form *form, enum form_field field, const char *value,
	struct failure *failure)
{
	const struct form_name *name = rule_form_find_name(form, value);

	if (value[0] != '@' || !form->knows_sets)
		return false;
	if (name == NULL)
		return failure_set(failure, -ENOENT, "There is no set %s", value) < 0;
	return !(name->fields >> field & 1) &&
	       failure_set(failure, -EINVAL, "%s is a set of another kind", value) < 0;
}

static bool check(const struct rule_form *form, unsigned int field, struct failure *failure)
{
	struct rule_form alone = { 0 };
	struct mesh_rule rule;
	char text[RULE_LEN] = "";
	const char *value = value_of(form, field);

	if (field == FORM_PLACE)
		return check_place(value, failure);
	if (field == FORM_KIND && !has_condition(form)) {
		failure_set(failure, -EINVAL, "Nothing says which packets");
		return failure_remedy(failure, "A condition above, or: all") < 0;
	}
	if (value[0] == '\0') {
		if (field != FORM_RATE || !uses(form, FORM_RATE))
			return false;
		failure_set(failure, -EINVAL, "A limit needs a rate");
		return failure_remedy(failure, "A limit needs a rate: 1000/s, 10Mbit/s") < 0;
	}
	/* A rule of this field alone is read as any other: one of its rate cannot do without a limit. */
	rule_form_set(&alone, FORM_ACTION, "%s",
		mesh_action_names[field == FORM_RATE || field == FORM_BURST ? MESH_LIMIT
									    : MESH_PASS]);
	rule_form_set(
		&alone, FORM_RATE, "%s", field == FORM_BURST ? form->values[FORM_RATE] : "1000/s");
	rule_form_set(&alone, field, "%s", value);
	if (!has_condition(&alone))
		rule_form_set(&alone, FORM_KIND, "all");
	write_rule(&alone, text, sizeof(text));
	return rule_parse(text, &rule, failure) < 0 || check_set(form, field, value, failure);
}

/* --- names --------------------------------------------------------------------------------------- */

void rule_form_add_name(
	struct rule_form *form, const char *before, const char *text, uint32_t fields)
{
	struct form_name *name = &form->names[form->n_names];

	if (form->n_names == FORM_NAMES_MAX)
		return;
	form->n_names++;
	snprintf(name->text, sizeof(name->text), "%s%s", before, text);
	name->fields = fields;
}

static void add_set(struct rule_form *form, const struct snapshot_mesh_set *set)
{
	uint32_t fields = 0;

	for (int field = FORM_FROM; field <= FORM_KIND; field++)
		if (form_fields[field].takes_sets &&
			resolve_takes((uint32_t)form_fields[field].dimension, set->kind))
			fields |= 1U << field;
	rule_form_add_name(form, "@", set->name, fields);
}

static void learn(struct rule_form *form, const struct snapshot *snapshot)
{
	form->knows_sets = snapshot->mesh.available;
	for (uint32_t i = 0; i < snapshot->mesh.n_sets; i++)
		if (snapshot->mesh.sets[i].kind < MESH_SET_KINDS)
			add_set(form, &snapshot->mesh.sets[i]);
	for (uint32_t i = 0; i < snapshot->links.n_links; i++)
		rule_form_add_name(form, "", snapshot->links.links[i].name, 1U << FORM_INTERFACE);
}

/* --- the type ------------------------------------------------------------------------------------ */

static const struct form_type rule_form_type = {
	.fields = form_fields,
	.n_fields = FORM_FIELDS,
	.last = FORM_COMMENT,
	.title = "Add a rule",
	.enter = "adds",
	.unused = "of a limit",
	.learn = learn,
	.uses = uses,
	.check = check,
	.write = write_verb,
};

const struct form_type *form_type_of(const struct rule_form *form)
{
	return form->type != NULL ? form->type : &rule_form_type;
}

void rule_form_learn(struct rule_form *form, const struct snapshot *snapshot)
{
	form->n_names = 0;
	form_type_of(form)->learn(form, snapshot);
}

bool rule_form_uses(const struct rule_form *form, unsigned int field)
{
	return form_type_of(form)->uses(form, field);
}

bool rule_form_check(const struct rule_form *form, unsigned int field, struct failure *failure)
{
	return form_type_of(form)->check(form, field, failure);
}

void rule_form_write(const struct rule_form *form, char *text, size_t size)
{
	form_type_of(form)->write(form, text, size);
}

/* --- reading ------------------------------------------------------------------------------------- */

static bool is_kind(const char *word)
{
	if (strcmp(word, "all") == 0)
		return true;
	for (int kind = MESH_UNREADABLE; kind < MESH_KINDS; kind++)
		if (strcmp(word, rule_kinds[kind]) == 0)
			return true;
	return false;
}

/* Reads the words of one condition or note. Returns how many. */
static uint32_t read_words(struct rule_form *form, const struct words *words, uint32_t at)
{
	const char *word = words->word[at], *value = at + 1 < words->n ? words->word[at + 1] : "";

	if (strcmp(word, "tcp") == 0 || strcmp(word, "udp") == 0) {
		rule_form_set(form, FORM_PROTOCOL, "%s", word);
		rule_form_set(form, FORM_PORT, "%s", value);
		return 2;
	}
	for (int field = FORM_BURST; field < FORM_COMMENT; field++) {
		if (form_fields[field].word == NULL || strcmp(word, form_fields[field].word) != 0)
			continue;
		rule_form_set(form, field, "%s", value);
		return 2;
	}
	rule_form_set(form, is_kind(word) ? FORM_KIND : FORM_FROM, "%s", word);
	return 1;
}

void rule_form_read(struct rule_form *form, const struct snapshot_rule *rule)
{
	char text[2 * REASON_LEN], left[DURATION_LEN];
	struct failure ignored;
	struct words words;
	uint32_t at = 0;

	memset(form, 0, sizeof(*form));
	form->changes = true;
	form->off = !rule->enabled;
	snprintf(form->key, sizeof(form->key), "%s", rule->key);
	rule_form_set(form, FORM_PLACE, "%u", rule->number);
	rule_form_set(form, FORM_COMMENT, "%s", rule->comment);
	if (rule->action < MESH_ACTIONS)
		rule_form_set(form, FORM_ACTION, "%s", mesh_action_names[rule->action]);
	if (!isnan(rule->time_left))
		rule_form_set(form, FORM_DURATION, "%s",
			duration_format(left, (uint64_t)rule->time_left));
	snprintf(text, sizeof(text), "%s%s%s%s", rule->limit, rule->limit[0] != '\0' ? " " : "",
		rule->match == MESH_MATCH_MAC ? "mac " : "", rule->key);
	if (words_split(&words, text, "a rule", &ignored) < 0)
		return;
	if (rule->limit[0] != '\0')
		rule_form_set(form, FORM_RATE, "%s", words.word[at++]);
	while (at < words.n)
		at += read_words(form, &words, at);
}

bool rule_form_has_lost(
	const struct rule_form *form, const struct snapshot *snapshot, struct failure *failure)
{
	const char *place = form->values[FORM_PLACE];
	uint64_t number;

	if (!form->changes || words_number(place, 0, MESH_RULES_MAX - 1, &number) < 0)
		return false;
	for (uint32_t i = 0; i < snapshot->mesh.n_rules; i++) {
		const struct snapshot_rule *rule = &snapshot->mesh.rules[i];
		if (rule->number == number && strcmp(rule->key, form->key) == 0)
			return false;
		if (rule->number == number)
			return failure_set(failure, -ESTALE,
				       "Rule %s is another one now: Esc, and choose yours again",
				       place) < 0;
	}
	return failure_set(failure, -ENOENT, "Rule %s is gone", place) < 0;
}
