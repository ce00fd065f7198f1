// SPDX-License-Identifier: BSD-2-Clause
/* x0top qos: marks, polices and shapes the traffic of classes on this host, and lists what is done. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/changing.h"
#include "cli/classes_yaml.h"
#include "cli/command.h"
#include "cli/enforcing.h"
#include "cli/qos_print.h"
#include "cli/rollback.h"
#include "control/qos_lines.h"
#include "programs/programs.h"

/* Verbs of this object may follow "x0top qos". */
#define OBJECT "qos"

static void print_usage(FILE *file)
{
	char forms[2048];

	verbs_format_usage(OBJECT, "x0top qos", forms, sizeof(forms));
	fprintf(file,
		"Usage: x0top qos [--json] [--yes] [--confirm-within TIME] [--config FILE]\n"
		"                 COMMAND\n"
		"  %-38s %s\n"
		"  %-38s %s\n"
		"%s",
		"x0top qos list", "show what is done, and what it did", "x0top qos save [FILE]",
		"write what load reads, and classes", forms);
	fputs("A preset takes the rate of the link, as 10Mbit/s: a little less than it has, so\n"
	      "that packets wait here, where the urgent pass the others, and not in a modem.\n"
	      "DSCP is a code point, as ef, af41 or 0 to 63; BURST is in bytes, as 30kB.\n"
	      "\"none\" takes back. What is done\n"
	      "goes on when x0top exits, and is the next one's. An interface with a qdisc of\n"
	      "somebody else is not shaped. The class of your own connection is not policed\n"
	      "below 64kbit/s. --confirm-within undoes a change unless x0top qos confirm, or a\n"
	      "yes on the terminal, comes in that time, whatever becomes of this x0top.\n",
		file);
}

/* --- changes --------------------------------------------------------------------------------- */

static int parse(int argc, char **argv, struct action *action, struct failure *failure)
{
	char text[RULE_LEN + NAME_LEN] = OBJECT;
	int error = command_check_verb(OBJECT, "qos", argc, argv, failure);

	if (error == 0)
		error = command_add_words(text, sizeof(text), argc, argv, failure);
	return error < 0 ? error : action_parse(text, action, failure);
}

static int open_for(const struct action *action, const struct change_options *options,
	struct orchestrator **orchestrator, struct failure *failure)
{
	return enforcing_open_classes(
		action, options->config, options->audit, orchestrator, failure);
}

static int list(const struct change_options *options)
{
	struct orchestrator *orchestrator = NULL;
	struct failure failure = { 0 };
	int status;

	if (enforcing_open(options->audit, &orchestrator, &failure) < 0 ||
		orchestrator_must_know(orchestrator, &failure) < 0)
		status = command_failed(&failure, false);
	else
		status = qos_print(orchestrator, options->json);
	orchestrator_close(orchestrator);
	return status;
}

static int write_file(const struct qos_lines *lines, const char *path)
{
	struct settings *settings = malloc(sizeof(*settings));
	struct failure failure = { 0 };
	struct saved_file saved;

	if (settings == NULL)
		return command_no_memory();
	settings_default(settings);
	int status = classes_read_book(&settings->classes, &failure) < 0
			     ? command_failed(&failure, false)
			     : yaml_create(path, &saved);
	if (status == EXIT_ALL_RAN) {
		classes_write_yaml(&settings->classes, saved.file);
		fputs(lines->n > 0 ? "qos:\n" : "qos: []\n", saved.file);
		for (uint32_t i = 0; i < lines->n; i++)
			fprintf(saved.file, "  - \"%s\"\n", lines->text[i]);
		status = yaml_close(&saved);
	}
	free(settings);
	return status;
}

static int save(const char *path, const struct change_options *options)
{
	struct qos_lines *lines = malloc(sizeof(*lines));
	struct orchestrator *orchestrator = NULL;
	struct failure failure = { 0 };
	int status;

	if (lines == NULL)
		return command_no_memory();
	if (enforcing_open(options->audit, &orchestrator, &failure) < 0 ||
		orchestrator_must_know(orchestrator, &failure) < 0 ||
		qos_lines_read(orchestrator, "", false, lines, &failure) < 0)
		status = command_failed(&failure, false);
	else
		status = write_file(lines, path);
	orchestrator_close(orchestrator);
	free(lines);
	return status;
}

/* Reads the file of a change while this process may; its classes are those that it names. */
static int read_file(struct action *action, struct change_options *options,
	struct settings **loaded, struct failure *failure)
{
	*loaded = NULL;
	if (action->verb->operand != &operand_settings_file)
		return 0;
	*loaded = malloc(sizeof(**loaded));
	if (*loaded == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to read the file");
	settings_default(*loaded);
	action->loaded = *loaded;
	int error = settings_read_file(*loaded, action->source, failure);
	if (error == 0 && options->config == NULL && (*loaded)->classes.n_own > 0)
		options->config = action->source;
	return error;
}

static int change(int argc, char **argv, struct change_options *options)
{
	struct action action = { .actor = ACTOR_COMMAND_LINE, .confirmed = options->yes };
	struct settings *loaded = NULL;
	struct failure failure = { 0 };
	int error = parse(argc, argv, &action, &failure);

	if (error == 0)
		error = read_file(&action, options, &loaded, &failure);
	int status = error < 0 ? command_failed(&failure, false)
			       : changing_apply(&action, options, ROLLBACK_QOS, open_for);
	free(loaded);
	return status;
}

static int run(int argc, char **argv, struct change_options *options)
{
	const bool lists = strcmp(argv[0], "list") == 0, saves = strcmp(argv[0], "save") == 0;
	struct failure failure = { 0 };

	if (argc > (saves ? 2 : 1) && (lists || saves)) {
		command_too_many("qos", argv[0], &failure);
		return command_failed(&failure, false);
	}
	if (lists)
		return list(options);
	return saves ? save(argc == 2 ? argv[1] : NULL, options) : change(argc, argv, options);
}

int command_qos(int argc, char **argv)
{
	struct change_options options = { 0 };
	int status = changing_options(argc, argv, print_usage, &options);

	return status < 0 ? run(argc - optind, argv + optind, &options) : status;
}
