// SPDX-License-Identifier: BSD-2-Clause
/* x0top rules: the mesh rules that are enforced on this host, from a script. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "control/orchestrator.h"
#include "kernel/messages.h"
#include "model/format.h"
#include "model/names.h"

static const char usage[] =
	"Usage: x0top rules list\n"
	"       x0top rules add pass|drop KEY\n"
	"       x0top rules on|off|remove NUMBER\n"
	"KEY is a prefix (10.1.0.0/16, fd00::/8), mac ADDRESS, tcp PORT or udp PORT.\n"
	"Changes the rules of a mesh filter that enforces on this host. Rules of a filter that\n"
	"only observes come from the configuration file, or from the dashboard's keys.\n";

static int print_rules(struct orchestrator *orchestrator)
{
	struct snapshot *snapshot = snapshot_open();

	if (snapshot == NULL)
		return EXIT_SOME_FAILED;
	orchestrator_sample(orchestrator, NULL, snapshot);
	if (!snapshot->mesh.available) {
		struct failure failure;
		snapshot_close(snapshot);
		failure_set(&failure, -ENOENT, "No mesh filter enforces on this host");
		failure_remedy(&failure, "x0top --enforce starts one that does");
		return command_failed(&failure, false);
	}
	printf("%6s  %-5s %-4s %-40s %10s\n", "NUMBER", "STATE", "DO", "KEY", "PACKETS");
	for (uint32_t i = 0; i < snapshot->mesh.n_rules; i++) {
		const struct snapshot_rule *rule = &snapshot->mesh.rules[i];
		char packets[FORMAT_LEN];
		printf("%6u  %-5s %-4s %-40s %10s\n", rule->number, rule->enabled ? "on" : "off",
			mesh_action_names[rule->action], rule->key,
			format_count(packets, (double)rule->traffic.packets.total));
	}
	snapshot_close(snapshot);
	return EXIT_ALL_RAN;
}

/* Joins the words behind "x0top rules" to an action's text. */
static void join(int argc, char **argv, char *text, size_t size)
{
	size_t length = (size_t)snprintf(text, size, "rule");

	for (int i = 1; i < argc && length < size; i++)
		length += (size_t)snprintf(text + length, size - length, " %s", argv[i]);
}

static int change(struct orchestrator *orchestrator, int argc, char **argv)
{
	struct failure failure = { 0 };
	struct action action = { .actor = ACTOR_COMMAND_LINE };
	char text[256];

	join(argc, argv, text, sizeof(text));
	if (action_parse(text, &action, &failure) < 0)
		return command_failed(&failure, false);
	int error = orchestrator_apply(orchestrator, &action, &failure);
	if (error == 0 && orchestrator_unaudited(orchestrator) != NULL)
		command_failed(orchestrator_unaudited(orchestrator), false);
	return error < 0 ? command_failed(&failure, false) : EXIT_ALL_RAN;
}

int command_rules(int argc, char **argv)
{
	struct settings *settings = calloc(1, sizeof(*settings));
	struct orchestrator *orchestrator;
	struct failure failure = { 0 };
	int status;

	if (argc < 2 || strcmp(argv[1], "--help") == 0 || settings == NULL) {
		fputs(usage, argc < 2 ? stderr : stdout);
		free(settings);
		return argc < 2 ? EXIT_USAGE : EXIT_ALL_RAN;
	}
	messages_capture(false);
	settings_default(settings);
	settings->adopt_only = true;
	int error = orchestrator_open(settings, &orchestrator, &failure);
	free(settings);
	if (error < 0)
		return command_failed(&failure, false);
	if (strcmp(argv[1], "list") == 0 && argc == 2)
		status = print_rules(orchestrator);
	else
		status = change(orchestrator, argc, argv);
	orchestrator_close(orchestrator);
	return status;
}
