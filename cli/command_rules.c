// SPDX-License-Identifier: BSD-2-Clause
/* x0top rules: lists, saves and changes the mesh rules enforced on this host. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/changing.h"
#include "cli/command.h"
#include "cli/enforcing.h"
#include "cli/rollback.h"
#include "cli/rules_check.h"
#include "cli/rules_print.h"
#include "programs/programs.h"

/* Verbs of this object may follow "x0top rules". */
#define OBJECT "rule"

static void print_usage(FILE *file)
{
	char forms[2048];

	verbs_format_usage(OBJECT, "x0top rules", forms, sizeof(forms));
	fprintf(file,
		"Usage: x0top rules [--json] [--yes] [--confirm-within TIME] [--config FILE]\n"
		"                   COMMAND\n"
		"  %-38s %s\n"
		"  %-38s %s\n"
		"  %-38s %s\n"
		"%s",
		"x0top rules list", "show the rules and the policy", "x0top rules save [FILE]",
		"write what --config and load read", "x0top rules check PACKET",
		"tell which rule decides, and why", forms);
	fputs("RULE is an action, pass, drop, count or limit RATE (1000/s, 10Mbit/s),\n"
	      "conditions: PREFIX (10.1.0.0/16, fd00::/8), to PREFIX, mac ADDRESS,\n"
	      "tcp PORT, udp PORT,\n"
	      "proto NAME, port PORT, sport PORT, ethertype NUMBER, vlan NUMBER, in INTERFACE,\n"
	      "unreadable, arp, nd, dhcp, all; and notes: for TIME (90s, 10m, 2d), until DATE,\n"
	      "origin NAME, comment TEXT. The lowest number that matches decides.\n"
	      "ARP, neighbour discovery and DHCP are dropped only by rules that name them.\n"
	      "Changes the rules of a mesh filter that enforces on this host. An observing\n"
	      "filter takes its rules from the configuration file and the dashboard's keys.\n"
	      "A change that cuts your own connection needs a yes on the terminal, or --yes.\n"
	      "--confirm-within undoes a change unless x0top rules confirm, or a yes on the\n"
	      "terminal, comes in that time, whatever becomes of this x0top.\n"
	      "PACKET is such conditions with single values, 10.1.0.7 to 10.1.0.1 udp 6696\n"
	      "sport 1000 in eth0, or [in INTERFACE] pcap FILE[:NUMBER], a frame of a capture;\n"
	      "--json answers in JSON.\n"
	      "--config takes the audit setting of that file: \"audit: required\" refuses what\n"
	      "cannot be logged.\n",
		file);
}

/* --- changes ------------------------------------------------------------------------------------ */

static int parse(int argc, char **argv, struct action *action, struct failure *failure)
{
	char text[RULE_LEN + NAME_LEN] = OBJECT;
	int error = command_add_words(text, sizeof(text), argc, argv, failure);

	return error < 0 ? error : action_parse(text, action, failure);
}

/* Reads the file of an action while this process may: it gives up root's rights. */
static int read_file(struct action *action, struct settings **loaded, struct failure *failure)
{
	if (action->verb != &mesh_filter_verbs[MESH_FILTER_RULE_LOAD])
		return 0;
	*loaded = malloc(sizeof(**loaded));
	if (*loaded == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	settings_default(*loaded);
	action->loaded = *loaded;
	int error = settings_read_file(*loaded, action->source, failure);
	if (error < 0 || (*loaded)->rules_file[0] != '\0')
		return error;
	/* It may have been cut, or be another file. */
	failure_set(failure, -EINVAL, "%.100s says nothing of rules", action->source);
	return failure_remedy(failure, "Write \"rules: []\" for none, or x0top rules flush");
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
	struct settings *loaded = NULL;
	struct failure failure = { 0 };
	bool looks = strcmp(argv[0], "list") == 0 || strcmp(argv[0], "save") == 0;
	int error = looks ? command_too_many("rules", argv[0], &failure)
			  : command_check_verb(OBJECT, "rules", argc, argv, &failure);

	if (error == 0)
		error = parse(argc, argv, &action, &failure);
	if (error == 0)
		error = read_file(&action, &loaded, &failure);
	int status = error < 0 ? command_failed(&failure, false)
			       : changing_apply(&action, options, ROLLBACK_RULES, open_for);
	free(loaded);
	return status;
}

/* --- reading ------------------------------------------------------------------------------------ */

static int look(int argc, char **argv, const struct change_options *options)
{
	struct orchestrator *orchestrator;
	struct failure failure = { 0 };
	int error = enforcing_open(options->audit, &orchestrator, &failure);

	if (error < 0)
		return command_failed(&failure, false);
	int status = strcmp(argv[0], "list") == 0
			     ? rules_print(orchestrator, options->json)
			     : rules_save(orchestrator, argc == 2 ? argv[1] : NULL);
	if (status == EXIT_ALL_RAN) {
		rollback_notice(orchestrator);
		enforcing_notice(orchestrator);
	}
	orchestrator_close(orchestrator);
	return status;
}

static int run(int argc, char **argv, const struct change_options *options)
{
	bool looks = (argc == 1 && strcmp(argv[0], "list") == 0) ||
		     (argc <= 2 && strcmp(argv[0], "save") == 0);

	return looks ? look(argc, argv, options) : change(argc, argv, options);
}

int command_rules(int argc, char **argv)
{
	struct change_options options = { 0 };
	int status = changing_options(argc, argv, print_usage, &options);

	if (status >= 0)
		return status;
	if (strcmp(argv[optind], "check") == 0)
		return rules_check(argc - optind, argv + optind, options.json);
	return run(argc - optind, argv + optind, &options);
}
