// SPDX-License-Identifier: BSD-2-Clause
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>

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
