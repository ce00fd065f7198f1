// SPDX-License-Identifier: BSD-2-Clause
/* x0top programs: lists, removes and verifies programs. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/programs.h"
#include "control/enforcement.h"
#include "kernel/interface.h"
#include "kernel/messages.h"
#include "kernel/pins.h"
#include "kernel/tc_attach.h"

static const char usage[] =
	"Usage: x0top programs list | down | verify [--verbose] [FILE...]\n"
	"  list    list the pins that x0top left on this host\n"
	"  down    remove all of them, and nothing else\n"
	"  verify  check built-in objects or files: contents and the kernel's verdict;\n"
	"          --verbose shows why the kernel refused a program\n";

static int list(void)
{
	struct failure failure;
	struct pins pins;

	pins_init(&pins);
	if (pins_open(&pins, &failure) < 0)
		return command_failed(&failure, false);
	if (pins.other_layout[0] != '\0')
		printf("%s/%s: of another version of x0top\n", PINS_ROOT, pins.other_layout);
	if (pins.folder >= 0)
		printf("%s: the programs that enforce, on the interfaces of its links\n",
			PINS_FOLDER);
	if (pins.folder < 0 && pins.other_layout[0] == '\0')
		printf("x0top has left nothing on this host.\n");
	pins_close(&pins);
	return EXIT_ALL_RAN;
}

/* Removes the TC filters of a killed x0top; kernels without TCX keep them. */
static int remove_filters(void)
{
	struct interface interfaces[256];
	int n = interface_list(interfaces, sizeof(interfaces) / sizeof(interfaces[0]));
	int removed = 0;

	for (int i = 0; i < n; i++)
		removed += tc_remove_leftovers(interfaces[i].ifindex);
	return removed;
}

static bool other_layout(char *name, size_t size)
{
	struct failure ignored;
	struct pins pins;

	pins_init(&pins);
	pins_open(&pins, &ignored);
	snprintf(name, size, "%s", pins.other_layout);
	pins_close(&pins);
	return name[0] != '\0';
}

static int down(void)
{
	struct failure failure = { 0 };
	char layout[NAME_LEN];

	messages_capture(false);
	int pins = enforcement_down(&failure);
	int filters = remove_filters();
	printf("Removed %d pins and %d TC filters.\n", pins < 0 ? 0 : pins, filters);
	if (pins < 0)
		return command_failed(&failure, false);
	if (!other_layout(layout, sizeof(layout)))
		return EXIT_ALL_RAN;
	failure_set(&failure, -EEXIST, "%s/%s is of another version of x0top and was left",
		PINS_ROOT, layout);
	failure_remedy(&failure, "Run that version's: x0top programs down");
	return command_failed(&failure, false);
}

static int run(int argc, char **argv, bool verbose)
{
	if (argc == 1 && strcmp(argv[0], "list") == 0)
		return list();
	if (argc == 1 && strcmp(argv[0], "down") == 0)
		return down();
	if (argc >= 1 && strcmp(argv[0], "verify") == 0)
		return programs_verify(argc - 1, argv + 1, verbose);
	fputs(usage, stderr);
	return EXIT_USAGE;
}

int command_programs(int argc, char **argv)
{
	static const struct option options[] = {
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	bool verbose = false;

	for (int option; (option = getopt_long(argc, argv, "vh", options, NULL)) != -1;) {
		if (option == 'h') {
			fputs(usage, stdout);
			return EXIT_ALL_RAN;
		}
		if (option != 'v') {
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
		verbose = true;
	}
	return run(argc - optind, argv + optind, verbose);
}
