// SPDX-License-Identifier: BSD-2-Clause
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

const struct option_description options_table[] = {
	{ "once", 0, NULL, NULL, "print one snapshot and leave: two samples, --delay apart" },
	{ "json", 0, NULL, NULL, "print it as JSON (with --once)" },
	{ "interface", 'i', "NAME", "interfaces", "watch this interface; may be repeated" },
	{ "xdp-mode", 0, "MODE", "xdp-mode", "auto (default), native, generic or off" },
	{ "delay", 'd', "SECONDS", "interval", "time between samples (1)" },
	{ "only", 0, "PROGRAM", "only", "run this program only; may be repeated" },
	{ "syscalls", 0, "NAME", "syscalls", "trace this system call; may be repeated" },
	{ "syscalls-attach", 0, "HOW", "syscalls-attach", "auto (default), kprobe or tracepoint" },
	{ "enforce", 0, NULL, "enforce", "let the mesh filter drop what its rules say" },
	{ "readonly", 0, NULL, "readonly", "refuse every change" },
	{ "config", 0, "FILE", NULL, "read this configuration file" },
	{ "record", 0, "FILE", NULL, "append every sample to a file" },
	{ "replay", 0, "FILE", NULL, "show a recording instead of this host" },
	{ "objects", 0, "FOLDER", NULL, "load FOLDER/<program>.bpf.o, not the built-in programs" },
	{ "verbose", 'v', NULL, NULL, "show what libbpf and the kernel say" },
	{ "version", 0, NULL, NULL, "print the version" },
	{ "help", 0, NULL, NULL, "print this" },
	{ 0 },
};

enum { OPTIONS_MAX = sizeof(options_table) / sizeof(options_table[0]) };

/* What getopt_long() returns for an option without a letter: its place in the table, from here on. */
#define LONG_ONLY 256

static void fill_getopt(struct option longs[OPTIONS_MAX], char letters[3 * OPTIONS_MAX])
{
	char *letter = letters;

	*letter++ = ':'; /* tell a missing argument from an unknown option */
	for (int i = 0; i < OPTIONS_MAX; i++) {
		const struct option_description *option = &options_table[i];
		longs[i] = (struct option) { option->name,
			option->argument ? required_argument : no_argument, NULL,
			option->letter ? option->letter : LONG_ONLY + i };
		if (option->letter == 0)
			continue;
		*letter++ = option->letter;
		if (option->argument != NULL)
			*letter++ = ':';
	}
	*letter = '\0';
}

static const struct option_description *find(int code)
{
	if (code >= LONG_ONLY)
		return &options_table[code - LONG_ONLY];
	for (const struct option_description *option = options_table; option->name; option++)
		if (option->letter == code)
			return option;
	return NULL;
}

/* The options that are no settings: flags and file names. */
static int set_own(
	struct options *options, const char *name, const char *value, struct failure *failure)
{
	const struct {
		const char *name;
		bool *flag;
		const char **text;
	} own[] = {
		{ "once", &options->once, NULL },
		{ "json", &options->json, NULL },
		{ "verbose", &options->verbose, NULL },
		{ "help", &options->help, NULL },
		{ "version", &options->version, NULL },
		{ "config", NULL, &options->config },
		{ "record", NULL, &options->record },
		{ "replay", NULL, &options->replay },
	};
	char *objects = options->settings.objects;

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (strcmp(own[i].name, name) != 0)
			continue;
		if (own[i].flag != NULL)
			*own[i].flag = true;
		else
			*own[i].text = value;
		return 0;
	}
	if (strlen(value) >= sizeof(options->settings.objects))
		return failure_set(
			failure, -EINVAL, "The folder %.32s... has too long a name", value);
	strcpy(objects, value);
	return 0;
}

/* Options replace what a configuration file says of the same: the first value of a list clears it. */
static int set_setting(struct options *options, const struct option_description *option,
	const char *value, bool *cleared, struct failure *failure)
{
	if (settings_key_is_list(option->key) && !*cleared)
		settings_clear(&options->settings, option->key);
	*cleared = true;
	return settings_set(&options->settings, option->key, value ? value : "true", failure);
}

static int wrong_usage(int code, char **argv, struct failure *failure)
{
	const char *given = argv[optind - 1];

	if (code == ':')
		failure_set(failure, -EINVAL, "The option %s needs a value", given);
	else
		failure_set(failure, -EINVAL, "There is no option %s", given);
	return failure_remedy(failure, "x0top --help lists the options");
}

/* Goes over the command line once. With `files_only`, takes nothing but --config. */
static int parse(
	int argc, char **argv, bool files_only, struct options *options, struct failure *failure)
{
	struct option longs[OPTIONS_MAX];
	char letters[3 * OPTIONS_MAX];
	bool cleared[OPTIONS_MAX] = { false };
	int code, error = 0;

	fill_getopt(longs, letters);
	optind = 0; /* begin anew, glibc's way */
	opterr = 0;
	while (error == 0 && (code = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct option_description *option = find(code);
		if (code == '?' || code == ':' || option == NULL)
			return wrong_usage(code, argv, failure);
		if (files_only && strcmp(option->name, "config") != 0)
			continue;
		if (option->key == NULL)
			error = set_own(options, option->name, optarg, failure);
		else
			error = set_setting(
				options, option, optarg, &cleared[option - options_table], failure);
	}
	if (error == 0 && optind < argc) {
		failure_set(failure, -EINVAL, "x0top does not know what to do with \"%.64s\"",
			argv[optind]);
		return failure_remedy(failure, "x0top --help lists the commands and options");
	}
	return error;
}

int options_parse(int argc, char **argv, const struct settings *defaults, struct options *options,
	struct failure *failure)
{
	*options = (struct options) { .settings = *defaults };
	/* The file first, wherever --config stands: options go over it. */
	int error = parse(argc, argv, true, options, failure);

	if (error == 0 && options->config != NULL)
		error = settings_read_file(&options->settings, options->config, failure);
	if (error == 0)
		error = parse(argc, argv, false, options, failure);
	if (error == 0 && options->json && !options->once) {
		failure_set(failure, -EINVAL, "--json goes with --once");
		return failure_remedy(failure, "x0top --once --json");
	}
	return error;
}

void options_print_help(FILE *file)
{
	fputs("Usage: x0top [OPTION]...           the dashboard\n"
	      "       x0top --once [OPTION]...    one snapshot as text, or --json\n"
	      "       x0top lab [OPTION]...       the same in a lab mesh with live traffic\n"
	      "       x0top rules list|add|on|off|remove    the mesh rules that are enforced here\n"
	      "       x0top programs list|down    what x0top left on this host, and removing it\n"
	      "\n"
	      "Shows, and lets you switch, the eBPF side of a mesh node.\n"
	      "\n",
		file);
	for (const struct option_description *option = options_table; option->name; option++) {
		char left[48];
		snprintf(left, sizeof(left), "%s%c%s--%s%s%s", option->letter ? "-" : " ",
			option->letter ? option->letter : ' ', option->letter ? ", " : "  ",
			option->name, option->argument ? " " : "",
			option->argument ? option->argument : "");
		fprintf(file, "  %-28s %s\n", left, option->help);
	}
	fputs("\nIn the dashboard, ? shows the keys. More: man x0top\n", file);
}
