// SPDX-License-Identifier: BSD-2-Clause
#include "plugins/show_tags.h"

#include <stdio.h>
#include <string.h>

#include "base/words.h"

#define PREFIX "x0:"

void show_tags_find(struct show_tag_list *list, const struct btf *btf)
{
	const uint32_t n = btf != NULL ? btf__type_cnt(btf) : 0;

	list->btf = btf;
	list->n = 0;
	for (uint32_t id = 1; id < n && list->n < SHOW_TAGS_MAX; id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);
		if (type == NULL || !btf_is_decl_tag(type))
			continue;
		const char *words = btf__name_by_offset(btf, type->name_off);
		if (words == NULL || strncmp(words, PREFIX, strlen(PREFIX)) != 0)
			continue;
		list->tags[list->n].type = type->type;
		list->tags[list->n].member = btf_decl_tag(type)->component_idx;
		list->tags[list->n++].words = words + strlen(PREFIX);
	}
}

/* --- words ------------------------------------------------------------------------------------ */

struct word {
	const char *at; /* "unit=ns"; not terminated */
	size_t length;
	const char *value; /* behind the "="; NULL: it has none */
};

static bool is(const struct word *word, const char *text)
{
	return word->length == strlen(text) && strncmp(word->at, text, word->length) == 0;
}

/* Copies the value of a word of that name. Returns whether it is one. */
static bool take(const struct word *word, const char *name, char *to, size_t size)
{
	const size_t named = strlen(name);

	if (word->value == NULL || (size_t)(word->value - word->at) != named + 1 ||
		strncmp(word->at, name, named) != 0)
		return false;
	snprintf(to, size, "%.*s", (int)(word->length - named - 1), word->value);
	return true;
}

static bool take_role(const struct word *word, struct show_tags *tags)
{
	const bool sum = is(word, "gauge=sum");

	if (is(word, "counter"))
		tags->role = PLUGIN_COUNTER;
	else if (is(word, "gauge") || is(word, "gauge=max") || sum)
		tags->role = PLUGIN_GAUGE;
	else
		return false;
	tags->sum = sum;
	return true;
}

static bool take_flag(const struct word *word, struct show_tags *tags)
{
	const struct {
		const char *word;
		bool *flag;
	} flags[] = {
		{ "hist=log2", &tags->histogram },
		{ "address", &tags->address },
		{ "big", &tags->big },
		{ "text", &tags->text },
		{ "sort", &tags->sort },
		{ "hidden", &tags->hidden },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (is(word, flags[i].word))
			return *flags[i].flag = true;
	return false;
}

static void take_word(const struct word *word, struct show_tags *tags)
{
	if (take(word, "name", tags->name, sizeof(tags->name)) ||
		take(word, "unit", tags->unit, sizeof(tags->unit)) ||
		take(word, "help", tags->help, sizeof(tags->help)) ||
		take(word, "event", tags->event, sizeof(tags->event)) ||
		take(word, "before", tags->before, sizeof(tags->before)) ||
		take(word, "after", tags->after, sizeof(tags->after)) || take_role(word, tags) ||
		take_flag(word, tags))
		return;
	if (tags->unknown[0] != '\0')
		return;
	snprintf(tags->unknown, sizeof(tags->unknown), "%.*s", (int)word->length, word->at);
	words_make_printable(tags->unknown);
}

static void read_words(const char *words, struct show_tags *tags)
{
	while (words[0] != '\0') {
		struct word word = { .at = words, .length = strcspn(words, ",") };
		if (strncmp(words, "help=", strlen("help=")) == 0)
			word.length = strlen(words);
		word.value = memchr(words, '=', word.length);
		if (word.value != NULL)
			word.value++;
		take_word(&word, tags);
		words += word.length;
		words += words[0] == ',';
	}
}

void show_tags_read(
	const struct show_tag_list *list, uint32_t type, int member, struct show_tags *tags)
{
	for (uint32_t i = 0; i < list->n; i++)
		if (list->tags[i].type == type && list->tags[i].member == member)
			read_words(list->tags[i].words, tags);
}
