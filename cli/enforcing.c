// SPDX-License-Identifier: BSD-2-Clause
#include "cli/enforcing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "kernel/messages.h"

int enforcing_open(uint32_t audit, struct orchestrator **orchestrator, struct failure *failure)
{
	struct settings *settings = calloc(1, sizeof(*settings));

	if (settings == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	messages_capture(false);
	settings_default(settings);
	settings->adopt_only = true;
	settings->confirm = command_confirm;
	settings->audit = audit;
	int error = command_confine(failure);
	if (error == 0)
		error = orchestrator_open(settings, orchestrator, failure);
	free(settings);
	return error;
}

void enforcing_notice(const struct orchestrator *orchestrator)
{
	if (orchestrator_notice(orchestrator)[0] != '\0')
		fprintf(stderr, "x0top: %s.\n", orchestrator_notice(orchestrator));
}

int enforcing_apply(struct orchestrator *orchestrator, const struct action *action)
{
	struct failure failure = { 0 };
	char text[RULE_LEN];
	int error = orchestrator_apply(orchestrator, action, &failure);

	if (error < 0)
		return command_failed(&failure, false);
	if (orchestrator_unaudited(orchestrator) != NULL)
		command_failed(orchestrator_unaudited(orchestrator), false);
	action_format(action, text, sizeof(text));
	printf("%s: done%s\n", text, orchestrator_done(orchestrator));
	return EXIT_ALL_RAN;
}
