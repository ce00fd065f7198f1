// SPDX-License-Identifier: BSD-2-Clause
/* x0top sets: lists, searches and changes the sets that mesh rules name. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/changing.h"
#include "cli/command.h"
#include "cli/enforcing.h"
#include "cli/rollback.h"
#include "cli/sets_print.h"
#include "mesh/set_file.h"
#include "programs/programs.h"

/* Verbs of this object may follow "x0top sets". */
#define OBJECT "set"

static void print_usage(FILE *file)
{
	char forms[2048];

	verbs_format_usage(OBJECT, "x0top sets", forms, sizeof(forms));
	fprintf(file,
		"Usage: x0top sets [--json] [--yes] [--confirm-within TIME] [--config FILE]\n"
		"                  COMMAND\n"
		"  %-38s %s\n"
		"  %-38s %s\n"
		"  %-38s %s\n"
		"%s"
		"Rules name a set in place of a value: drop from @blocklist. A file has an\n"
		"element a line; what follows a blank, # or ; is a comment. KIND, or\n"
		"--kind KIND, is prefixes (addresses, 10.1.0.0/16, 10.1.0.1-10.1.0.9), macs,\n"
		"ports (22, 20-25) or nodes (their ids); without it, the first element tells.\n"
		"Changes the sets of a mesh filter that enforces on this host.\n"
		"--confirm-within undoes a change unless x0top rules confirm, or a yes on the\n"
		"terminal, comes in that time.\n",
		"x0top sets list", "show the sets", "x0top sets show NAME [SEARCH]",
		"show elements with SEARCH in them", "x0top sets test NAME ELEMENT",
		"tell whether a set holds it", forms);
}

/* --- reading ------------------------------------------------------------------------------------ */

static int read_command(struct orchestrator *orchestrator, char **words, int n, bool json)
{
	static const struct {
		const char *word;
		int least, most;
		int (*print)(const struct mesh_sets *sets, char **operands, int n, bool json);
	} commands[] = {
		{ "list", 1, 1, sets_print_list },
		{ "show", 2, 3, sets_print_elements },
		{ "test", 3, 3, sets_print_test },
	};
	struct failure failure = { 0 };

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(words[0], commands[i].word) != 0 || n < commands[i].least ||
			n > commands[i].most)
			continue;
		struct mesh_sets *sets = orchestrator_sets(orchestrator, &failure);
		if (sets == NULL)
			return command_failed(&failure, false);
		int status = commands[i].print(sets, words + 1, n - 1, json);
		sets_free(sets);
		return status;
	}
	return -1;
}

/* A word that reads, with too few operands or too many. */
static int wrong_operands(const char *word, int argc, struct failure *failure)
{
	if (strcmp(word, "list") == 0 || argc > 3)
		return command_too_many("sets", word, failure);
	return command_lacks(
		"sets", word, strcmp(word, "test") == 0 ? "NAME ELEMENT" : "NAME", failure);
}

/* --- changes ------------------------------------------------------------------------------------ */

/* Joins the words after "x0top sets" to an action's text, with --kind behind them. */
static int parse(int argc, char **argv, const struct change_options *options, struct action *action,
	struct failure *failure)
{
	char text[320] = OBJECT, *kind = options->kind;
	int error = command_add_words(text, sizeof(text), argc, argv, failure);

	if (error == 0 && kind != NULL)
		error = command_add_words(text, sizeof(text), 1, &kind, failure);
	return error < 0 ? error : action_parse(text, action, failure);
}

/* Reads the file of an action while this process may: it gives up root's rights. */
static int read_file(struct action *action, struct set_elements *elements, struct failure *failure)
{
	if (action->verb != &mesh_filter_verbs[MESH_FILTER_SET_LOAD])
		return 0;
	elements->kind = action->kind;
	action->elements = elements;
	return set_read_file(elements, action->source, failure);
}

static int open_for(const struct action *action, const struct change_options *options,
	struct orchestrator **orchestrator, struct failure *failure)
{
	(void)action;
	return enforcing_open(options->audit, orchestrator, failure);
}

static int change(int argc, char **argv, const struct change_options *options)
{
	struct action action = { .actor = ACTOR_COMMAND_LINE, .confirmed = options->yes };
	struct set_elements elements = { 0 };
	struct failure failure = { 0 };
	int error = command_check_verb(OBJECT, "sets", argc, argv, &failure);

	if (error == 0)
		error = parse(argc, argv, options, &action, &failure);
	if (error == 0)
		error = read_file(&action, &elements, &failure);
	int status = error < 0 ? command_failed(&failure, false)
			       : changing_apply(&action, options, ROLLBACK_RULES, open_for);
	free(elements.list);
	return status;
}

static int look(int argc, char **argv, const struct change_options *options)
{
	struct orchestrator *orchestrator = NULL;
	struct failure failure = { 0 };
	int status = -1, error = enforcing_open(options->audit, &orchestrator, &failure);

	if (error == 0)
		status = read_command(orchestrator, argv, argc, options->json);
	if (error == 0 && status < 0)
		error = wrong_operands(argv[0], argc, &failure);
	if (error < 0)
		status = command_failed(&failure, false);
	orchestrator_close(orchestrator);
	return status;
}

int command_sets(int argc, char **argv)
{
	struct change_options options = { .takes_kind = true };
	int status = changing_options(argc, argv, print_usage, &options);

	if (status >= 0)
		return status;
	const char *word = argv[optind];
	bool looks =
		strcmp(word, "list") == 0 || strcmp(word, "show") == 0 || strcmp(word, "test") == 0;
	return looks ? look(argc - optind, argv + optind, &options)
		     : change(argc - optind, argv + optind, &options);
}
