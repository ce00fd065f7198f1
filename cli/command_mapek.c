// SPDX-License-Identifier: BSD-2-Clause
/* x0top mapek: the policies of MAPE-K, and what they would have done. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/mapek_try.h"
#include "mapek/policy.h"

static const char usage[] =
	"Usage: x0top mapek policies\n"
	"       x0top mapek check --policy FILE\n"
	"       x0top mapek try --replay FILE [--policy FILE]\n"
	"MAPE-K finds what is unusual, and advises or does what policies say.\n"
	"  policies          print the policies that come with x0top, to change them\n"
	"  check             say whether a file of policies is right\n"
	"  try               print what would have been done on a recording, and why\n"
	"  --policy FILE     policies in YAML; without it, those of x0top\n"
	"  --replay FILE     a recording of x0top --record\n"
	"  -h, --help\n"
	"x0top-mapek(7) explains policies.\n";

struct request {
	const char *word, *policy, *replay;
};

static int wrong(struct failure *failure, const char *what)
{
	failure_set(failure, -EINVAL, "%s", what);
	return failure_remedy(failure, "Try x0top mapek --help");
}

static int print_policies(const struct request *request, struct failure *failure)
{
	(void)request;
	fputs(policies_built_in, stdout);
	return fflush(stdout) == 0 ? 0 : failure_set(failure, -EIO, "Cannot write the policies");
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

static const struct word {
	const char *name;
	int (*run)(const struct request *request, struct failure *failure);
} words[] = {
	{ "policies", print_policies },
	{ "check", check },
	{ "try", try },
};

static int run(const struct request *request, struct failure *failure)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (request->word != NULL && strcmp(words[i].name, request->word) == 0)
			return words[i].run(request, failure);
	return wrong(failure,
		request->word == NULL ? "mapek needs a word" : "mapek does not know such a word");
}

/* Reads options behind and before the word. Returns 1 if help is wanted. */
static int parse(int argc, char **argv, struct request *request, struct failure *failure)
{
	static const struct option options[] = {
		{ "policy", required_argument, NULL, 'p' },
		{ "replay", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	opterr = 0;
	optind = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h')
			return 1;
		if (option == '?')
			return wrong(
				failure, "mapek does not know such an option, or it lacks a value");
		*(option == 'p' ? &request->policy : &request->replay) = optarg;
	}
	request->word = argv[optind];
	return optind + 1 < argc ? wrong(failure, "mapek takes one word") : 0;
}

int command_mapek(int argc, char **argv)
{
	struct request request = { 0 };
	struct failure failure = { 0 };

	signal(SIGPIPE, SIG_IGN);
	int error = parse(argc, argv, &request, &failure);
	if (error > 0) {
		fputs(usage, stdout);
		return EXIT_ALL_RAN;
	}
	if (error == 0)
		error = run(&request, &failure);
	return error < 0 ? command_failed(&failure, false) : EXIT_ALL_RAN;
}
