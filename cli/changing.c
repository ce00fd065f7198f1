// SPDX-License-Identifier: BSD-2-Clause
#include "cli/changing.h"

#include <errno.h>
#include <getopt.h>

#include "base/duration.h"
#include "cli/command.h"
#include "cli/enforcing.h"
#include "cli/rollback.h"

static int no_time(const char *text)
{
	struct failure failure;

	failure_set(&failure, -EINVAL, "\"%.64s\" is not a length of time", text);
	failure_remedy(&failure, "Write --confirm-within 60s, 5m or 1h");
	return command_failed(&failure, false);
}

int changing_options(
	int argc, char **argv, void (*print_usage)(FILE *file), struct change_options *options)
{
	static const struct option long_options[] = {
		{ "kind", required_argument, NULL,
			'k' }, /* the first: without it, begin behind it */
		{ "json", no_argument, NULL, 'j' },
		{ "yes", no_argument, NULL, 'y' },
		{ "config", required_argument, NULL, 'c' },
		{ "confirm-within", required_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};

	const struct option *known = &long_options[options->takes_kind ? 0 : 1];

	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, ":yh", known, NULL)) != -1;) {
		if (option == 'j')
			options->json = true;
		else if (option == 'y')
			options->yes = true;
		else if (option == 'c')
			options->config = optarg;
		else if (option == 'k')
			options->kind = optarg;
		else if (option == 'w' && duration_parse(optarg, &options->confirm_within) < 0)
			return no_time(optarg);
		else if (option == '?' || option == ':')
			return command_wrong_option(argv[0], option, argv);
		else if (option == 'h') {
			print_usage(stdout);
			return EXIT_ALL_RAN;
		}
	}
	if (optind == argc) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	int status = command_audit_policy(options->config, &options->audit);
	return status == EXIT_ALL_RAN ? -1 : status;
}

int changing_apply(struct action *action, const struct change_options *options, uint32_t about,
	changing_open *open)
{
	struct orchestrator *orchestrator = NULL;
	struct rollback rollback = { .alive = -1, .about = about };
	struct failure failure = { 0 };
	int status, error = 0;

	if (options->confirm_within > 0)
		error = rollback_start(&rollback, options->audit, &failure);
	action->confirm_within = (uint32_t)options->confirm_within;
	action->token = rollback.token;
	if (error == 0)
		error = open(action, options, &orchestrator, &failure);
	if (error < 0)
		return command_failed(&failure, false);
	status = enforcing_apply(orchestrator, action);
	if (status == EXIT_ALL_RAN && options->confirm_within > 0)
		status = rollback_arm(&rollback) ? rollback_ask(&rollback, orchestrator)
						 : rollback_at_once(&rollback, orchestrator);
	if (status == EXIT_ALL_RAN)
		enforcing_notice(orchestrator);
	orchestrator_close(orchestrator);
	return status;
}
