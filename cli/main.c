// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "crypto/freed_memory.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "lab", command_lab },
	{ "rules", command_rules },
	{ "keys", command_keys },
	{ "peer", command_peer },
	{ "programs", command_programs },
	{ "probe", command_probe },
	{ "bench", command_bench },
};

int command_failed(const struct failure *failure, bool verbose)
{
	fprintf(stderr, "x0top: %s.\n", failure->what);
	if (failure->remedy[0] != '\0')
		fprintf(stderr, "%s.\n", failure->remedy);
	if (verbose && failure->cause[0] != '\0')
		fprintf(stderr, "%s\n", failure->cause);
	return failure->error == -EPERM	   ? EXIT_NO_CAPABILITY
	       : failure->error == -EINVAL ? EXIT_USAGE
					   : EXIT_SOME_FAILED;
}

int main(int argc, char **argv)
{
	setlocale(LC_ALL, "");
	freed_memory_watch();
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return command_top(argc, argv);
}
