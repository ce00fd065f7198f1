// SPDX-License-Identifier: BSD-2-Clause
#include "cli/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "control/action.h"
#include "control/orchestrator.h"
#include "kernel/rights.h"
#include "programs/connection.h"
#include "programs/settings.h"

bool command_confirm(const char *question)
{
	char answer[16];

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return false;
	fprintf(stderr, "x0top: %s [y/N] ", question);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	       (answer[0] == 'y' || answer[0] == 'Y');
}

void command_tell(const char *sentence)
{
	fprintf(stderr, "x0top: %s.\n", sentence);
}

int command_failed(const struct failure *failure, bool verbose)
{
	size_t length = strlen(failure->what);
	bool asks = length > 0 && failure->what[length - 1] == '?';

	fprintf(stderr, "x0top: %s%s\n", failure->what, asks ? "" : ".");
	if (failure->remedy[0] != '\0')
		fprintf(stderr, "%s.\n", failure->remedy);
	if (verbose && failure->cause[0] != '\0')
		fprintf(stderr, "%s\n", failure->cause);
	return failure->error == -EPERM	   ? EXIT_NO_CAPABILITY
	       : failure->error == -EINVAL ? EXIT_USAGE
					   : EXIT_SOME_FAILED;
}

void command_unmet(const struct orchestrator *orchestrator, bool verbose)
{
	struct failure unmet;

	for (uint32_t i = 0; orchestrator != NULL && orchestrator_unmet(orchestrator, i, &unmet);
		i++)
		command_failed(&unmet, verbose);
}

int command_too_many(const char *command, const char *word, struct failure *failure)
{
	failure_set(failure, -EINVAL, "x0top %s %s has an operand too many", command, word);
	return failure_remedy(failure, "Try x0top %s --help", command);
}

int command_lacks(const char *command, const char *word, const char *usage, struct failure *failure)
{
	failure_set(failure, -EINVAL, "x0top %s %s lacks %s", command, word, usage);
	return failure_remedy(failure, "Try x0top %s --help", command);
}

int command_not_an_option(const char *command, int option, char **argv, struct failure *failure)
{
	const char *word = argv[optind - 1];
	const char letter[] = { '-', (char)optopt, '\0' };

	failure_set(failure, -EINVAL,
		option == ':' ? "%.64s needs a value" : "Unknown option %.64s",
		strncmp(word, "--", 2) == 0 || optopt == 0 ? word : letter);
	return failure_remedy(failure, "Try x0top %s --help", command);
}

int command_wrong_option(const char *command, int option, char **argv)
{
	struct failure failure;

	command_not_an_option(command, option, argv, &failure);
	return command_failed(&failure, false);
}

int command_check_verb(
	const char *object, const char *command, int argc, char **argv, struct failure *failure)
{
	const struct verb *verb = verb_find(object, argv[0]);

	if (verb == NULL) {
		failure_set(failure, -EINVAL, "\"%.64s\" is not a command of x0top %s", argv[0],
			command);
		return failure_remedy(failure, "Try x0top %s --help", command);
	}
	if (verb->operand == NULL && argc > 1)
		return command_too_many(command, argv[0], failure);
	if (verb->operand != NULL && argc == 1)
		return command_lacks(command, argv[0], verb->operand->usage, failure);
	return 0;
}

int command_add_words(char *text, size_t size, int n, char *const words[], struct failure *failure)
{
	size_t length = strlen(text);

	for (int i = 0; i < n && length < size; i++)
		length += (size_t)snprintf(text + length, size - length, " %s", words[i]);
	if (length < size)
		return 0;
	return failure_set(failure, -EINVAL, "That is longer than %zu characters", size - 1);
}

int command_packet(const char *command, int n, char *const words[], struct words *packet,
	struct failure *failure)
{
	if (n == 0) {
		failure_set(failure, -EINVAL, "x0top %s check needs a packet", command);
		return failure_remedy(failure, "Try x0top %s --help", command);
	}
	if (n == 1)
		return words_split(packet, words[0], "a packet", failure);
	*packet = (struct words) { 0 };
	for (int i = 0; i < n && i < WORDS_MAX; i++)
		packet->word[packet->n++] = words[i];
	return n <= WORDS_MAX ? 0 : failure_set(failure, -EINVAL, "The packet has too many words");
}

int command_no_memory(void)
{
	struct failure failure;

	failure_set(&failure, -ENOMEM, "Not enough memory");
	return command_failed(&failure, false);
}

int command_confine(struct failure *failure)
{
	struct connection connection;

	connection_find(&connection); /* while it may look at its ancestors */
	return rights_drop(RIGHTS_COMMAND, failure);
}

int command_audit_policy(const char *config, uint32_t *policy)
{
	struct settings *settings = malloc(sizeof(*settings));
	struct failure failure;

	*policy = AUDIT_BEST_EFFORT;
	if (settings == NULL)
		return command_no_memory();
	settings_default(settings);
	int error = config == NULL ? 0 : settings_read_file(settings, config, &failure);
	*policy = settings->audit;
	free(settings);
	if (error == 0)
		return EXIT_ALL_RAN;
	command_failed(&failure, false);
	return EXIT_USAGE;
}
