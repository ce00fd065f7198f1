// SPDX-License-Identifier: BSD-2-Clause
/* x0top sets: lists, searches and changes the sets that mesh rules name. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/enforcing.h"
#include "cli/sets_print.h"
#include "mesh/set_file.h"
#include "programs/programs.h"

/* Verbs of this object may follow "x0top sets". */
#define OBJECT "set"

struct options {
	bool yes, json;
	const char *config;
	char *kind;
	uint32_t audit;
};

static void print_usage(FILE *file)
{
	char forms[2048];

	verbs_format_usage(OBJECT, "x0top sets", forms, sizeof(forms));
	fprintf(file,
		"Usage: x0top sets [--json] [--yes] [--config FILE] COMMAND\n"
		"  %-38s %s\n"
		"  %-38s %s\n"
		"  %-38s %s\n"
		"%s"
		"Rules name a set in place of a value: drop from @blocklist. A file has an\n"
		"element a line; what follows a blank, # or ; is a comment. KIND, or\n"
		"--kind KIND, is prefixes (addresses, 10.1.0.0/16, 10.1.0.1-10.1.0.9), macs,\n"
		"ports (22, 20-25) or nodes (their ids); without it, the first element tells.\n"
		"Changes the sets of a mesh filter that enforces on this host.\n",
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
static int parse(int argc, char **argv, const struct options *options, struct action *action,
	struct failure *failure)
{
	char text[320] = OBJECT;
	int error = command_add_words(text, sizeof(text), argc, argv, failure);

	if (error == 0 && options->kind != NULL)
		error = command_add_words(text, sizeof(text), 1, &options->kind, failure);
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

static int run(int argc, char **argv, const struct options *options)
{
	struct action action = { .actor = ACTOR_COMMAND_LINE, .confirmed = options->yes };
	struct set_elements elements = { 0 };
	struct orchestrator *orchestrator = NULL;
	struct failure failure = { 0 };
	bool reads = strcmp(argv[0], "list") == 0 || strcmp(argv[0], "show") == 0 ||
		     strcmp(argv[0], "test") == 0;
	int status = -1, error = 0;

	if (!reads)
		error = command_check_verb(OBJECT, "sets", argc, argv, &failure);
	if (!reads && error == 0)
		error = parse(argc, argv, options, &action, &failure);
	if (!reads && error == 0)
		error = read_file(&action, &elements, &failure);
	if (error == 0)
		error = enforcing_open(options->audit, &orchestrator, &failure);
	if (error == 0)
		status = reads ? read_command(orchestrator, argv, argc, options->json)
			       : enforcing_apply(orchestrator, &action);
	if (error == 0 && status < 0)
		error = wrong_operands(argv[0], argc, &failure);
	if (error < 0)
		status = command_failed(&failure, false);
	orchestrator_close(orchestrator);
	free(elements.list);
	return status;
}

int command_sets(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "yes", no_argument, NULL, 'y' },
		{ "config", required_argument, NULL, 'c' },
		{ "kind", required_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct options options = { 0 };

	for (int option; (option = getopt_long(argc, argv, "yh", long_options, NULL)) != -1;) {
		if (option == 'j') {
			options.json = true;
		} else if (option == 'y') {
			options.yes = true;
		} else if (option == 'c') {
			options.config = optarg;
		} else if (option == 'k') {
			options.kind = optarg;
		} else {
			print_usage(option == 'h' ? stdout : stderr);
			return option == 'h' ? EXIT_ALL_RAN : EXIT_USAGE;
		}
	}
	if (optind == argc) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	int status = command_audit_policy(options.config, &options.audit);
	return status == EXIT_ALL_RAN ? run(argc - optind, argv + optind, &options) : status;
}
