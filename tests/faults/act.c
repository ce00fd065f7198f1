// SPDX-License-Identifier: BSD-2-Clause
/*
 * Usage: act CONFIGURATION ACTION [COMMAND]
 *
 * Opens x0top as the dashboard does, runs the command, and applies an action in its text form, as a key
 * does: for actions that no subcommand has.
 */
#include <stdio.h>
#include <stdlib.h>

#include "control/orchestrator.h"
#include "kernel/messages.h"

static int fail(const struct failure *failure)
{
	fprintf(stderr, "act: %s.\n%s.\n", failure->what, failure->remedy);
	return 1;
}

int main(int argc, char **argv)
{
	struct action action = { .actor = ACTOR_COMMAND_LINE, .confirmed = true };
	struct orchestrator *orchestrator;
	struct failure failure = { 0 };
	static struct settings settings;

	if (argc != 3 && argc != 4)
		return 2;
	messages_capture(false);
	settings_default(&settings);
	if (settings_read_file(&settings, argv[1], &failure) < 0 ||
		action_parse(argv[2], &action, &failure) < 0 ||
		orchestrator_open(&settings, &orchestrator, &failure) < 0)
		return fail(&failure);
	if (argc == 4 && system(argv[3]) != 0)
		return 2;
	int error = orchestrator_apply(orchestrator, &action, &failure);
	orchestrator_close(orchestrator);
	return error < 0 ? fail(&failure) : 0;
}
