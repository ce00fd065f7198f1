// SPDX-License-Identifier: BSD-2-Clause
/* x0top mapek: the policies of MAPE-K, and what they would have done. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/words.h"
#include "cli/command.h"
#include "cli/mapek_try.h"
#include "cli/take_back.h"
#include "control/action.h"
#include "control/switch_book.h"
#include "kernel/lock.h"
#include "kernel/rights.h"
#include "mapek/knowledge.h"
#include "mapek/policy.h"
#include "programs/settings.h"

static const char usage[] =
	"Usage: x0top mapek policies\n"
	"       x0top mapek check --policy FILE\n"
	"       x0top mapek try --replay FILE [--policy FILE]\n"
	"       x0top mapek history|export|spared [--knowledge FILE]\n"
	"       x0top mapek forget [--yes] [--knowledge FILE]\n"
	"       x0top mapek explain ID [--knowledge FILE]\n"
	"       x0top mapek never|again TARGET [--knowledge FILE]\n"
	"       x0top mapek back [--config FILE]\n"
	"MAPE-K finds what is unusual, and advises or does what policies say.\n"
	"  policies          print the policies that come with x0top, to change them\n"
	"  check             say whether a file of policies is right\n"
	"  try               print what would have been done on a recording, and why\n"
	"  history           print what was unusual, advised and done, the latest first\n"
	"  explain           print all that is known of an action, by its number\n"
	"  export            print the same as JSON, an object a line\n"
	"  never             let no policy act on a prefix, a MAC address or a node's id\n"
	"  again             take that back\n"
	"  spared            print what no policy acts about\n"
	"  back              take back what outlives an x0top that was killed; a process\n"
	"                    of its own, or the next x0top, does so, too\n"
	"  forget            forget what was unusual and done, and what is usual\n"
	"  --policy FILE     policies in YAML; without it, those of x0top\n"
	"  --replay FILE     a recording of x0top --record\n"
	"  --knowledge FILE  a database (" MAPEK_KNOWLEDGE ")\n"
	"  --config FILE     the configuration of the x0top that was killed\n"
	"  -y, --yes         forget without a question\n"
	"  -h, --help\n"
	"x0top-mapek(7) explains policies.\n";

struct request {
	const char *word, *policy, *replay, *knowledge, *config, *id;
	bool yes;
};

static int wrong(struct failure *failure, const char *what)
{
	failure_set(failure, -EINVAL, "%s", what);
	return failure_remedy(failure, "Try x0top mapek --help");
}

static int print_policies(const struct request *request, struct failure *failure)
{
	(void)request;
	(void)failure;
	fputs(policies_built_in, stdout);
	return 0;
}

static int check(const struct request *request, struct failure *failure)
{
	struct connection connection;
	struct policies policies;

	if (request->policy == NULL)
		return wrong(failure, "mapek check needs --policy FILE");
	int error = policies_read(&policies, request->policy,
		connection_find(&connection) ? &connection : NULL, failure);
	if (error == 0)
		printf("%s: %u %s, right\n", request->policy, policies.n,
			policies.n == 1 ? "policy" : "policies");
	return error;
}

static int try(const struct request *request, struct failure *failure)
{
	if (request->replay == NULL)
		return wrong(failure, "mapek try needs --replay FILE");
	return mapek_try(request->replay, request->policy, failure);
}

/* Opens the database, and gives up rights. A damaged or newer one is not set aside here: x0top may be writing to
 * it. What is read is compared with what is so. */
static int open_knowledge(const struct request *request, enum knowledge_use use,
	struct knowledge **knowledge, struct failure *failure)
{
	const char *path = request->knowledge != NULL ? request->knowledge : MAPEK_KNOWLEDGE;
	char lasting[SWITCH_BOOK_PLACES][RULE_LEN];
	char notice[REASON_LEN];
	const uint32_t n = switch_book_list(lasting);
	int error = knowledge_open(path, use, knowledge, notice, failure);

	if (error == 0)
		error = rights_drop(RIGHTS_NONE, failure);
	if (error == 0 && use == KNOWLEDGE_READ && knowledge_compare(*knowledge, lasting, n) < 0)
		error = failure_set(failure, -EIO, "Cannot read the knowledge");
	return error;
}

static int print_knowledge(const struct request *request,
	int (*write)(struct knowledge *knowledge, FILE *file), struct failure *failure)
{
	struct knowledge *knowledge = NULL;
	int error = open_knowledge(request, KNOWLEDGE_READ, &knowledge, failure);

	if (error == 0 && write(knowledge, stdout) < 0 && !ferror(stdout))
		error = failure_set(failure, -EIO, "Cannot read the knowledge");
	knowledge_close(knowledge);
	return error;
}

static int history(const struct request *request, struct failure *failure)
{
	return print_knowledge(request, knowledge_write_history, failure);
}

static int export(const struct request *request, struct failure *failure)
{
	return print_knowledge(request, knowledge_write_json, failure);
}

static int explain(const struct request *request, struct failure *failure)
{
	struct knowledge *knowledge = NULL;
	uint64_t number;

	if (request->id == NULL || words_number(request->id, 1, INT64_MAX, &number) != 0)
		return wrong(failure, "mapek explain takes the number of an action");
	int error = open_knowledge(request, KNOWLEDGE_READ, &knowledge, failure);
	if (error == 0) {
		error = knowledge_write_action(knowledge, number, stdout);
		if (error == -ENOENT)
			failure_set(failure, error, "No action %s is known", request->id);
		else if (error < 0)
			failure_set(failure, error, "Cannot read the knowledge");
	}
	knowledge_close(knowledge);
	return error;
}

static int forget(const struct request *request, struct failure *failure)
{
	struct knowledge *knowledge = NULL;

	if (!request->yes && !command_confirm("Forget all anomalies, actions and what is usual?"))
		return failure_set(
			failure, -ECANCELED, "Nothing is forgotten without a yes, or --yes");
	int error = open_knowledge(request, KNOWLEDGE_CHANGE, &knowledge, failure);
	if (error == 0 && knowledge_forget(knowledge) < 0)
		error = failure_set(failure, -EIO, "The knowledge cannot be written");
	knowledge_close(knowledge);
	return error;
}

static int spared(const struct request *request, struct failure *failure)
{
	return print_knowledge(request, knowledge_write_spared, failure);
}

static int change_spared(const struct request *request, uint32_t verb,
	int (*change)(struct knowledge *knowledge, const char *target), struct failure *failure)
{
	struct knowledge *knowledge = NULL;
	struct action action = { .verb = &control_verbs[verb] };

	if (request->id == NULL)
		return wrong(
			failure, "mapek never and again take a prefix, a MAC address or a node");
	int error = action.verb->operand->parse(request->id, &action, failure);
	if (error == 0)
		error = open_knowledge(request, KNOWLEDGE_ADD, &knowledge, failure);
	if (error == 0) {
		error = change(knowledge, action.source);
		if (error == -ENOENT)
			failure_set(failure, error, "%s is not spared", action.source);
		else if (error == -ENOSPC)
			failure_set(failure, error,
				"No room to spare more than %d: take one back by x0top mapek again",
				MAPEK_SPARED_MAX);
		else if (error < 0)
			failure_set(failure, error, "The knowledge cannot be written");
	}
	knowledge_close(knowledge);
	return error;
}

/* The configuration is read also where there is nothing to take back: a mistake in it does not wait for the kill. */
static int back(const struct request *request, struct failure *failure)
{
	char noted[SWITCH_BOOK_PLACES][RULE_LEN];
	struct settings *settings = malloc(sizeof(*settings));
	int error = 0;

	if (settings == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	settings_default(settings);
	if (request->config != NULL)
		error = settings_read_file(settings, request->config, failure);
	if (error == 0)
		error = lock_check_hidden(LOCK_SWITCHES, failure);
	if (error == 0 && switch_book_list(noted) > 0) {
		error = command_confine(failure);
		if (error == 0)
			error = take_back_now(settings, failure);
	}
	free(settings);
	if (error >= 0)
		printf("%d %s of MAPE-K %s taken back\n", error, error == 1 ? "action" : "actions",
			error == 1 ? "is" : "are");
	return error < 0 ? error : 0;
}

static int spare(struct knowledge *knowledge, const char *target)
{
	return knowledge_spare(knowledge, target, clock_realtime_seconds());
}

static int never(const struct request *request, struct failure *failure)
{
	return change_spared(request, VERB_MAPEK_NEVER, spare, failure);
}

static int again(const struct request *request, struct failure *failure)
{
	return change_spared(request, VERB_MAPEK_AGAIN, knowledge_spare_no_more, failure);
}

static const struct word {
	const char *name;
	int (*run)(const struct request *request, struct failure *failure);
	bool id;
} words[] = {
	{ "policies", print_policies, false },
	{ "check", check, false },
	{ "try", try, false },
	{ "history", history, false },
	{ "explain", explain, true },
	{ "export", export, false },
	{ "never", never, true },
	{ "again", again, true },
	{ "spared", spared, false },
	{ "back", back, false },
	{ "forget", forget, false },
};

static int run(const struct request *request, struct failure *failure)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (request->word != NULL && strcmp(words[i].name, request->word) == 0)
			return request->id != NULL && !words[i].id
				       ? wrong(failure, "mapek takes one word")
				       : words[i].run(request, failure);
	if (request->word == NULL)
		return wrong(failure, "mapek needs a word");
	failure_set(failure, -EINVAL, "\"%.64s\" is not a command of x0top mapek", request->word);
	return failure_remedy(failure, "Try x0top mapek --help");
}

/* Reads options behind and before the word. Returns 1 if help is wanted. */
static int parse(int argc, char **argv, struct request *request, struct failure *failure)
{
	static const struct option options[] = {
		{ "policy", required_argument, NULL, 'p' },
		{ "replay", required_argument, NULL, 'r' },
		{ "knowledge", required_argument, NULL, 'k' },
		{ "config", required_argument, NULL, 'c' },
		{ "yes", no_argument, NULL, 'y' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	opterr = 0;
	optind = 0;
	while ((option = getopt_long(argc, argv, ":hy", options, NULL)) != -1) {
		if (option == 'h')
			return 1;
		if (option == '?' || option == ':')
			return command_not_an_option("mapek", option, argv, failure);
		if (option == 'y')
			request->yes = true;
		else
			*(option == 'p'		? &request->policy
				: option == 'r' ? &request->replay
				: option == 'c' ? &request->config
						: &request->knowledge) = optarg;
	}
	request->word = argv[optind];
	request->id = request->word != NULL ? argv[optind + 1] : NULL;
	return optind + 2 < argc
		       ? wrong(failure, "mapek takes one word, or a word and what it is about")
		       : 0;
}

int command_mapek(int argc, char **argv)
{
	struct request request = { 0 };
	struct failure failure = { 0 };

	int error = parse(argc, argv, &request, &failure);
	if (error > 0) {
		fputs(usage, stdout);
		return EXIT_ALL_RAN;
	}
	if (error == 0)
		error = run(&request, &failure);
	return error < 0 ? command_failed(&failure, false) : EXIT_ALL_RAN;
}
