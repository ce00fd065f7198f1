// SPDX-License-Identifier: BSD-2-Clause
/* x0top programs: lists, removes and verifies programs. */
#include <errno.h>
#include <getopt.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/command_programs.h"
#include "cli/programs_replace.h"
#include "control/enforcement.h"
#include "kernel/capability.h"
#include "kernel/chain.h"
#include "kernel/messages.h"
#include "kernel/pins.h"
#include "kernel/replaced.h"
#include "programs/programs.h"

static const char usage[] =
	"Usage: x0top programs list\n"
	"       x0top programs down [--config FILE]\n"
	"       x0top programs verify [--verbose] [FILE|NAME...]\n"
	"       x0top programs replace [--yes] [--verbose] [--config FILE] NAME FILE\n"
	"       x0top programs replace [--yes] [--verbose] [--config FILE] NAME built-in\n"
	"  list    list what x0top has left on this host\n"
	"  down    remove all of it, and nothing else; \"audit: required\" in the file\n"
	"          refuses it if it cannot be logged\n"
	"  replace put FILE of root's, or the built-in object again, in the place of the\n"
	"          program NAME while it works: no packet meets both, or none. The\n"
	"          service does it, if it runs; else it is done to what enforces.\n"
	"          --canary SECONDS takes the old one back if more goes wrong then\n"
	"  verify  check built-in objects and plugins, or files and those of a name:\n"
	"          contents and the kernel's verdict; --verbose shows why it refused one\n";

/* Returns 0, or -EPERM with *failure: an ordinary user sees nothing of what is there. */
static int may_look(struct failure *failure)
{
	const uint64_t needed = 1ull << CAP_BPF | 1ull << CAP_NET_ADMIN;
	char missing[64];

	if (capability_missing(needed, missing, sizeof(missing)) == 0)
		return 0;
	failure_set(failure, -EPERM,
		"Finding what x0top has left on this host needs %s, which this process lacks",
		missing);
	return failure_remedy(failure, "Run it as root");
}

/* TC filters tell their programs' names to CAP_SYS_ADMIN alone. */
static bool finds_filters(void)
{
	if (capability_held(CAP_SYS_ADMIN))
		return true;
	fputs("x0top: Cannot tell whether a killed x0top has left TC filters: that needs "
	      "CAP_SYS_ADMIN.\n",
		stderr);
	return false;
}

/* Names the files that took the place of what is pinned. */
static void print_replaced(const struct pins *pins)
{
	struct map_registry maps;
	struct failure failure;
	struct replaced replaced;

	map_registry_init(&maps);
	map_registry_declare(&maps, chain_maps);
	for (uint32_t i = 0; program_types[i] != NULL; i++)
		if (program_types[i]->pin != NULL)
			map_registry_declare(&maps, program_types[i]->maps);
	if (pins->folder < 0 || map_registry_adopt(&maps, pins->folder, &failure) < 0 ||
		replaced_check(&maps, &failure) < 0)
		goto close;
	for (uint32_t i = 0; program_types[i] != NULL; i++) {
		if (program_types[i]->stage == XDP_ROOT && program_types[i]->pin == NULL)
			continue;
		replaced_read(&maps, program_types[i]->stage, &replaced);
		if (replaced.path[0] == '\0')
			continue;
		printf("  %s is replaced by %s, tag ", program_types[i]->name, replaced.path);
		for (int n = 0; n < PROGRAM_TAG_LEN; n++)
			printf("%02x", replaced.tag[n]);
		putchar('\n');
	}
close:
	map_registry_close(&maps);
}

static void print_pins(const struct pins *pins)
{
	if (pins->other_layout[0] != '\0')
		printf("%s/%s: of another version of x0top\n", PINS_ROOT, pins->other_layout);
	if (pins->folder >= 0)
		printf("%s: the programs that enforce, on the interfaces of its links\n",
			PINS_FOLDER);
	print_replaced(pins);
}

static int list(void)
{
	struct failure failure;
	struct pins pins;

	pins_init(&pins);
	if (may_look(&failure) < 0 || command_confine(&failure) < 0 ||
		pins_open(&pins, &failure) < 0)
		return command_failed(&failure, false);
	bool pinned = pins.folder >= 0 || pins.other_layout[0] != '\0';
	if (!pinned && chain_check_seen(&failure) < 0)
		return command_failed(&failure, false);
	bool knows = finds_filters();
	int filters = knows ? enforcement_filters() : 0;
	int shaped = enforcement_shaped();
	print_pins(&pins);
	pins_close(&pins);
	if (filters > 0)
		printf("%d TC filters, which end with the x0top that runs, or are left of a "
		       "killed one\n",
			filters);
	if (shaped > 0)
		printf("%d interfaces are shaped: x0top qos list\n", shaped);
	if (!pinned && filters == 0 && shaped <= 0)
		puts(knows ? "x0top has left nothing on this host."
			   : "x0top has left no pins on this host.");
	return EXIT_ALL_RAN;
}

static int down(const char *config)
{
	struct enforcement_removed removed = { 0 };
	struct failure failure;
	uint32_t audit;
	int status = command_audit_policy(config, &audit);

	if (status != EXIT_ALL_RAN)
		return status;
	messages_capture(false);
	if (may_look(&failure) < 0 || command_confine(&failure) < 0 ||
		chain_check_seen(&failure) < 0)
		return command_failed(&failure, false);
	bool knows = finds_filters();
	int error = enforcement_down(audit, &removed, &failure);
	if (error == 0 || removed.pins > 0 || removed.filters > 0)
		printf(knows ? "Removed %d pins and %d TC filters.\n" : "Removed %d pins.\n",
			removed.pins, removed.filters);
	if (removed.shaped > 0)
		printf("%d interfaces send as before x0top shaped them.\n", removed.shaped);
	if (error < 0)
		return command_failed(&failure, false);
	if (removed.unaudited.error < 0)
		command_failed(&removed.unaudited, false);
	return EXIT_ALL_RAN;
}

static int run(int argc, char **argv, const struct replace_options *given)
{
	const char *config = given->config;

	if (argc >= 1 && strcmp(argv[0], "replace") == 0)
		return programs_replace(argc - 1, argv + 1, given);
	if (argc == 1 && strcmp(argv[0], "down") == 0 && !given->yes)
		return down(config);
	if (argc == 1 && config == NULL && strcmp(argv[0], "list") == 0)
		return list();
	if (argc >= 1 && config == NULL && strcmp(argv[0], "verify") == 0)
		return programs_verify(argc - 1, argv + 1, given->verbose);
	fputs(usage, stderr);
	return EXIT_USAGE;
}

int command_programs(int argc, char **argv)
{
	static const struct option options[] = {
		{ "verbose", no_argument, NULL, 'v' },
		{ "yes", no_argument, NULL, 'y' },
		{ "config", required_argument, NULL, 'c' },
		{ "canary", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct replace_options given = { 0 };

	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, ":vyh", options, NULL)) != -1;) {
		if (option == 'v') {
			given.verbose = true;
		} else if (option == 'y') {
			given.yes = true;
		} else if (option == 'c') {
			given.config = optarg;
		} else if (option == 'n') {
			given.canary = optarg;
		} else if (option == 'h') {
			fputs(usage, stdout);
			return EXIT_ALL_RAN;
		} else {
			return command_wrong_option("programs", option, argv);
		}
	}
	return run(argc - optind, argv + optind, &given);
}
