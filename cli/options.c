// SPDX-License-Identifier: BSD-2-Clause
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/privilege.h"

#define RECORD_LIMIT	 1e9 /* bytes: about three days of the lab, a sample a second */
#define RECORD_LIMIT_MIN 1e5
#define RECORD_LIMIT_MAX 1e12

enum {
	OPTIONS_MAX = 40,
	VALUE_LEN = 256,
	/* Added to the index of a long option: with equal values, getopt would accept an
	 * abbreviation that fits two options. */
	LONG_OPTION = 256,
};

const struct option_description options_table[] = {
	{ "once", 0, NULL, NULL, "print one snapshot, with rates, and exit", false },
	{ "json", 0, NULL, NULL, "print it as JSON (implies --once)", false },
	{ "metrics", 0, NULL, NULL, "print Prometheus metrics (implies --once)", false },
	{ "interface", 'i', "INTERFACE", "interfaces", "watch this interface (repeatable)", false },
	{ "delay", 'd', "SECONDS", "interval", "time between samples, 0.1 to 3600 (1)", false },
	{ "only", 0, "PROGRAM", "only", "run only this program (repeatable)", false },
	{ "xdp-mode", 0, "MODE", "xdp-mode", "auto, native, generic or off", false },
	{ "syscalls", 0, "LIST", "syscalls", "system calls to measure, each variant by its name",
		false },
	{ "syscalls-attach", 0, "HOW", "syscalls-attach", "auto, kprobe or tracepoint", false },
	{ "neighbours", 0, "SOURCE", "neighbours", "source of neighbours (repeatable; all)",
		false },
	{ "trust", 0, "DIRECTORY", "trust", "trust the keys in this directory", false },
	{ "enforce", 0, NULL, "enforce", "enforce drop rules from the start", false },
	{ "pqc-mode", 0, "MODE", "pqc-mode", "signatures: off, observe or enforce", false },
	{ "pqc-port", 0, "PORT", "pqc-port", "UDP port to protect (repeatable; 26970)", false },
	{ "yes", 'y', NULL, NULL, "confirm what --enforce and --pqc-mode ask for", false },
	{ "mapek", 0, "MODE", "mapek", "MAPE-K: off, advise or act (as its policies say)", false },
	{ "mapek-policy", 0, "FILE", "mapek-policy", "what MAPE-K does about which anomaly",
		false },
	{ "mapek-knowledge", 0, "FILE", "mapek-knowledge", "what MAPE-K keeps, or none", false },
	{ "plugin", 0, "FILE", SETTINGS_PLUGINS, "run this BPF object of yours, too (repeatable)",
		false },
	{ "plugin-place", 0, "PLACE", "plugin-places",
		"where it stands in the XDP chain (repeatable)", false },
	{ "readonly", 0, NULL, "readonly", "refuse all changes", false },
	{ "small", 0, NULL, "small", "take less memory, for fewer nodes", false },
	{ "config", 0, "FILE", NULL, "read settings from this file first", false },
	{ "objects", 0, "DIRECTORY", NULL, "load BPF objects from this directory", false },
	{ "record", 0, "FILE", NULL, "append every snapshot to this file", false },
	{ "record-limit", 0, "SIZE", NULL, "end the recording at this size (1G)", false },
	{ "replay", 0, "FILE", NULL, "show the snapshots of this file", false },
	{ "attack", 0, "NAME", NULL, "lab: an attack to play (repeatable), or all", false },
	{ "listen", 0, "ADDRESS", "listen", "answer here (repeatable; " LISTEN_DEFAULT ")", true },
	{ "web-config", 0, "FILE", "web-config", "TLS, users and tokens", true },
	{ "lab", 0, NULL, NULL, "serve a mesh in network namespaces", true },
	{ "verbose", 'v', NULL, NULL, "show kernel and library messages of failures", false },
	{ "help", 'h', NULL, NULL, "show this help and exit", false },
	{ "version", 'V', NULL, NULL, "show the version and exit", false },
	{ NULL, 0, NULL, NULL, NULL, false },
};

struct parser {
	struct options *options;
	struct failure *failure;
	const char *config;
	bool given[OPTIONS_MAX]; /* the option was given before */
};

static int usage_remedy(struct failure *failure)
{
	return failure_remedy(failure, "Try x0top --help");
}

/* Builds getopt's tables from ours. */
static void make_getopt_tables(struct option *long_options, char *letters)
{
	size_t n = 0;

	/* "+": stop at the first non-option; ":": report missing arguments apart. */
	letters += sprintf(letters, "+:");
	for (const struct option_description *option = options_table; option->name != NULL;
		option++) {
		long_options[n].name = option->name;
		long_options[n].has_arg =
			option->argument != NULL ? required_argument : no_argument;
		long_options[n].val = LONG_OPTION + (int)n;
		n++;
		if (option->letter != 0)
			letters += sprintf(letters, "%c%s", option->letter,
				option->argument != NULL ? ":" : "");
	}
}

static int find_letter(int letter)
{
	for (int i = 0; options_table[i].name != NULL; i++)
		if (options_table[i].letter == letter)
			return i;
	return -1;
}

/* Prefixes a failure with the option's name. */
static int wrong_value(struct parser *parser, const char *name)
{
	char what[FAILURE_SENTENCE_LEN];

	snprintf(what, sizeof(what), "%s", parser->failure->what);
	snprintf(parser->failure->what, sizeof(parser->failure->what), "--%s: %.200s", name, what);
	if (parser->failure->remedy[0] == '\0')
		usage_remedy(parser->failure);
	return parser->failure->error;
}

/* Sets the system calls, one argument with commas. */
static int set_list(
	struct parser *parser, const struct option_description *option, const char *list)
{
	char value[VALUE_LEN];

	for (;;) {
		size_t length = strcspn(list, ",");
		snprintf(value, sizeof(value), "%.*s",
			(int)(length < VALUE_LEN ? length : VALUE_LEN), list);
		int error = settings_set(
			&parser->options->settings, option->key, value, parser->failure);
		if (error)
			return wrong_value(parser, option->name);
		if (list[length] == '\0')
			return 0;
		list += length + 1;
	}
}

/* Whoever runs a file with capabilities does not choose what it loads. */
static int refuse_borrowed(struct parser *parser, const char *name)
{
	failure_set(parser->failure, -EINVAL,
		"this x0top has file capabilities and loads only its own BPF objects");
	failure_remedy(parser->failure, "Run x0top as root to use --%s", name);
	return wrong_value(parser, name);
}

/* Sets a setting. The first value of a list replaces the file's list. */
static int set_setting(struct parser *parser, int index, const char *value)
{
	const struct option_description *option = &options_table[index];
	struct settings *settings = &parser->options->settings;

	if (strcmp(option->name, "plugin") == 0 && privilege_borrowed())
		return refuse_borrowed(parser, option->name);
	if (!parser->given[index])
		settings_clear(settings, option->key);
	if (strcmp(option->name, "syscalls") == 0)
		return set_list(parser, option, value);
	if (option->argument == NULL)
		value = "true";
	if (settings_set(settings, option->key, value, parser->failure) != 0)
		return wrong_value(parser, option->name);
	return 0;
}

static int set_objects(struct parser *parser, const char *value)
{
	struct settings *settings = &parser->options->settings;
	size_t length = strlen(value);

	if (privilege_borrowed())
		return refuse_borrowed(parser, "objects");
	if (length == 0 || length >= sizeof(settings->objects)) {
		failure_set(parser->failure, -EINVAL, "this is not a directory's path");
		return wrong_value(parser, "objects");
	}
	memcpy(settings->objects, value, length + 1);
	return 0;
}

/* Reads a number of bytes: "500k", "100M", "2G", in powers of 1000 as everywhere. */
static int set_record_limit(struct parser *parser, const char *value)
{
	static const char units[] = "kMGT";
	char *end;
	double size = strtod(value, &end);
	const char *unit = *end != '\0' ? strchr(units, *end) : NULL;

	for (const char *power = units; unit != NULL && power <= unit; power++)
		size *= 1000;
	const bool is_size =
		end != value && size >= 0 && (*end == '\0' || (unit != NULL && end[1] == '\0'));
	if (!is_size || size < RECORD_LIMIT_MIN || size > RECORD_LIMIT_MAX) {
		failure_set(parser->failure, -EINVAL,
			!is_size		  ? "\"%.40s\" is not a size"
			: size < RECORD_LIMIT_MIN ? "\"%.40s\" is less than 100k, the least"
						  : "\"%.40s\" is more than 1T, the most",
			value);
		failure_remedy(parser->failure, "Write one from 100k to 1T, like 500M or 2G");
		return wrong_value(parser, "record-limit");
	}
	parser->options->record_limit = (uint64_t)size;
	return 0;
}

static int set_option(struct parser *parser, int index, const char *value)
{
	struct options *options = parser->options;
	const char *name = options_table[index].name;

	if (options_table[index].of_serve && !options->serve) {
		failure_set(parser->failure, -EINVAL, "--%s is an option of x0top serve", name);
		return failure_remedy(parser->failure, "Write: x0top serve --%s", name);
	}

	if (options_table[index].key != NULL)
		return set_setting(parser, index, value);
	if (strcmp(name, "objects") == 0)
		return set_objects(parser, value);
	if (strcmp(name, "record-limit") == 0)
		return set_record_limit(parser, value);
	if (strcmp(name, "attack") == 0)
		return scene_choose(&options->scenes, value, parser->failure) < 0
			       ? wrong_value(parser, name)
			       : 0;
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
		{ "once", &options->once },
		{ "json", &options->json },
		{ "metrics", &options->metrics },
		{ "lab", &options->lab },
		{ "verbose", &options->verbose },
		{ "yes", &options->settings.assume_yes },
		{ "help", &options->help },
		{ "version", &options->version },
	};
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcmp(name, flags[i].name) == 0)
			*flags[i].flag = true;
	if (strcmp(name, "config") == 0)
		parser->config = value;
	if (strcmp(name, "record") == 0)
		options->record = value;
	if (strcmp(name, "replay") == 0)
		options->replay = value;
	return 0;
}

/* Reports a word that abbreviates several options, or none. */
static int unknown_word(struct parser *parser, const char *word, size_t length)
{
	char all[FAILURE_SENTENCE_LEN / 2] = "";
	size_t used = 0;

	for (const struct option_description *option = options_table; option->name != NULL;
		option++)
		if (strncmp(option->name, word + 2, length - 2) == 0 && used < sizeof(all))
			used += (size_t)snprintf(all + used, sizeof(all) - used, "%s--%s",
				used > 0 ? " or " : "", option->name);
	if (used == 0) {
		failure_set(parser->failure, -EINVAL, "Unknown option %.*s", (int)length, word);
		return usage_remedy(parser->failure);
	}
	failure_set(parser->failure, -EINVAL, "Ambiguous option %.*s", (int)length, word);
	return failure_remedy(parser->failure, "Write %s", all);
}

static int wrong_option(struct parser *parser, int result, char **argv)
{
	/* optopt holds a letter or an option that takes no value; otherwise only the word is
	 * known. musl goes beyond the last one for a value that is missing. */
	const char *word = argv[optind - 1] == NULL ? "" : argv[optind - 1];
	size_t length = strcspn(word, "=");
	int letter = optopt < LONG_OPTION ? optopt : 0;

	length = length < 64 ? length : 64;
	if (result == ':' && letter != 0)
		failure_set(parser->failure, -EINVAL, "-%c needs a value: %s", letter,
			options_table[find_letter(letter)].argument);
	else if (result == ':')
		failure_set(parser->failure, -EINVAL, "%.64s needs a value", word);
	else if (letter != 0)
		failure_set(parser->failure, -EINVAL, "Unknown option -%c", letter);
	else if (optopt >= LONG_OPTION)
		failure_set(parser->failure, -EINVAL, "--%s takes no value",
			options_table[optopt - LONG_OPTION].name);
	else
		return unknown_word(parser, word, length);
	return usage_remedy(parser->failure);
}

/* The walks along the command line: what later ones take needs what earlier ones have found. */
enum pass {
	PASS_CONFIG, /* the file, whose settings the other options override */
	PASS_PLUGINS, /* the files that programs are made of */
	PASS_OTHERS,
	PASSES,
};

static enum pass pass_of(int index)
{
	const struct option_description *option = &options_table[index];

	if (strcmp(option->name, "config") == 0)
		return PASS_CONFIG;
	return option->key != NULL && strcmp(option->key, SETTINGS_PLUGINS) == 0 ? PASS_PLUGINS
										 : PASS_OTHERS;
}

static int walk(struct parser *parser, int argc, char **argv, enum pass pass)
{
	struct option long_options[OPTIONS_MAX + 1] = { 0 };
	char letters[2 * OPTIONS_MAX + 3];
	int result;

	make_getopt_tables(long_options, letters);
	opterr = 0;
	optind = 0; /* glibc: begin anew */
	while ((result = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
		if (result == '?' || result == ':')
			return wrong_option(parser, result, argv);
		int index = result >= LONG_OPTION ? result - LONG_OPTION : find_letter(result);
		if (pass_of(index) != pass)
			continue;
		int error = set_option(parser, index, optarg);
		if (error)
			return error;
		parser->given[index] = true;
	}
	if (optind < argc) {
		failure_set(parser->failure, -EINVAL,
			"\"%.64s\" is neither an option nor a command", argv[optind]);
		return usage_remedy(parser->failure);
	}
	return 0;
}

static int check(const struct options *options, struct failure *failure)
{
	if (options->settings.readonly && options->settings.enforce)
		failure_set(failure, -EINVAL, "readonly and enforce exclude each other");
	else if (options->record != NULL && options->replay != NULL)
		failure_set(failure, -EINVAL, "--record and --replay exclude each other");
	else if (options->json && options->metrics)
		failure_set(failure, -EINVAL, "--json and --metrics exclude each other");
	else if (options->serve && options->once)
		failure_set(failure, -EINVAL, "serve excludes --once, --json and --metrics");
	else if (options->scenes.chosen != 0 && !options->settings.lab)
		failure_set(failure, -EINVAL, "--attack is an option of the lab");
	else if (options->lab && options->replay != NULL)
		failure_set(failure, -EINVAL, "--lab and --replay exclude each other");
	else
		return 0;
	return usage_remedy(failure);
}

/* Returns whether an option says what to run. */
static bool gives_settings(const struct parser *parser)
{
	for (int i = 0; options_table[i].name != NULL; i++)
		if (parser->given[i] && options_table[i].key != NULL)
			return true;
	return false;
}

int options_parse(int argc, char **argv, const struct settings *defaults, struct options *options,
	struct failure *failure)
{
	struct parser parser = { .options = options, .failure = failure };

	settings_copy(&options->settings, defaults);
	options->record_limit = (uint64_t)RECORD_LIMIT;
	int error = 0;
	for (enum pass pass = PASS_CONFIG; pass < PASSES && !error; pass++) {
		error = walk(&parser, argc, argv, pass);
		if (!error && pass == PASS_CONFIG && parser.config != NULL)
			error = settings_read_file(&options->settings, parser.config, failure);
	}
	/* A missing --config file is a wrong command line, too: exit status 2. */
	if (error)
		return failure->error = -EINVAL;
	options->plain = parser.config == NULL && options->settings.objects[0] == '\0' &&
			 !gives_settings(&parser);
	if (options->replay != NULL && parser.given[find_letter('d')])
		options->pace = options->settings.interval;
	options->all = options->json && options->replay != NULL && !options->once;
	options->once |= options->json || options->metrics;
	return options->help || options->version ? 0 : check(options, failure);
}

void options_print_help(FILE *file)
{
	fputs("Usage: x0top [OPTIONS]                        this host\n"
	      "       x0top lab [OPTIONS]                    a mesh in network namespaces\n"
	      "       x0top serve [OPTIONS]                  metrics and samples by HTTP\n"
	      "       x0top rules|sets|qos|classes|keys|programs|plugins\n"
	      "       x0top bench|probe|peer|fleet|mapek|help      see x0top help\n\n",
		file);
	for (const struct option_description *option = options_table; option->name != NULL;
		option++) {
		char left[64];
		snprintf(left, sizeof(left), "%c%c%c --%s%s%s", option->letter != 0 ? '-' : ' ',
			option->letter != 0 ? option->letter : ' ', option->letter != 0 ? ',' : ' ',
			option->name, option->argument != NULL ? " " : "",
			option->argument != NULL ? option->argument : "");
		fprintf(file, "  %-27s %s%s\n", left, option->of_serve ? "serve: " : "",
			option->help);
	}
}
