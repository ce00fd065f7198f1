// SPDX-License-Identifier: BSD-2-Clause
#include "class_form.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/words.h"
#include "control/action.h"
#include "mesh/resolve.h"
#include "model/snapshot.h"
#include "rule_form_fields.h"

enum class_field {
	CLASS_NAME,
	CLASS_FROM,
	CLASS_TO,
	CLASS_PROTOCOL,
	CLASS_PORT,
	CLASS_SOURCE_PORT,
	CLASS_DSCP,
	CLASS_INTERFACE,
	CLASS_DIRECTION,
	CLASS_CGROUP,
	CLASS_ETHERTYPE,
	CLASS_VLAN,
	CLASS_FIELDS,
	/* Not shown: the word of the verb, and the number of the line. */
	CLASS_VERB = CLASS_FIELDS,
	CLASS_NUMBER,
	CLASS_VALUES,
};

_Static_assert((int)CLASS_VALUES <= (int)FORM_FIELDS, "a form has room for all values");

#define FIELD(name) (1U << (name))

static const struct form_field_type fields[CLASS_FIELDS] = {
	[CLASS_NAME] = { .label = "Class",
		.help = "Which class these packets get: one there is, or a new name",
		.typed = true },
	[CLASS_FROM] = { .label = "From",
		.word = "from",
		.help = "Source: 10.1.0.0/16, fd00::/8; or a set, @name",
		.typed = true,
		.takes_sets = true,
		.dimension = MESH_BY_SOURCE },
	[CLASS_TO] = { .label = "To",
		.word = "to",
		.help = "Destination: 10.1.0.0/16, fd00::/8; or a set, @name",
		.typed = true,
		.takes_sets = true,
		.dimension = MESH_BY_DESTINATION },
	[CLASS_PROTOCOL] = { .label = "Protocol",
		.word = "proto",
		.help = "tcp, udp, icmp, icmpv6, ospf, sctp or a number",
		.choices = { "", "tcp", "udp", "icmp", "icmpv6", NULL },
		.typed = true },
	[CLASS_PORT] = { .label = "Port",
		.word = "port",
		.help = "Of either end, 5060 or 5060-5061; beside a source port, of the receiver",
		.typed = true },
	[CLASS_SOURCE_PORT] = { .label = "Source port",
		.word = "sport",
		.help = "Of the sender alone: 53, or 5000-6000",
		.typed = true },
	[CLASS_DSCP] = { .label = "Code point",
		.word = "dscp",
		.help = "ef, af41 or 0 to 63",
		.choices = { "", "ef", "af41", "cs6", "cs1", "le", NULL },
		.typed = true },
	[CLASS_INTERFACE] = { .label = "Interface",
		.word = "on",
		.help = "Where packets are counted: eth0",
		.typed = true },
	[CLASS_DIRECTION] = { .label = "Direction",
		.help = "Only what is received, or sent; empty: both",
		.choices = { "", "ingress", "egress", NULL } },
	[CLASS_CGROUP] = { .label = "Cgroup",
		.word = "cgroup",
		.help = "What its processes send: system.slice/ssh.service",
		.typed = true },
	[CLASS_ETHERTYPE] = { .label = "Ethertype",
		.word = "ethertype",
		.help = "Behind VLAN tags: 0x0806 for ARP, 0x4305 for batman-adv",
		.typed = true },
	[CLASS_VLAN] = { .label = "VLAN",
		.word = "vlan",
		.help = "Outermost tag: 0 to 4095",
		.typed = true },
};

static bool uses(const struct rule_form *form, unsigned int field)
{
	(void)form;
	(void)field;
	return true;
}

static void add(char *text, size_t size, const char *word, const char *value)
{
	const size_t length = strlen(text);

	snprintf(text + length, size - length, "%s%s%s%s", length > 0 ? " " : "",
		word != NULL ? word : "", word != NULL ? " " : "", value);
}

/* Writes the conditions, "all" without any, and the class. */
static void write_line(const struct rule_form *form, char *text, size_t size)
{
	bool any = false;

	for (unsigned int field = CLASS_NAME + 1; field < CLASS_FIELDS; field++) {
		if (form->values[field][0] == '\0')
			continue;
		any = true;
		add(text, size, fields[field].word, form->values[field]);
	}
	if (!any)
		add(text, size, NULL, "all");
	add(text, size, NULL, form->values[CLASS_NAME]);
}

static void write_words(const struct rule_form *form, char *text, size_t size)
{
	snprintf(text, size, "class %s", form->values[CLASS_VERB]);
	if (form->values[CLASS_NUMBER][0] != '\0')
		add(text, size, NULL, form->values[CLASS_NUMBER]);
	write_line(form, text, size);
}

/* A line of this field alone is read as any other. */
static bool check(const struct rule_form *form, unsigned int field, struct failure *failure)
{
	struct rule_form alone = { .type = form->type };
	struct action action = { 0 };
	char text[2 * RULE_LEN];

	if (field == CLASS_NAME && form->values[field][0] == '\0') {
		failure_set(failure, -EINVAL, "The class is missing");
		return failure_remedy(failure, "A class is missing: choose one, or write a name") <
		       0;
	}
	if (form->values[field][0] == '\0')
		return false;
	rule_form_set(&alone, CLASS_VERB, "add");
	rule_form_set(&alone, CLASS_NAME, "bulk");
	rule_form_set(&alone, field, "%s", form->values[field]);
	write_words(&alone, text, sizeof(text));
	return action_parse(text, &action, failure) < 0;
}

static void learn_set(struct rule_form *form, const struct snapshot_mesh_set *set)
{
	uint32_t of = 0;

	for (unsigned int field = CLASS_FROM; field <= CLASS_TO; field++)
		if (resolve_takes((uint32_t)fields[field].dimension, set->kind))
			of |= FIELD(field);
	if (of != 0)
		rule_form_add_name(form, "@", set->name, of);
}

static void learn(struct rule_form *form, const struct snapshot *snapshot)
{
	for (uint32_t i = 0; i < snapshot->tc.n_classes; i++)
		rule_form_add_name(form, "", snapshot->tc.classes[i].name, FIELD(CLASS_NAME));
	for (uint32_t i = 0; i < snapshot->mesh.n_sets; i++)
		if (snapshot->mesh.sets[i].kind < MESH_SET_KINDS)
			learn_set(form, &snapshot->mesh.sets[i]);
	for (uint32_t i = 0; i < snapshot->links.n_links; i++)
		rule_form_add_name(form, "", snapshot->links.links[i].name, FIELD(CLASS_INTERFACE));
}

static const struct form_type class_form_type = {
	.fields = fields,
	.n_fields = CLASS_FIELDS,
	.last = CLASS_VLAN,
	.title = "A line of the traffic classes",
	.enter = "puts it in force",
	.unused = "",
	.learn = learn,
	.uses = uses,
	.check = check,
	.write = write_words,
};

/* --- beginning ----------------------------------------------------------------------------------- */

void class_form_add(struct rule_form *form, const struct snapshot_class_line *before)
{
	*form = (struct rule_form) { .type = &class_form_type };
	rule_form_set(form, CLASS_VERB, "%s", before != NULL ? "insert" : "add");
	rule_form_set(form, CLASS_NAME, "bulk");
	if (before != NULL)
		rule_form_set(form, CLASS_NUMBER, "%u", before->number);
}

/* Reads one condition, of a word and perhaps a value. Returns how many words. */
static uint32_t read_words(struct rule_form *form, const struct words *words, uint32_t at)
{
	const char *word = words->word[at], *value = at + 1 < words->n ? words->word[at + 1] : "";

	if (strcmp(word, "tcp") == 0 || strcmp(word, "udp") == 0) {
		rule_form_set(form, CLASS_PROTOCOL, "%s", word);
		rule_form_set(form, CLASS_PORT, "%s", value);
		return 2;
	}
	if (strcmp(word, "in") == 0) /* as lines are written */
		word = fields[CLASS_INTERFACE].word;
	for (unsigned int field = CLASS_NAME; field < CLASS_FIELDS; field++) {
		if (fields[field].word == NULL || strcmp(word, fields[field].word) != 0)
			continue;
		rule_form_set(form, field, "%s", value);
		return 2;
	}
	if (strcmp(word, "ingress") == 0 || strcmp(word, "egress") == 0)
		rule_form_set(form, CLASS_DIRECTION, "%s", word);
	else if (strcmp(word, "all") != 0)
		rule_form_set(form, CLASS_FROM, "%s", word);
	return 1;
}

void class_form_change(struct rule_form *form, const struct snapshot_class_line *line)
{
	struct failure ignored;
	struct words words;

	*form = (struct rule_form) { .type = &class_form_type };
	snprintf(form->key, sizeof(form->key), "%s", line->conditions);
	rule_form_set(form, CLASS_VERB, "edit");
	rule_form_set(form, CLASS_NUMBER, "%u", line->number);
	rule_form_set(form, CLASS_NAME, "%s", line->class);
	if (words_split(&words, line->conditions, "a line", &ignored) < 0)
		return;
	for (uint32_t at = 0; at < words.n;)
		at += read_words(form, &words, at);
}
