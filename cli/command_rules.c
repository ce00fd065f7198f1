// SPDX-License-Identifier: BSD-2-Clause
/* x0top rules: lists and changes the mesh rules enforced on this host. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/rules_check.h"
#include "control/orchestrator.h"
#include "kernel/messages.h"
#include "model/format.h"
#include "model/names.h"

/* Verbs of this object may follow "x0top rules". */
#define OBJECT "rule"

static void print_usage(FILE *file)
{
	char forms[1024];

	verbs_format_usage(OBJECT, "x0top rules", forms, sizeof(forms));
	fprintf(file,
		"Usage: x0top rules [--yes] [--config FILE] COMMAND\n"
		"  %-38s %s\n"
		"  %-38s %s\n"
		"%s"
		"RULE is an action, pass, drop, count or limit RATE (1000/s, 10Mbit/s), and\n"
		"conditions: PREFIX (10.1.0.0/16, fd00::/8), to PREFIX, mac ADDRESS, tcp PORT,\n"
		"udp PORT, proto NAME, port PORT, sport PORT, ethertype NUMBER, vlan NUMBER,\n"
		"in INTERFACE, unreadable, all. The lowest number that matches decides.\n"
		"Changes the rules of a mesh filter that enforces on this host. An observing\n"
		"filter takes its rules from the configuration file and the dashboard's keys.\n"
		"A change that cuts your own connection needs a yes on the terminal, or --yes.\n"
		"PACKET is such conditions with single values, 10.1.0.7 to 10.1.0.1 udp 6696\n"
		"sport 1000 in eth0, or [in INTERFACE] pcap FILE[:NUMBER], a frame of a capture.\n"
		"--config takes the audit setting of that file: \"audit: required\" refuses what\n"
		"cannot be logged.\n",
		"x0top rules list", "show the rules", "x0top rules [--json] check PACKET",
		"tell which rule decides, and why", forms);
}

static int print_rules(struct orchestrator *orchestrator)
{
	struct snapshot *snapshot = snapshot_open();

	if (snapshot == NULL)
		return command_no_memory();
	orchestrator_sample(orchestrator, NULL, snapshot);
	if (!snapshot->mesh.available) {
		struct failure failure;
		snapshot_close(snapshot);
		if (orchestrator_must_enforce(orchestrator, &failure) == 0)
			failure_set(
				&failure, -ENOENT, "The mesh rules of this host cannot be read");
		return command_failed(&failure, false);
	}
	printf("%6s  %-5s %-6s %-40s %10s\n", "NUMBER", "STATE", "ACTION", "KEY", "PACKETS");
	for (uint32_t i = 0; i < snapshot->mesh.n_rules; i++) {
		const struct snapshot_rule *rule = &snapshot->mesh.rules[i];
		char packets[FORMAT_LEN];
		printf("%6u  %-5s %-6s %-40s %10s\n", rule->number, rule->enabled ? "on" : "off",
			mesh_action_names[rule->action], rule->key,
			format_count(packets, (double)rule->traffic.packets.total));
	}
	snapshot_close(snapshot);
	return EXIT_ALL_RAN;
}

/* Joins the words after "x0top rules" to an action's text. */
static void join(int argc, char **argv, char *text, size_t size)
{
	size_t length = (size_t)snprintf(text, size, OBJECT);

	for (int i = 0; i < argc && length < size; i++)
		length += (size_t)snprintf(text + length, size - length, " %s", argv[i]);
}

/* Returns whether a verb of the object has this word and as many operands, none or some. */
static bool is_verb(const char *word, int argc)
{
	const struct verb *verb;

	for (uint32_t i = 0; (verb = verb_at(i)) != NULL; i++)
		if (strcmp(verb->object, OBJECT) == 0 && strcmp(verb->word, word) == 0)
			return (verb->operand != NULL) == (argc > 1);
	return false;
}

static int change(struct orchestrator *orchestrator, int argc, char **argv, bool yes)
{
	struct failure failure = { 0 };
	struct action action = { .actor = ACTOR_COMMAND_LINE, .confirmed = yes };
	char text[RULE_LEN];

	if (!is_verb(argv[0], argc)) {
		failure_set(&failure, -EINVAL, "\"%.64s\" is not a command of x0top rules%s",
			argv[0], argc == 1 ? ", or lacks its operand" : "");
		failure_remedy(&failure, "Try x0top rules --help");
		return command_failed(&failure, false);
	}
	join(argc, argv, text, sizeof(text));
	if (action_parse(text, &action, &failure) < 0)
		return command_failed(&failure, false);
	int error = orchestrator_apply(orchestrator, &action, &failure);
	if (error == 0 && orchestrator_unaudited(orchestrator) != NULL)
		command_failed(orchestrator_unaudited(orchestrator), false);
	if (error < 0)
		return command_failed(&failure, false);
	action_format(&action, text, sizeof(text));
	printf("%s: done%s\n", text, orchestrator_done(orchestrator));
	return EXIT_ALL_RAN;
}

static int run(int argc, char **argv, bool yes, uint32_t audit)
{
	struct settings *settings = calloc(1, sizeof(*settings));
	struct orchestrator *orchestrator;
	struct failure failure = { 0 };
	int status;

	if (settings == NULL)
		return command_no_memory();
	messages_capture(false);
	settings_default(settings);
	settings->adopt_only = true;
	settings->confirm = command_confirm;
	settings->audit = audit;
	int error = command_confine(&failure);
	if (error == 0)
		error = orchestrator_open(settings, &orchestrator, &failure);
	free(settings);
	if (error < 0)
		return command_failed(&failure, false);
	if (argc == 1 && strcmp(argv[0], "list") == 0)
		status = print_rules(orchestrator);
	else
		status = change(orchestrator, argc, argv, yes);
	if (status == EXIT_ALL_RAN && orchestrator_notice(orchestrator)[0] != '\0')
		fprintf(stderr, "x0top: %s.\n", orchestrator_notice(orchestrator));
	orchestrator_close(orchestrator);
	return status;
}

int command_rules(int argc, char **argv)
{
	static const struct option options[] = {
		{ "yes", no_argument, NULL, 'y' },
		{ "json", no_argument, NULL, 'j' },
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *config = NULL;
	uint32_t audit;
	bool yes = false, json = false;

	for (int option; (option = getopt_long(argc, argv, "yh", options, NULL)) != -1;) {
		if (option == 'y') {
			yes = true;
		} else if (option == 'j') {
			json = true;
		} else if (option == 'c') {
			config = optarg;
		} else {
			print_usage(option == 'h' ? stdout : stderr);
			return option == 'h' ? EXIT_ALL_RAN : EXIT_USAGE;
		}
	}
	if (optind == argc) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[optind], "check") == 0)
		return rules_check(argc - optind, argv + optind, json);
	int status = command_audit_policy(config, &audit);
	return status == EXIT_ALL_RAN ? run(argc - optind, argv + optind, yes, audit) : status;
}
