// SPDX-License-Identifier: BSD-2-Clause
/* x0top shape: shapes interfaces, ends it, and lists what their classes have sent. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"
#include "cli/command.h"
#include "cli/enforcing.h"
#include "kernel/interface.h"
#include "model/format.h"
#include "qos/shape_preset.h"

/* Verbs of this object may follow "x0top shape". */
#define OBJECT "shape"

struct options {
	bool yes;
	const char *config;
};

static void print_usage(FILE *file)
{
	char forms[512];

	verbs_format_usage(OBJECT, "x0top shape", forms, sizeof(forms));
	fprintf(file,
		"Usage: x0top shape [--yes] [--config FILE] COMMAND\n"
		"  %-38s %s\n"
		"%s"
		"RATE is that of the link, as 10Mbit/s: a little less than it has, so that\n"
		"packets wait here, where the urgent pass the others, and not in a modem.\n"
		"The kernel holds it (HTB), whether x0top runs or not. An interface with a\n"
		"qdisc of somebody else is left alone.\n",
		"x0top shape list", "show what shaped interfaces have sent, by class", forms);
}

/* --- list ------------------------------------------------------------------------------------ */

static void print_class(const char *name, const struct shape_class_state *class)
{
	char rate[QUANTITY_LEN], ceiling[QUANTITY_LEN], sent[FORMAT_LEN], delay[FORMAT_LEN];

	printf("  %-12s %7sbit/s %7sbit/s %9s %9llu %9llu %8u %9s\n", name,
		quantity_format(rate, class->rate), quantity_format(ceiling, class->ceiling),
		format_bytes(sent, (double)class->bytes), (unsigned long long)class->borrowed,
		(unsigned long long)class->drops, class->backlog_packets,
		format_ns(delay, shape_delay(class, 0) * 1e9));
}

static void print_state(const char *name, const struct shape_state *state)
{
	char number[16];

	printf("%s\n  %-12s %12s %12s %9s %9s %9s %8s %9s\n", name, "CLASS", "RATE", "CEILING",
		"SENT", "BORROWED", "DROPS", "WAITING", "AT MOST");
	for (uint16_t i = 0; i < state->n; i++) {
		const char *class = shape_class_name(state->classes[i].number);
		snprintf(number, sizeof(number), "%u", state->classes[i].number);
		print_class(class != NULL ? class : number, &state->classes[i]);
	}
	print_class("all", &state->link);
}

static int print_all(struct netlink *netlink)
{
	struct interface *list;
	int n = interface_list(&list), shaped = 0;

	for (int i = 0; i < n; i++) {
		struct shape_state state;
		if (shape_read(netlink, list[i].ifindex, &state) < 0 || state.owner != SHAPE_OURS)
			continue;
		print_state(list[i].name, &state);
		shaped++;
	}
	if (n >= 0)
		free(list);
	if (n >= 0 && shaped == 0)
		puts("No interface is shaped.");
	return n < 0 ? n : 0;
}

static int show(void)
{
	struct failure failure = { 0 };
	struct netlink netlink;
	int error = netlink_open(&netlink);

	if (error == 0) {
		error = print_all(&netlink);
		netlink_close(&netlink);
	}
	if (error == 0)
		return EXIT_ALL_RAN;
	failure_set(&failure, error, "Cannot list interfaces: %s", strerror(-error));
	return command_failed(&failure, false);
}

/* --- changes --------------------------------------------------------------------------------- */

static int parse(int argc, char **argv, struct action *action, struct failure *failure)
{
	char text[RULE_LEN] = OBJECT;
	int error = command_add_words(text, sizeof(text), argc, argv, failure);

	return error < 0 ? error : action_parse(text, action, failure);
}

static int change(int argc, char **argv, const struct options *options)
{
	struct action action = { .actor = ACTOR_COMMAND_LINE, .confirmed = options->yes };
	struct orchestrator *orchestrator = NULL;
	struct failure failure = { 0 };
	uint32_t audit;
	int status = command_audit_policy(options->config, &audit);

	if (status != EXIT_ALL_RAN)
		return status;
	if (parse(argc, argv, &action, &failure) < 0 ||
		enforcing_open(audit, &orchestrator, &failure) < 0)
		return command_failed(&failure, false);
	status = enforcing_apply(orchestrator, &action);
	orchestrator_close(orchestrator);
	return status;
}

int command_shape(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "yes", no_argument, NULL, 'y' },
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct options options = { 0 };

	for (int option; (option = getopt_long(argc, argv, "yh", long_options, NULL)) != -1;) {
		if (option == 'y') {
			options.yes = true;
		} else if (option == 'c') {
			options.config = optarg;
		} else {
			print_usage(option == 'h' ? stdout : stderr);
			return option == 'h' ? EXIT_ALL_RAN : EXIT_USAGE;
		}
	}
	if (optind == argc) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (optind + 1 == argc && strcmp(argv[optind], "list") == 0)
		return show();
	return change(argc - optind, argv + optind, &options);
}
