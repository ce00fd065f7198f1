// SPDX-License-Identifier: BSD-2-Clause
#include "cli/enforcing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/classes_yaml.h"
#include "cli/command.h"
#include "kernel/messages.h"
#include "programs/programs.h"

int enforcing_open_with(
	struct settings *settings, struct orchestrator **orchestrator, struct failure *failure)
{
	messages_capture(false);
	settings->adopt_only = true;
	settings->confirm = command_confirm;
	int error = command_confine(failure);
	return error < 0 ? error : orchestrator_open(settings, orchestrator, failure);
}

static int open_pinned(
	uint32_t audit, bool own, struct orchestrator **orchestrator, struct failure *failure)
{
	struct settings *settings = calloc(1, sizeof(*settings));

	if (settings == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	settings_default(settings);
	settings->replace_only = own;
	settings->audit = audit;
	int error = enforcing_open_with(settings, orchestrator, failure);
	free(settings);
	return error;
}

int enforcing_open(uint32_t audit, struct orchestrator **orchestrator, struct failure *failure)
{
	return open_pinned(audit, false, orchestrator, failure);
}

int enforcing_open_chain(
	uint32_t audit, struct orchestrator **orchestrator, struct failure *failure)
{
	return open_pinned(audit, true, orchestrator, failure);
}

/* Takes the classes of a configuration file, and nothing else of it. */
static int read_classes(const char *config, struct settings *settings, struct failure *failure)
{
	struct settings *read = calloc(1, sizeof(*read));

	if (read == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	settings_default(read);
	int error = settings_read_file(read, config, failure);
	if (error == 0) {
		settings->classes = read->classes;
	}
	free(read);
	return error;
}

int enforcing_open_classes(const char *interface, const char *config, uint32_t audit,
	struct orchestrator **orchestrator, struct failure *failure)
{
	struct settings *settings = calloc(1, sizeof(*settings));
	int error = 0;

	if (settings == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	messages_capture(false);
	settings_default(settings);
	settings->adopt_only = settings->classes_only = true;
	settings->confirm = command_confirm;
	settings->audit = audit;
	settings->n_only = 1;
	snprintf(settings->only[0], sizeof(settings->only[0]), "%s", program_tc_classifier.name);
	settings->n_interfaces = interface[0] != '\0';
	snprintf(settings->interfaces[0], sizeof(settings->interfaces[0]), "%s", interface);
	if (config != NULL)
		error = read_classes(config, settings, failure);
	else
		classes_read_book(&settings->classes);
	if (error == 0)
		error = command_confine(failure);
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
	int error = orchestrator_apply(orchestrator, action, &failure);

	return error < 0 ? command_failed(&failure, false) : enforcing_tell(orchestrator, action);
}

int enforcing_tell(const struct orchestrator *orchestrator, const struct action *action)
{
	char text[RULE_LEN];

	if (orchestrator_unaudited(orchestrator) != NULL)
		command_failed(orchestrator_unaudited(orchestrator), false);
	action_format(action, text, sizeof(text));
	printf("%s: done%s\n", text, orchestrator_done(orchestrator));
	return EXIT_ALL_RAN;
}
