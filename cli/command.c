// SPDX-License-Identifier: BSD-2-Clause
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

bool command_confirm(const char *question)
{
	char answer[16];

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return false;
	fprintf(stderr, "x0top: %s [y/N] ", question);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	       (answer[0] == 'y' || answer[0] == 'Y');
}

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
