// SPDX-License-Identifier: BSD-2-Clause
/* Many hosts in one table, from the metrics that a Prometheus has of them. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/fleet_dashboard.h"
#include "fleet/fleet.h"
#include "kernel/rights.h"

static const char usage[] =
	"Usage: x0top fleet --prometheus URL [OPTIONS]\n"
	"Shows the hosts of which a Prometheus has metrics of x0top serve, those that\n"
	"need attention first; Enter shows the history of one. It stores nothing.\n"
	"  --prometheus URL      like http://127.0.0.1:9090\n"
	"  --job NAME            job of its configuration (x0top)\n"
	"  --window TIME         that rates are taken over, at least two scrapes (5m)\n"
	"  -d, --delay SECONDS   time between two looks (10)\n"
	"  --once                print the table and exit\n"
	"  --json                print it as JSON and exit\n"
	"  --token-file FILE     bearer token\n"
	"  --user NAME           basic authentication, with --password-file\n"
	"  --password-file FILE\n"
	"  --ca-file FILE        trust this authority for https\n"
	"  -h, --help\n";

enum option_number {
	OPTION_PROMETHEUS = 256,
	OPTION_JOB,
	OPTION_WINDOW,
	OPTION_ONCE,
	OPTION_JSON,
	OPTION_TOKEN,
	OPTION_USER,
	OPTION_PASSWORD,
	OPTION_CA,
};

static const struct option long_options[] = {
	{ "prometheus", required_argument, NULL, OPTION_PROMETHEUS },
	{ "job", required_argument, NULL, OPTION_JOB },
	{ "window", required_argument, NULL, OPTION_WINDOW },
	{ "delay", required_argument, NULL, 'd' },
	{ "once", no_argument, NULL, OPTION_ONCE },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "token-file", required_argument, NULL, OPTION_TOKEN },
	{ "user", required_argument, NULL, OPTION_USER },
	{ "password-file", required_argument, NULL, OPTION_PASSWORD },
	{ "ca-file", required_argument, NULL, OPTION_CA },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct request {
	struct prometheus_access access;
	struct fleet_request fleet;
	const char *delay;
	double seconds; /* between two looks */
	bool once, json, help;
};

#define TRY_HELP "Try x0top fleet --help"

static int wrong(struct failure *failure, const char *what)
{
	failure_set(failure, -EINVAL, "%s", what);
	return failure_remedy(failure, TRY_HELP);
}

/* Returns whether a text is a duration of Prometheus that is not 0: "30s", "1h30m". */
static bool is_duration(const char *text)
{
	unsigned long sum = 0;
	char *unit = NULL;

	for (; isdigit((unsigned char)*text); text = unit + 1) {
		sum += strtoul(text, &unit, 10);
		if (*unit == '\0' || strchr("smhdwy", *unit) == NULL)
			return false;
	}
	return sum > 0 && sum < 1000000 && *text == '\0';
}

/* Returns whether a text is a name without quotes. */
static bool is_plain(const char *text, const char *letters)
{
	return text[0] != '\0' && strspn(text, letters) == strlen(text) && strlen(text) < 64;
}

static int check(struct request *request, struct failure *failure)
{
	char *end;

	request->seconds = strtod(request->delay, &end);
	if (request->access.url == NULL)
		return wrong(failure, "fleet needs --prometheus URL");
	if (!is_duration(request->fleet.window))
		return wrong(failure, "--window takes a time such as 30s or 5m");
	if (!is_plain(request->fleet.job,
		    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/"))
		return wrong(failure, "--job takes the name of a job");
	if (*end != '\0' || !(request->seconds >= 1 && request->seconds <= 3600))
		return wrong(failure, "--delay takes seconds from 1 to 3600");
	if ((request->access.user != NULL) != (request->access.password_file != NULL))
		return wrong(failure, "--user and --password-file need each other");
	if (request->access.user != NULL && request->access.token_file != NULL)
		return wrong(failure, "--user and --token-file exclude each other");
	return 0;
}

static int parse(int argc, char **argv, struct request *request, struct failure *failure)
{
	const struct {
		int option;
		const char **text;
		bool *flag;
	} targets[] = {
		{ OPTION_PROMETHEUS, &request->access.url, NULL },
		{ OPTION_JOB, &request->fleet.job, NULL },
		{ OPTION_WINDOW, &request->fleet.window, NULL },
		{ OPTION_TOKEN, &request->access.token_file, NULL },
		{ OPTION_USER, &request->access.user, NULL },
		{ OPTION_PASSWORD, &request->access.password_file, NULL },
		{ OPTION_CA, &request->access.ca_file, NULL },
		{ 'd', &request->delay, NULL },
		{ OPTION_ONCE, NULL, &request->once },
		{ OPTION_JSON, NULL, &request->json },
		{ 'h', NULL, &request->help },
	};
	int option;

	opterr = 0;
	optind = 0;
	while ((option = getopt_long(argc, argv, ":d:h", long_options, NULL)) != -1) {
		if (option == '?' || option == ':')
			return command_not_an_option("fleet", option, argv, failure);
		for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
			if (targets[i].option != option)
				continue;
			if (targets[i].text != NULL)
				*targets[i].text = optarg;
			else
				*targets[i].flag = true;
		}
	}
	if (optind < argc)
		return wrong(failure, "fleet takes options alone");
	return request->help ? 0 : check(request, failure);
}

static int print_once(
	struct prometheus *prometheus, const struct request *request, struct failure *failure)
{
	enum { STEP_MS = 100 };
	struct fleet fleet = { 0 };
	int result = fleet_begin(prometheus, &request->fleet, failure);

	while (result == 0)
		result = fleet_step(prometheus, STEP_MS, &fleet, failure);
	if (result > 0)
		result = request->json ? fleet_write_json(&fleet, request->access.url, stdout)
				       : fleet_write_text(&fleet, stdout);
	if (ferror(stdout))
		result = 0; /* main() tells */
	if (result == 0 && fleet.n == 0) {
		result = failure_set(failure, -ENOENT, "Prometheus has no target of the job %.64s",
			request->fleet.job);
		failure_remedy(failure, "Check --job, and that it scrapes x0top serve");
	}
	if (result < 0 && failure->error == 0)
		failure_set(failure, result, "Cannot write the table");
	fleet_clear(&fleet);
	return result;
}

int command_fleet(int argc, char **argv)
{
	struct request request = {
		.fleet = { .job = "x0top", .window = "5m" },
		.delay = "10",
	};
	struct prometheus *prometheus = NULL;
	struct failure failure = { 0 };

	int error = parse(argc, argv, &request, &failure);
	if (error == 0 && request.help) {
		fputs(usage, stdout);
		return EXIT_ALL_RAN;
	}
	if (error == 0)
		error = prometheus_open(&request.access, &prometheus, &failure);
	if (error == 0 && (request.once || request.json)) {
		error = rights_drop(RIGHTS_NONE, &failure);
		if (error == 0)
			error = print_once(prometheus, &request, &failure);
	} else if (error == 0) {
		error = fleet_dashboard_run(prometheus, &request.fleet, request.seconds, &failure);
	}
	prometheus_close(prometheus);
	return error < 0 ? command_failed(&failure, false) : EXIT_ALL_RAN;
}
