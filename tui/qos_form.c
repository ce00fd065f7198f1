// SPDX-License-Identifier: BSD-2-Clause
#include "qos_form.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"
#include "control/action.h"
#include "model/snapshot.h"
#include "qos/shape_preset.h"
#include "rule_form_fields.h"

enum qos_field {
	QOS_WHAT,
	QOS_INTERFACE,
	QOS_WAY,
	QOS_CLASS,
	QOS_RATE,
	QOS_CEILING,
	QOS_BURST,
	QOS_DSCP,
	QOS_MODE,
	QOS_FIELDS,
};

#define FIELD(name) (1U << (name))

static const struct form_field_type fields[QOS_FIELDS] = {
	[QOS_WHAT] = { .label = "What",
		.help = "What is done",
		.choices = { "uplink", "mesh-first", "bulk-last", "rate", "mark", "police", "on",
			"off", NULL } },
	[QOS_INTERFACE] = { .label = "Interface",
		.help = "Where: eth0",
		.choices = { NULL },
		.typed = true },
	[QOS_WAY] = { .label = "Direction",
		.help = "out: what it sends; in: what it receives",
		.choices = { "out", "in", NULL } },
	[QOS_CLASS] = { .label = "Class",
		.help = "One of those in the classes view",
		.choices = { NULL },
		.typed = true },
	[QOS_RATE] = { .label = "Rate",
		.help = "Bits a second: 10Mbit/s; of a preset, a little less than the link has",
		.choices = { NULL },
		.typed = true },
	[QOS_CEILING] = { .label = "At most",
		.help = "What it may borrow up to: 20Mbit/s; empty: as it is",
		.choices = { NULL },
		.typed = true },
	[QOS_BURST] = { .label = "Burst",
		.help = "Bytes that pass at once after a pause: 30kB; empty: what TCP needs for the rate",
		.choices = { NULL },
		.typed = true },
	[QOS_DSCP] = { .label = "Code point",
		.help = "ef, af41 or 0 to 63; none: each keeps its own again",
		.choices = { "ef", "af41", "cs6", "cs1", "le", "none", NULL },
		.typed = true },
	[QOS_MODE] = { .label = "Mode",
		.help = "Which of the three; of off, none: all of them, and what was asked for is forgotten",
		.choices = { "", "mark", "police", "shape", NULL } },
};

/* Of a choice of QOS_WHAT: the fields that it has, and which of them may be empty. */
static const struct what {
	const char *name, *verb;
	uint32_t has, may_lack;
	const char *help; /* NULL: that of the preset */
} whats[] = {
	{ "uplink", "preset uplink", FIELD(QOS_RATE), 0, NULL },
	{ "mesh-first", "preset mesh-first", FIELD(QOS_RATE), 0, NULL },
	{ "bulk-last", "preset bulk-last", FIELD(QOS_RATE), 0, NULL },
	{ "rate", "rate", FIELD(QOS_CLASS) | FIELD(QOS_RATE) | FIELD(QOS_CEILING),
		FIELD(QOS_CEILING),
		"A class of an interface that is shaped gets another rate, and what it may borrow up to" },
	{ "mark", "mark", FIELD(QOS_WAY) | FIELD(QOS_CLASS) | FIELD(QOS_DSCP), 0,
		"Each packet of a class gets a code point in place of its own" },
	{ "police", "police",
		FIELD(QOS_WAY) | FIELD(QOS_CLASS) | FIELD(QOS_RATE) | FIELD(QOS_BURST),
		FIELD(QOS_BURST),
		"What a class has beyond a rate is dropped; the rate none takes that back" },
	{ "on", "on", FIELD(QOS_MODE), 0,
		"Does again what was asked for before it was switched off" },
	{ "off", "off", FIELD(QOS_MODE), FIELD(QOS_MODE),
		"Ends what is done on an interface: one mode, whose settings are kept, or all" },
};

enum { WHATS = sizeof(whats) / sizeof(whats[0]) };

static const struct what *what_of(const struct rule_form *form)
{
	for (int i = 0; i < WHATS; i++)
		if (strcmp(whats[i].name, form->values[QOS_WHAT]) == 0)
			return &whats[i];
	return &whats[0];
}

static bool uses(const struct rule_form *form, unsigned int field)
{
	return field <= QOS_INTERFACE || what_of(form)->has >> field & 1;
}

/* The words follow each other as the fields do. */
static void write_words(const struct rule_form *form, char *text, size_t size)
{
	size_t length = (size_t)snprintf(text, size, "qos %s", what_of(form)->verb);

	for (unsigned int field = QOS_INTERFACE; field < QOS_FIELDS && length < size; field++)
		if (uses(form, field) && form->values[field][0] != '\0')
			length += (size_t)snprintf(
				text + length, size - length, " %s", form->values[field]);
}

/* --- checking ------------------------------------------------------------------------------------ */

static bool is_missing(const struct rule_form *form, unsigned int field, struct failure *failure)
{
	if (field > QOS_INTERFACE && what_of(form)->may_lack >> field & 1)
		return false;
	failure_set(failure, -EINVAL, "%s is missing", fields[field].label);
	return failure_remedy(failure, "%s", fields[field].help) < 0;
}

static bool has_names(const struct rule_form *form, unsigned int field)
{
	for (uint32_t i = 0; i < form->n_names; i++)
		if (form->names[i].fields >> field & 1)
			return true;
	return false;
}

/* Names of interfaces and classes are known. */
static bool is_unknown(const struct rule_form *form, unsigned int field, struct failure *failure)
{
	const char *value = form->values[field];
	const struct form_name *name = rule_form_find_name(form, value);

	if (!has_names(form, field) || (name != NULL && name->fields >> field & 1))
		return false;
	return failure_set(failure, -ENOENT, "There is no %s %.32s",
		       field == QOS_CLASS ? "class" : "interface", value) < 0;
}

/* What is read of the field alone, where all others are right. */
static bool is_wrong(const struct rule_form *form, unsigned int field, struct failure *failure)
{
	static const char *const right[QOS_FIELDS] = { [QOS_INTERFACE] = "eth0",
		[QOS_WAY] = "out",
		[QOS_CLASS] = "bulk",
		[QOS_RATE] = "10Mbit/s",
		[QOS_DSCP] = "ef",
		[QOS_MODE] = "mark" };
	struct rule_form alone = { .type = form->type };
	struct action action = { 0 };
	char text[2 * RULE_LEN];

	for (unsigned int i = 0; i < QOS_FIELDS; i++)
		rule_form_set(&alone, i, "%s", right[i] != NULL ? right[i] : "");
	rule_form_set(&alone, QOS_WHAT, "%s", form->values[QOS_WHAT]);
	rule_form_set(&alone, field, "%s", form->values[field]);
	write_words(&alone, text, sizeof(text));
	return action_parse(text, &action, failure) < 0;
}

static bool check(const struct rule_form *form, unsigned int field, struct failure *failure)
{
	if (!uses(form, field))
		return false;
	if (form->values[field][0] == '\0')
		return is_missing(form, field, failure);
	return is_unknown(form, field, failure) || is_wrong(form, field, failure);
}

/* --- names --------------------------------------------------------------------------------------- */

static void learn(struct rule_form *form, const struct snapshot *snapshot)
{
	for (uint32_t i = 0; i < snapshot->links.n_links; i++)
		rule_form_add_name(form, "", snapshot->links.links[i].name, FIELD(QOS_INTERFACE));
	for (uint32_t i = 0; i < snapshot->tc.n_classes; i++)
		rule_form_add_name(form, "", snapshot->tc.classes[i].name, FIELD(QOS_CLASS));
}

/* Of a preset, what it will do. */
static bool help(const struct rule_form *form, unsigned int field, char *text, size_t size)
{
	const struct what *what = what_of(form);

	if (field != QOS_WHAT)
		return false;
	if (what->help != NULL)
		snprintf(text, size, "%s", what->help);
	else
		snprintf(text, size, "Sends at most a rate: %s",
			shape_preset_sentences[what - whats]);
	return true;
}

_Static_assert(
	SHAPE_UPLINK == 0 && SHAPE_BULK_LAST == 2, "the presets are the first of the choices");

static const struct form_type qos_form_type = {
	.fields = fields,
	.n_fields = QOS_FIELDS,
	.last = QOS_MODE,
	.title = "Mark, police or shape",
	.enter = "asks",
	.unused = "",
	.learn = learn,
	.uses = uses,
	.check = check,
	.write = write_words,
	.help = help,
};

/* --- beginning ----------------------------------------------------------------------------------- */

static void set_rate(struct rule_form *form, unsigned int field, double bits)
{
	char text[QUANTITY_LEN];

	if (bits >= 1)
		rule_form_set(form, field, "%sbit/s", quantity_format(text, (uint64_t)bits));
}

/* Takes what is done to a class as what may be changed. */
static void take_done(struct rule_form *form, const struct snapshot_qos_class *done)
{
	const char *what = !isnan(done->police)	   ? "police"
			   : !isnan(done->rate)	   ? "rate"
			   : done->mark[0] != '\0' ? "mark"
						   : "off";

	rule_form_set(form, QOS_WHAT, "%s", what);
	rule_form_set(form, QOS_INTERFACE, "%s", done->interface);
	rule_form_set(form, QOS_WAY, "%s", done->direction);
	rule_form_set(form, QOS_CLASS, "%s", done->class);
	rule_form_set(form, QOS_DSCP, "%s", done->mark);
	set_rate(form, QOS_RATE, isnan(done->police) ? done->rate : done->police);
	if (isnan(done->police))
		set_rate(form, QOS_CEILING, done->ceiling);
}

/* The first interface that something is done on, else the first that is up. */
static const char *usual_interface(const struct snapshot *snapshot)
{
	if (snapshot->qos.n_interfaces > 0)
		return snapshot->qos.interfaces[0].name;
	for (uint32_t i = 0; i < snapshot->links.n_links; i++)
		if (snapshot->links.links[i].state == LINK_UP)
			return snapshot->links.links[i].name;
	return "";
}

void qos_form_begin(struct rule_form *form, const struct snapshot *snapshot,
	const struct snapshot_qos_class *done, const char *class)
{
	*form = (struct rule_form) { .type = &qos_form_type };
	rule_form_set(form, QOS_WHAT, "%s", whats[0].name);
	rule_form_set(form, QOS_WAY, "%s", fields[QOS_WAY].choices[0]);
	rule_form_set(form, QOS_INTERFACE, "%s", usual_interface(snapshot));
	rule_form_set(form, QOS_CLASS, "%s", class);
	if (done != NULL)
		take_done(form, done);
}
