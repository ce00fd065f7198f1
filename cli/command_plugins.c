// SPDX-License-Identifier: BSD-2-Clause
/* x0top plugins: lists, checks and signs BPF objects of the operator's. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "kernel/messages.h"
#include "plugins/plugin_file.h"
#include "plugins/plugin_load.h"
#include "plugins/plugin_sign.h"
#include "plugins/plugins.h"
#include "programs/settings_place.h"

static const char usage[] =
	"Usage: x0top plugins list [--config FILE]\n"
	"       x0top plugins check [--verbose] FILE...\n"
	"       x0top plugins sign FILE... --key KEY\n"
	"  list    list the BPF objects that x0top runs, and what keeps others off\n"
	"  check   say what a file would be, who trusts it, and what the kernel's\n"
	"          verifier says; --verbose shows all of that\n"
	"  sign    write FILE.sig, by a private key of x0top keys generate NAME\n";

struct plugins_options {
	const char *config, *key;
	bool verbose;
};

/* --- list ------------------------------------------------------------------------------------ */

static void print_hooks(const struct plugin *plugin)
{
	static const char *const names[PLUGIN_HOOKS] = {
		[PLUGIN_XDP] = "XDP", [PLUGIN_TC] = "TC", [PLUGIN_TRACE] = "tracing"
	};
	const char *separator = "";

	for (uint32_t hook = 0; hook < PLUGIN_HOOKS; hook++) {
		if (!(plugin->hooks & 1U << hook))
			continue;
		printf("%s%s", separator, names[hook]);
		separator = ", ";
	}
}

static void print_plugin(const struct plugin *plugin)
{
	printf("%-31s %s\n  ", plugin->name, plugin->path);
	if (plugin->refused.error < 0) {
		printf("refused: %s.\n", plugin->refused.what);
		if (plugin->refused.remedy[0] != '\0')
			printf("  %s.\n", plugin->refused.remedy);
		return;
	}
	print_hooks(plugin);
	if (plugin->behind[0] != '\0')
		printf(" behind %s", plugin->behind);
	printf(plugin->signer[0] != '\0' ? "; signed by %s\n" : "; of root%s\n", plugin->signer);
}

static int list_of(const struct settings *settings)
{
	struct plugins *plugins = plugins_read(settings);
	const struct plugin *plugin;
	int status = EXIT_ALL_RAN;
	uint32_t n = 0;

	if (plugins == NULL)
		return command_no_memory();
	for (; (plugin = plugins_at(plugins, n)) != NULL; n++) {
		print_plugin(plugin);
		if (plugin->refused.error < 0)
			status = EXIT_SOME_FAILED;
	}
	if (plugins_place_failure(plugins) != NULL)
		status = command_failed(plugins_place_failure(plugins), false);
	if (plugins_failure(plugins) != NULL)
		status = command_failed(plugins_failure(plugins), false);
	else if (n == 0)
		puts("No plugins: " PLUGIN_FOLDER " holds no *" PLUGIN_SUFFIX
		     ", and the configuration names none.");
	plugins_free(plugins);
	return status;
}

static int list(const char *config)
{
	struct settings *settings = malloc(sizeof(*settings));
	struct failure failure;
	int status = EXIT_USAGE;

	if (settings == NULL)
		return command_no_memory();
	settings_default(settings);
	if (config != NULL && settings_read_file(settings, config, &failure) < 0)
		command_failed(&failure, false);
	else
		status = list_of(settings);
	free(settings);
	return status;
}

/* --- check ----------------------------------------------------------------------------------- */

/* Loads it as it will be loaded, and attaches nothing. */
static int check(const char *path, bool verbose)
{
	struct plugin *plugin = calloc(1, sizeof(*plugin));
	struct failure failure = { 0 };
	bool passes = false;

	if (plugin == NULL)
		return command_no_memory();
	plugin_read(plugin, path);
	int error = plugin->refused.error < 0 ? plugin->refused.error
					      : plugin_try(plugin, &passes, &failure);
	if (plugin->refused.error < 0)
		failure = plugin->refused;
	if (error == 0) {
		printf("%s: good\n  ", plugin->path);
		print_hooks(plugin);
		if (plugin->place.where != PLACE_LAST)
			printf(" %s %s", place_names[plugin->place.where], plugin->place.stage);
		if (plugin->hooks & (1U << PLUGIN_XDP | 1U << PLUGIN_TC))
			fputs(passes ? "; passes every packet"
				     : "; can drop, change or redirect packets",
				stdout);
		printf(plugin->signer[0] != '\0' ? "; signed by %s\n" : "\n", plugin->signer);
	}
	plugin_free(plugin);
	free(plugin);
	return error == 0 ? EXIT_ALL_RAN : command_failed(&failure, verbose);
}

static int check_all(int n, char **files, bool verbose)
{
	int status = EXIT_ALL_RAN;

	messages_capture(false);
	for (int i = 0; i < n; i++) {
		int one = check(files[i], verbose);
		status = one == EXIT_ALL_RAN ? status : one;
	}
	return status;
}

/* --- sign ------------------------------------------------------------------------------------ */

static int sign_all(int n, char **files, const char *key)
{
	struct failure failure;

	for (int i = 0; i < n; i++) {
		if (plugin_sign(files[i], key, &failure) < 0)
			return command_failed(&failure, false);
		printf("Wrote %s" PLUGIN_SIGNATURE ".\n", files[i]);
	}
	return EXIT_ALL_RAN;
}

/* --- the command line ------------------------------------------------------------------------ */

static int run(int argc, char **argv, const struct plugins_options *options)
{
	if (argc == 1 && options->key == NULL && strcmp(argv[0], "list") == 0)
		return list(options->config);
	if (argc > 1 && options->key == NULL && options->config == NULL &&
		strcmp(argv[0], "check") == 0)
		return check_all(argc - 1, argv + 1, options->verbose);
	if (argc > 1 && options->key != NULL && options->config == NULL &&
		strcmp(argv[0], "sign") == 0)
		return sign_all(argc - 1, argv + 1, options->key);
	fputs(usage, stderr);
	return EXIT_USAGE;
}

int command_plugins(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "key", required_argument, NULL, 'k' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct plugins_options given = { 0 };

	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, ":k:vh", options, NULL)) != -1;) {
		switch (option) {
		case 'c':
			given.config = optarg;
			break;
		case 'k':
			given.key = optarg;
			break;
		case 'v':
			given.verbose = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_ALL_RAN;
		default:
			return command_wrong_option("plugins", option, argv);
		}
	}
	return run(argc - optind, argv + optind, &given);
}
