// SPDX-License-Identifier: BSD-2-Clause
#include "cli/enforcing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/classes_yaml.h"
#include "cli/command.h"
#include "control/qos_lines.h"
#include "kernel/interface.h"
#include "kernel/messages.h"
#include "programs/programs.h"
#include "qos/act_history.h"

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

/* Lets an interface be watched that would not be by itself, such as the end of a container. One that is gone is not. */
static void name_interface(struct settings *settings, const char *name)
{
	struct interface interface;

	if (settings->n_interfaces == INTERFACES_MAX || interface_find(name, &interface) < 0)
		return;
	for (uint32_t i = 0; i < settings->n_interfaces; i++)
		if (strcmp(settings->interfaces[i], name) == 0)
			return;
	snprintf(settings->interfaces[settings->n_interfaces++], sizeof(settings->interfaces[0]),
		"%s", name);
}

/* Names those that the last change was about. */
static void name_history(struct settings *settings)
{
	struct act_history history;

	if (act_history_read(&history) < 0)
		return;
	for (uint32_t i = 0; i < history.n; i++)
		name_interface(settings, history.before[i].interface);
	act_history_free(&history);
}

/* Names those that the lines of a file are about. */
static void name_loaded(struct settings *settings, const struct settings *loaded)
{
	struct failure ignored;
	struct qos_line line;

	for (uint32_t i = 0; i < loaded->n_qos; i++)
		if (qos_line_parse(loaded->qos[i], &line, &ignored) == 0)
			name_interface(settings, line.action.interface);
}

int enforcing_open_classes(const struct action *action, const char *config, uint32_t audit,
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
	if (action != NULL && action->interface[0] != '\0') {
		settings->n_interfaces = 1;
		snprintf(settings->interfaces[0], sizeof(settings->interfaces[0]), "%s",
			action->interface);
	} else if (action != NULL && action->loaded != NULL) {
		name_loaded(settings, action->loaded);
	} else {
		name_history(settings);
	}
	if (config != NULL)
		error = read_classes(config, settings, failure);
	else
		error = classes_read_book(&settings->classes, failure);
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
