// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "cli/command.h"
#include "control/action.h"
#include "crypto/freed_memory.h"
#include "kernel/privilege.h"

static int command_help(int argc, char **argv);

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "lab", command_lab },
	{ "serve", command_serve },
	{ "fleet", command_fleet },
	{ "rules", command_rules },
	{ "sets", command_sets },
	{ "classes", command_classes },
	{ "qos", command_qos },
	{ "mapek", command_mapek },
	{ "keys", command_keys },
	{ "peer", command_peer },
	{ "plugins", command_plugins },
	{ "programs", command_programs },
	{ "probe", command_probe },
	{ "bench", command_bench },
	{ "help", command_help },
};

/* Runs a subcommand, or the dashboard if there is none. */
static int run(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return command_top(argc, argv);
}

/* The text form of every action, a line each: what can be logged, scripted and completed. */
static int print_verbs(void)
{
	char forms[4096];

	verbs_format_usage(NULL, NULL, forms, sizeof(forms));
	fputs(forms, stdout);
	return EXIT_ALL_RAN;
}

/* Turns "x0top help rules" into "x0top rules --help". */
static int command_help(int argc, char **argv)
{
	char *own[] = { "x0top", "--help", NULL };
	char *of_command[] = { "x0top", argc > 1 ? argv[1] : NULL, "--help", NULL };
	char *of_part[] = { "x0top", of_command[1], argc > 2 ? argv[2] : NULL, "--help", NULL };

	if (argc == 1 ||
		(argc == 2 && (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0)))
		return run(2, own);
	if (argc == 2 && strcmp(argv[1], "verbs") == 0)
		return print_verbs();
	if (argc == 2 && argv[1][0] != '-')
		return run(3, of_command);
	if (argc == 3 && argv[1][0] != '-' && argv[2][0] != '-')
		return run(4, of_part);
	fputs("Usage: x0top help [COMMAND [WORD] | verbs]\n", stderr);
	return EXIT_USAGE;
}

/* Tells that standard output did not take all; who has closed a pipe knows. Returns the exit status. */
static int finish_output(int status)
{
	int error = fflush(stdout) == 0 ? 0 : errno;

	if (error == 0 && !ferror(stdout))
		return status;
	/* What an earlier write failed with is lost; another fails with the same. */
	if (error == 0 && (putchar('\n') == EOF || fflush(stdout) != 0))
		error = errno;
	if (error != EPIPE)
		fprintf(stderr, "x0top: Cannot write all of the output: %s.\n",
			error != 0 ? strerror(error) : "an earlier write failed");
	return status == EXIT_ALL_RAN ? EXIT_SOME_FAILED : status;
}

int main(int argc, char **argv)
{
	struct failure failure = { 0 };

	if (privilege_confine(&failure) < 0)
		return command_failed(&failure, false);
	setlocale(LC_ALL, "");
	freed_memory_watch();
	fd_raise_limit();
	signal(SIGPIPE, SIG_IGN); /* report EPIPE as a write error */
	return finish_output(run(argc, argv));
}
