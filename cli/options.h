/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of the dashboard, of --once and of the lab. */
#ifndef X0_CLI_OPTIONS_H
#define X0_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/failure.h"
#include "programs/settings.h"

struct options {
	struct settings settings;
	bool once; /* one snapshot, then exit */
	bool json; /* as JSON; implies `once` */
	bool verbose; /* causes beside failures */
	bool help;
	bool version;
	const char *record; /* file, or NULL; points into argv, like `replay` */
	const char *replay;
};

/* An option as people read it. The manual and the completion have exactly these. */
struct option_description {
	const char *name; /* without its dashes; NULL ends the table */
	char letter; /* 0 if it has none */
	const char *argument; /* what follows it: "FILE"; NULL if nothing does */
	const char *key; /* the setting that it sets by settings_set(); NULL if it is none */
	const char *help;
};

extern const struct option_description options_table[];

/*
 * Reads a command line, argv[0] being the name of the program or of a subcommand, over `defaults`
 * and the file of --config. Returns 0, or -EINVAL with *failure set: the exit status is 2.
 */
int options_parse(int argc, char **argv, const struct settings *defaults, struct options *options,
	struct failure *failure);

/* Writes what --help shows. */
void options_print_help(FILE *file);

#endif
