// SPDX-License-Identifier: BSD-2-Clause
/* x0top probe: lists the kernel's features, and probes each program in each way of attaching it. */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "cli/command.h"
#include "control/probe_programs.h"
#include "kernel/messages.h"
#include "kernel/probe.h"
#include "programs/programs.h"

#define PROBE_SCHEMA "x0top-probe/1"

static const char usage[] =
	"Usage: x0top probe [--json] [--verbose] [PROGRAM...]\n"
	"Lists the features of this kernel, and which programs run on it and how: all,\n"
	"or those named. Touches no interface of the host, and leaves nothing behind.\n"
	"--verbose prints messages of the kernel and libbpf to stderr.\n"
	"Exit status: 0 each of these programs runs in some way; 1 one does not, or\n"
	"cannot be probed.\n";

struct probed {
	struct utsname host;
	struct probe_report report;
	struct program_probes programs;
};

/* --- text ------------------------------------------------------------------------------------ */

static void print_features(const struct probe_report *report)
{
	uint32_t group = PROBE_GROUPS;

	for (uint32_t i = 0; i < report->n_features; i++) {
		const struct probe_feature *feature = &report->features[i];
		if (feature->group != group) {
			group = feature->group;
			printf("\n");
			for (const char *c = probe_group_names[group]; *c != '\0'; c++)
				putchar(*c == '_' ? ' ' : *c);
			printf("\n");
		}
		printf("  %-8s %-26s %s\n", probe_state_names[feature->state], feature->name,
			feature->note);
	}
}

static void print_programs(const struct program_probes *programs)
{
	printf("\nprograms, each run briefly\n");
	for (uint32_t i = 0; i < programs->n; i++) {
		const struct program_probe *r = &programs->list[i];
		printf("  %-8s %-30s by %-12s %s\n", probe_state_names[r->state], r->program,
			r->way, r->attached);
		if (r->reason[0] != '\0')
			printf("           %s.\n", r->reason);
		if (r->remedy[0] != '\0')
			printf("           %s.\n", r->remedy);
	}
}

/* --- JSON ------------------------------------------------------------------------------------ */

static json_t *features_json(const struct probe_report *report, uint32_t group)
{
	json_t *features = json_array();

	for (uint32_t i = 0; i < report->n_features; i++) {
		const struct probe_feature *feature = &report->features[i];
		if (feature->group == group)
			json_array_append_new(features,
				json_pack("{s:s, s:s, s:s}", "name", feature->name, "state",
					probe_state_names[feature->state], "note", feature->note));
	}
	return features;
}

static json_t *programs_json(const struct program_probes *programs)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < programs->n; i++) {
		const struct program_probe *r = &programs->list[i];
		json_array_append_new(list,
			json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "program", r->program, "way",
				r->way, "runs", probe_state_names[r->state], "attached",
				r->attached, "reason", r->reason, "remedy", r->remedy));
	}
	return list;
}

static int print_json(const struct probed *probed)
{
	json_t *root = json_pack("{s:s, s:s, s:s}", "schema", PROBE_SCHEMA, "kernel",
		probed->host.release, "machine", probed->host.machine);

	for (uint32_t group = 0; group < PROBE_GROUPS; group++)
		json_object_set_new(
			root, probe_group_names[group], features_json(&probed->report, group));
	json_object_set_new(root, "programs", programs_json(&probed->programs));
	int error = json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
	return error;
}

/* --- command --------------------------------------------------------------------------------- */

/* Returns whether each program runs in some way. */
static bool all_run(const struct program_probes *programs)
{
	for (uint32_t i = 0; i < programs->n; i++) {
		bool runs = false;
		for (uint32_t j = 0; j < programs->n; j++)
			runs |= strcmp(programs->list[i].program, programs->list[j].program) == 0 &&
				programs->list[j].state == PROBE_YES;
		if (!runs)
			return false;
	}
	return true;
}

static int probe(const char *const *names, bool json, bool verbose)
{
	struct probed *probed = calloc(1, sizeof(*probed));
	struct failure failure = { 0 };

	if (probed == NULL)
		return command_no_memory();
	messages_capture(verbose);
	uname(&probed->host);
	probe_run(&probed->report);
	if (probe_programs(names, &probed->programs, &failure) < 0) {
		free(probed);
		return command_failed(&failure, verbose);
	}
	int error = 0;
	if (json) {
		error = print_json(probed);
	} else {
		printf("Linux %s on %s\n", probed->host.release, probed->host.machine);
		print_features(&probed->report);
		print_programs(&probed->programs);
	}
	bool well = error == 0 && all_run(&probed->programs);
	free(probed);
	return well ? EXIT_ALL_RAN : EXIT_SOME_FAILED;
}

int command_probe(int argc, char **argv)
{
	const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	bool json = false, verbose = false;

	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, ":jvh", options, NULL)) != -1;) {
		if (option == 'h') {
			fputs(usage, stdout);
			return EXIT_ALL_RAN;
		}
		if (option == '?' || option == ':')
			return command_wrong_option("probe", option, argv);
		json |= option == 'j';
		verbose |= option == 'v';
	}
	for (int i = optind; i < argc; i++) {
		if (program_type_find(argv[i]) == NULL) {
			fprintf(stderr, "x0top probe: Unknown program \"%s\".\n", argv[i]);
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	return probe((const char *const *)argv + optind, json, verbose);
}
