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

#define CLASSES_SCHEMA "x0top-classes/1"

static const char usage[] =
	"Usage: x0top classes [--json] [--config FILE]\n"
	"Lists which packets belong to which traffic class: the default table, as the\n"
	"classes of a configuration file override it. The first line that matches\n"
	"decides, in the order of the first column; packets without one are\n"
	"best_effort.\n";

/* A line of the table, "dscp", "ef", "interactive". */
struct line {
	const struct class_entry *entry;
	char match[TEXT_LEN]; /* cut after the first word */
	const char *value, *class;
	bool is_default;
};

static void split(
	const struct settings *settings, const struct class_entry *entry, struct line *line)
{
	char *at;

	line->entry = entry;
	line->is_default = classes_is_default(entry);
	line->class = settings->class_names.names[entry->class];
	classes_format(&settings->class_names, entry, line->match, sizeof(line->match));
	at = line->match + strcspn(line->match, " ");
	*at++ = '\0';
	line->value = at;
	at[strcspn(at, " ")] = '\0';
}

static void print_line(const struct line *line)
{
	const char *packets = classes_packets(line->entry);

	printf("%5u  %-9s  %-7s  %-11s  %s%s%s\n", classes_order(line->entry), line->match,
		line->value, line->class, packets,
		packets[0] != '\0' && !line->is_default ? ", " : "",
		line->is_default ? "" : "by the configuration");
}

static json_t *line_json(const struct line *line)
{
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:b}", "order", (int)classes_order(line->entry),
		"match", line->match, "value", line->value, "class", line->class, "packets",
		classes_packets(line->entry), "default", line->is_default);
}

static int print_json(const struct settings *settings)
{
	json_t *lines = json_array();
	struct line line;

	for (uint32_t i = 0; i < settings->n_classes; i++) {
		split(settings, &settings->classes[i], &line);
		json_array_append_new(lines, line_json(&line));
	}
	json_t *root = json_pack("{s:s, s:s, s:o}", "schema", CLASSES_SCHEMA, "otherwise",
		settings->class_names.names[CLASS_BEST_EFFORT], "lines", lines);
	int error = root == NULL ? -ENOMEM : json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
	return error;
}

static void print_text(const struct settings *settings)
{
	struct line line;

	printf("%5s  %-9s  %-7s  %-11s  %s\n", "ORDER", "MATCH", "VALUE", "CLASS", "PACKETS");
	for (uint32_t i = 0; i < settings->n_classes; i++) {
		split(settings, &settings->classes[i], &line);
		print_line(&line);
	}
	printf("%5s  %-9s  %-7s  %-11s  %s\n", "5", "any", "",
		settings->class_names.names[CLASS_BEST_EFFORT], "all others");
}

/* Lines that the configuration adds come behind the default ones. */
static int compare(const struct class_entry *a, const struct class_entry *b)
{
	int order = (int)classes_order(a) - (int)classes_order(b);

	return order != 0 ? order : classes_is_default(b) - classes_is_default(a);
}

static void sort(struct class_entry *entries, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++) {
		struct class_entry entry = entries[i];
		uint32_t at = i;

		for (; at > 0 && compare(&entries[at - 1], &entry) > 0; at--)
			entries[at] = entries[at - 1];
		entries[at] = entry;
	}
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
	sort(settings->classes, settings->n_classes);
	if (json)
		error = print_json(settings);
	else
		print_text(settings);
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
