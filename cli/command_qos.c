// SPDX-License-Identifier: BSD-2-Clause
/* x0top qos: marks, polices and shapes the traffic of classes on this host, and lists what is done. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "cli/command.h"
#include "cli/enforcing.h"
#include "cli/qos_print.h"
#include "cli/rollback.h"
#include "programs/programs.h"

/* Verbs of this object may follow "x0top qos". */
#define OBJECT "qos"

struct options {
	bool yes, json;
	const char *config;
	uint64_t confirm_within; /* seconds; 0: it needs no confirm */
	uint32_t audit;
};

static void print_usage(FILE *file)
{
	char forms[2048];

	verbs_format_usage(OBJECT, "x0top qos", forms, sizeof(forms));
	fprintf(file,
		"Usage: x0top qos [--json] [--yes] [--confirm-within TIME] [--config FILE]\n"
		"                 COMMAND\n"
		"  %-38s %s\n"
		"%s",
		"x0top qos list", "show what is done, and what it did", forms);
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

static int apply(struct action *action, const struct options *options)
{
	struct orchestrator *orchestrator = NULL;
	struct rollback rollback = { .alive = -1, .about = ROLLBACK_QOS };
	struct failure failure = { 0 };
	int status, error = 0;

	if (options->confirm_within > 0)
		error = rollback_start(&rollback, options->audit, &failure);
	action->confirm_within = (uint32_t)options->confirm_within;
	action->token = rollback.token;
	if (error == 0)
		error = enforcing_open_classes(action->interface, options->config, options->audit,
			&orchestrator, &failure);
	if (error < 0)
		return command_failed(&failure, false);
	status = enforcing_apply(orchestrator, action);
	if (status == EXIT_ALL_RAN && options->confirm_within > 0) {
		rollback_arm(&rollback);
		status = rollback_ask(&rollback, orchestrator);
	}
	if (status == EXIT_ALL_RAN)
		enforcing_notice(orchestrator);
	orchestrator_close(orchestrator);
	return status;
}

static int list(const struct options *options)
{
	struct orchestrator *orchestrator;
	struct failure failure = { 0 };

	if (enforcing_open(options->audit, &orchestrator, &failure) < 0)
		return command_failed(&failure, false);
	int status = qos_print(orchestrator, options->json);
	orchestrator_close(orchestrator);
	return status;
}

static int run(int argc, char **argv, const struct options *options)
{
	struct action action = { .actor = ACTOR_COMMAND_LINE, .confirmed = options->yes };
	struct failure failure = { 0 };

	if (argc == 1 && strcmp(argv[0], "list") == 0)
		return list(options);
	int error = strcmp(argv[0], "list") == 0 ? command_too_many("qos", argv[0], &failure)
						 : parse(argc, argv, &action, &failure);
	return error < 0 ? command_failed(&failure, false) : apply(&action, options);
}

static int no_time(const char *text)
{
	struct failure failure;

	failure_set(&failure, -EINVAL, "\"%.64s\" is not a length of time", text);
	failure_remedy(&failure, "Write --confirm-within 60s, 5m or 1h");
	return command_failed(&failure, false);
}

int command_qos(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "yes", no_argument, NULL, 'y' },
		{ "config", required_argument, NULL, 'c' },
		{ "confirm-within", required_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct options options = { 0 };

	for (int option; (option = getopt_long(argc, argv, "yh", long_options, NULL)) != -1;) {
		if (option == 'j')
			options.json = true;
		else if (option == 'y')
			options.yes = true;
		else if (option == 'c')
			options.config = optarg;
		else if (option == 'w' && duration_parse(optarg, &options.confirm_within) < 0)
			return no_time(optarg);
		else if (option != 'w') {
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
