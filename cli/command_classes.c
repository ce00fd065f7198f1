// SPDX-License-Identifier: BSD-2-Clause
/* x0top classes: shows the table of traffic classes, the default one or as a file overrides it. */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "model/names.h"
#include "programs/settings.h"

#define CLASSES_SCHEMA "x0top-classes/2"

static const char usage[] =
	"Usage: x0top classes [--json] [--config FILE]\n"
	"Lists which packets belong to which traffic class: the lines of a configuration\n"
	"file, and behind them those of the default table. The first line that matches\n"
	"decides; packets without one are best_effort.\n";

static const char *class_name(const struct class_lines *lines, uint8_t class)
{
	return lines->names.names[class % TRAFFIC_CLASSES];
}

static int print_json(const struct class_lines *lines)
{
	json_t *list = json_array();
	char conditions[RULE_LEN];

	for (uint32_t i = 0; i < lines->n; i++) {
		const struct class_line *line = &lines->lines[i];
		classes_format_conditions(line, conditions, sizeof(conditions));
		json_array_append_new(list,
			json_pack("{s:i, s:s, s:s, s:s, s:b}", "number", (int)i, "conditions",
				conditions, "class", class_name(lines, line->class), "packets",
				classes_packets(line), "default", classes_is_default(lines, line)));
	}
	json_t *root = json_pack("{s:s, s:s, s:o}", "schema", CLASSES_SCHEMA, "otherwise",
		class_name(lines, CLASS_BEST_EFFORT), "lines", list);
	int error = root == NULL ? -ENOMEM : json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
	return error;
}

static void print_text(const struct class_lines *lines)
{
	char conditions[RULE_LEN];

	printf("%6s  %-24s  %-12s  %s\n", "NUMBER", "CONDITIONS", "CLASS", "PACKETS");
	for (uint32_t i = 0; i < lines->n; i++) {
		const struct class_line *line = &lines->lines[i];
		const char *packets = classes_packets(line);
		bool is_default = classes_is_default(lines, line);
		classes_format_conditions(line, conditions, sizeof(conditions));
		printf("%6u  %-24s  %-12s  %s%s%s\n", i, conditions, class_name(lines, line->class),
			packets, packets[0] != '\0' && !is_default ? ", " : "",
			is_default ? "" : "by the configuration");
	}
	printf("%6s  %-24s  %-12s  %s\n", "", "all", class_name(lines, CLASS_BEST_EFFORT),
		"all others");
}

static int show(const char *config, bool json)
{
	struct settings *settings = malloc(sizeof(*settings));
	struct failure failure = { 0 };
	int error = 0;

	if (settings == NULL)
		return command_no_memory();
	settings_default(settings);
	if (config != NULL && settings_read_file(settings, config, &failure) < 0) {
		free(settings);
		command_failed(&failure, false);
		return EXIT_USAGE;
	}
	if (json)
		error = print_json(&settings->classes);
	else
		print_text(&settings->classes);
	free(settings);
	return error == 0 && fflush(stdout) == 0 ? EXIT_ALL_RAN : EXIT_SOME_FAILED;
}

int command_classes(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *config = NULL;
	bool json = false;

	for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
		if (option == 'h' || option == '?') {
			fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? EXIT_ALL_RAN : EXIT_USAGE;
		}
		json |= option == 'j';
		config = option == 'c' ? optarg : config;
	}
	if (optind == argc)
		return show(config, json);
	fputs(usage, stderr);
	return EXIT_USAGE;
}
