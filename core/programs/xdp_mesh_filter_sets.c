// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_mesh_filter_sets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "mesh/set_change.h"
#include "mesh/set_file.h"
#include "model/names.h"
#include "neighbours/feed.h"
#include "programs/program.h"
#include "qos/class_book.h"

#define FILE_USAGE "NAME FILE [KIND]"
#define FEED_USAGE "NAME SOURCES [KIND]"

/* --- operands -------------------------------------------------------------------------------- */

static int take_name(const char *name, struct action *action, struct failure *failure)
{
	if (name[0] == '@')
		name++;
	if (!sets_name_valid(name)) {
		failure_set(failure, -EINVAL, "\"%.64s\" cannot be the name of a set", name);
		return failure_remedy(failure, "Write up to %d letters, digits, \"-\" and \"_\"",
			MESH_SET_NAME_LEN - 1);
	}
	snprintf(action->set, sizeof(action->set), "%s", name);
	return 0;
}

static int take_source(const char *text, struct action *action, struct failure *failure)
{
	size_t length = strlen(text);

	if (length >= sizeof(action->source))
		return failure_set(failure, -EINVAL, "\"%.32s...\" is longer than %zu characters",
			text, sizeof(action->source) - 1);
	memcpy(action->source, text, length + 1);
	return 0;
}

static int take_kind(const char *name, struct action *action, struct failure *failure)
{
	int kind = names_find(mesh_set_kind_names, name);

	if (kind < 0)
		return failure_set(failure, -EINVAL,
			"\"%.32s\" is not a kind of set: prefixes, macs, ports or nodes", name);
	action->kind = (uint32_t)kind;
	return 0;
}

/* Splits an operand into `least` to `most` words. */
static int split(struct words *words, const char *text, const char *usage, uint32_t least,
	uint32_t most, struct failure *failure)
{
	int error = words_split(words, text, "a set", failure);

	if (error == 0 && (words->n < least || words->n > most))
		return failure_set(failure, -EINVAL, "Write %s", usage);
	return error;
}

/* Reads a name, where the set is from, and perhaps its kind. */
static int parse_source(
	const char *text, const char *usage, struct action *action, struct failure *failure)
{
	struct words words;
	int error = split(&words, text, usage, 2, 3, failure);

	if (error == 0)
		error = take_name(words.word[0], action, failure);
	if (error == 0)
		error = take_source(words.word[1], action, failure);
	action->kind = MESH_SET_KINDS;
	return error == 0 && words.n == 3 ? take_kind(words.word[2], action, failure) : error;
}

static int parse_file(const char *text, struct action *action, struct failure *failure)
{
	return parse_source(text, FILE_USAGE, action, failure);
}

static void format_file(const struct action *action, char *text, size_t size)
{
	snprintf(text, size, "%s %s%s%s", action->set, action->source,
		action->kind < MESH_SET_KINDS ? " " : "",
		action->kind < MESH_SET_KINDS ? mesh_set_kind_names[action->kind] : "");
}

const struct operand mesh_set_operand_file = { FILE_USAGE, parse_file, format_file };

static int parse_feed(const char *text, struct action *action, struct failure *failure)
{
	uint32_t feed;
	int error = parse_source(text, FEED_USAGE, action, failure);

	if (error == 0)
		error = feed_parse(action->source, &feed, failure);
	if (error == 0 && (action->kind == MESH_SET_PORTS || action->kind == MESH_SET_NODES))
		return failure_set(failure, -EINVAL, "A set of %s cannot follow anything",
			mesh_set_kind_names[action->kind]);
	return error;
}

const struct operand mesh_set_operand_feed = { FEED_USAGE, parse_feed, format_file };

static int parse_element(const char *text, struct action *action, struct failure *failure)
{
	struct words words;
	int error = split(&words, text, mesh_set_operand_element.usage, 2, 2, failure);

	if (error == 0)
		error = take_name(words.word[0], action, failure);
	return error == 0 ? take_source(words.word[1], action, failure) : error;
}

static void format_element(const struct action *action, char *text, size_t size)
{
	snprintf(text, size, "%s %s", action->set, action->source);
}

const struct operand mesh_set_operand_element = { "NAME ELEMENT", parse_element, format_element };

static int parse_name(const char *text, struct action *action, struct failure *failure)
{
	struct words words;
	int error = split(&words, text, mesh_set_operand_name.usage, 1, 1, failure);

	return error == 0 ? take_name(words.word[0], action, failure) : error;
}

static void format_name(const struct action *action, char *text, size_t size)
{
	snprintf(text, size, "%s", action->set);
}

const struct operand mesh_set_operand_name = { "NAME", parse_name, format_name };

/* --- changes --------------------------------------------------------------------------------- */

int mesh_set_prepare_load(
	const struct verb_call *call, struct set_change *change, struct failure *failure)
{
	const struct action *action = call->action;
	struct set_elements read = { .kind = action->kind };
	struct mesh_set set = { .origin = MESH_ORIGIN_FILE };
	int error = 0;

	snprintf(set.name, sizeof(set.name), "%s", action->set);
	snprintf(set.source, sizeof(set.source), "%s", action->source);
	if (action->elements == NULL)
		error = set_read_file(&read, action->source, failure);
	const struct set_elements *elements = action->elements != NULL ? action->elements : &read;
	if (error == 0)
		error = set_change_take(change, &set, elements, failure);
	if (error == 0)
		snprintf(call->done, DONE_LEN, ", %u element%s read", elements->n,
			elements->n == 1 ? "" : "s");
	free(read.list);
	return error;
}

static int prepare_add(
	const struct verb_call *call, struct set_change *change, struct failure *failure)
{
	return set_change_edit(change, call->action->set, true, call->action->source, failure);
}

static int prepare_remove(
	const struct verb_call *call, struct set_change *change, struct failure *failure)
{
	return set_change_edit(change, call->action->set, false, call->action->source, failure);
}

/* Returns the line of the traffic classes that names a set, or -ENOENT. */
static int class_line_naming(const char *set)
{
	struct class_lines *lines = malloc(sizeof(*lines));
	struct class_book book = { .fd = -1 };
	int line = -ENOENT;

	if (lines != NULL && class_book_open(&book) == 0 && class_book_read(&book, lines) == 0)
		line = classes_name_set(lines, set);
	class_book_close(&book);
	free(lines);
	return line;
}

static int prepare_delete(
	const struct verb_call *call, struct set_change *change, struct failure *failure)
{
	int line = class_line_naming(call->action->set);

	if (line >= 0) {
		failure_set(failure, -EBUSY, "Line %d of the traffic classes names the set @%s",
			line, call->action->set);
		return failure_remedy(
			failure, "Delete the line first: x0top classes delete %u", (uint32_t)line);
	}
	return set_change_forget(change, call->action->set, failure);
}

/* Returns how the change of a verb is prepared. */
static mesh_prepare *prepare_of(const struct verb_call *call)
{
	static const struct {
		const char *word;
		mesh_prepare *prepare;
	} verbs[] = {
		{ "load", mesh_set_prepare_load },
		{ "add", prepare_add },
		{ "remove", prepare_remove },
		{ "delete", prepare_delete },
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].word, call->action->verb->word) == 0)
			return verbs[i].prepare;
	return NULL;
}

enum decision mesh_set_decide(const struct verb_call *call, char *sentence, size_t size)
{
	return mesh_change_decide(call, prepare_of(call), sentence, size);
}

int mesh_set_apply(const struct verb_call *call, struct failure *failure)
{
	return mesh_change_apply(call, prepare_of(call), failure);
}
