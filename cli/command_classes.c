// SPDX-License-Identifier: BSD-2-Clause
/* x0top classes: lists, saves and changes the lines of the traffic classes of this host. */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/classes_check.h"
#include "cli/classes_yaml.h"
#include "cli/command.h"
#include "cli/enforcing.h"
#include "programs/settings.h"

#define CLASSES_SCHEMA "x0top-classes/2"

/* Verbs of this object may follow "x0top classes". */
#define OBJECT "class"

struct options {
	bool yes, json;
	const char *config;
};

static void print_usage(FILE *file)
{
	char forms[2048];

	verbs_format_usage(OBJECT, "x0top classes", forms, sizeof(forms));
	fprintf(file,
		"Usage: x0top classes [--json] [--yes] [--config FILE] [COMMAND]\n"
		"  %-38s %s\n"
		"  %-38s %s\n"
		"  %-38s %s\n"
		"%s",
		"x0top classes list", "show the lines, first the operator's",
		"x0top classes save [FILE]", "write what --config and load read",
		"x0top classes check PACKET", "tell which line decides", forms);
	fputs("LINE is conditions and the name of a class: dscp ef voip; udp 5060-5061 to\n"
	      "10.1.0.0/16 egress voip. Conditions: dscp NAME, tcp PORT, udp PORT, port PORT,\n"
	      "sport PORT, proto NAME, ethertype NUMBER, vlan NUMBER, PREFIX, to PREFIX,\n"
	      "on INTERFACE, cgroup PATH, ingress, egress, all; @NAME is a set of mesh rules.\n"
	      "The first line that matches decides; packets without one are best_effort.\n"
	      "PACKET is such conditions with single values, 10.1.0.7 udp 6696 dscp ef egress;\n"
	      "cgroup PATH is that of the process that sends it.\n"
	      "Every x0top that counts takes a change with its next sample.\n"
	      "--config says what lines there are where none were changed, and what reset\n"
	      "goes back to; and its audit setting holds.\n",
		file);
}

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
			is_default ? "" : "yours");
	}
	printf("%6s  %-24s  %-12s  %s\n", "", "all", class_name(lines, CLASS_BEST_EFFORT),
		"all others");
}

/* --- reading ------------------------------------------------------------------------------------ */

static int read_settings(const char *config, struct settings **settings, struct failure *failure)
{
	*settings = malloc(sizeof(**settings));
	if (*settings == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	settings_default(*settings);
	return config == NULL ? 0 : settings_read_file(*settings, config, failure);
}

static int list(const struct class_lines *lines, bool json)
{
	int error = 0;

	if (json)
		error = print_json(lines);
	else
		print_text(lines);
	return error == 0 ? EXIT_ALL_RAN : EXIT_SOME_FAILED;
}

static int save(const struct class_lines *lines, const char *path)
{
	struct saved_file saved;
	int status = yaml_create(path, &saved);

	if (status != EXIT_ALL_RAN)
		return status;
	classes_write_yaml(lines, saved.file);
	return yaml_close(&saved);
}

static int look(int argc, char **argv, const struct options *options)
{
	struct settings *settings = NULL;
	struct failure failure = { 0 };
	int status = EXIT_USAGE;

	if (read_settings(options->config, &settings, &failure) < 0) {
		command_failed(&failure, false);
	} else if (options->config == NULL && classes_read_book(&settings->classes, &failure) < 0) {
		status = command_failed(&failure, false);
	} else {
		if (argc > 0 && strcmp(argv[0], "check") == 0)
			status = classes_check(argc - 1, argv + 1, settings, options->json);
		else
			status = argc > 0 && strcmp(argv[0], "save") == 0
					 ? save(&settings->classes, argc == 2 ? argv[1] : NULL)
					 : list(&settings->classes, options->json);
	}
	free(settings);
	return status;
}

/* --- changes ------------------------------------------------------------------------------------ */

static int parse(int argc, char **argv, struct action *action, struct failure *failure)
{
	char text[RULE_LEN + NAME_LEN] = OBJECT;
	int error = command_check_verb(OBJECT, "classes", argc, argv, failure);

	if (error == 0)
		error = command_add_words(text, sizeof(text), argc, argv, failure);
	return error < 0 ? error : action_parse(text, action, failure);
}

/* Reads the files while this process may, gives up rights, and applies the change. */
static int apply(struct action *action, const struct options *options, struct failure *failure)
{
	struct settings *settings = NULL, *loaded = NULL;
	struct orchestrator *orchestrator = NULL;
	int status = EXIT_USAGE;
	int error = read_settings(options->config, &settings, failure);

	if (error == 0 && action->verb->operand == &operand_settings_file) {
		error = read_settings(action->source, &loaded, failure);
		action->loaded = loaded;
	}
	if (error == 0)
		error = enforcing_open_with(settings, &orchestrator, failure);
	if (error == 0) {
		status = enforcing_apply(orchestrator, action);
		orchestrator_close(orchestrator);
	} else {
		status = command_failed(failure, false);
	}
	free(loaded);
	free(settings);
	return status;
}

static int change(int argc, char **argv, const struct options *options)
{
	struct action action = { .actor = ACTOR_COMMAND_LINE, .confirmed = options->yes };
	struct failure failure = { 0 };

	if (parse(argc, argv, &action, &failure) < 0)
		return command_failed(&failure, false);
	return apply(&action, options, &failure);
}

int command_classes(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "yes", no_argument, NULL, 'y' },
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct options options = { 0 };

	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, ":yh", long_options, NULL)) != -1;) {
		if (option == '?' || option == ':')
			return command_wrong_option("classes", option, argv);
		if (option == 'h') {
			print_usage(stdout);
			return EXIT_ALL_RAN;
		}
		options.json |= option == 'j';
		options.yes |= option == 'y';
		options.config = option == 'c' ? optarg : options.config;
	}
	argc -= optind;
	argv += optind;
	if (argc == 0 || (argc == 1 && strcmp(argv[0], "list") == 0) ||
		(argc <= 2 && strcmp(argv[0], "save") == 0) || strcmp(argv[0], "check") == 0)
		return look(argc, argv, &options);
	return change(argc, argv, &options);
}
