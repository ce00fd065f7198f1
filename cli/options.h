/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of the dashboard, of --once and of the lab: all take the same options. */
#ifndef X0_CLI_OPTIONS_H
#define X0_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "control/settings.h"
#include "kernel/failure.h"

struct options {
	struct settings settings; /* the defaults, then the configuration file, then the options */
	bool once;
	bool json;
	bool verbose;
	bool help;
	bool version;
	const char *record; /* file names, NULL if not given; they point into argv */
	const char *replay;
	const char *config;
};

/* One option: what the parser, the help, the completion and the manual agree on. */
struct option_description {
	const char *name; /* without the dashes */
	char letter; /* 0 if it has none */
	const char *argument; /* "FILE"; NULL if it takes none */
	const char
		*key; /* the key of the settings that it sets; NULL for those of `struct options` */
	const char *help;
};

/* Ends with an entry that has no name. */
extern const struct option_description options_table[];

/*
 * Reads the command line over `defaults`. Returns 0, or a negative errno with *failure set: -EINVAL
 * for what is wrong on the command line, others for the configuration file.
 */
int options_parse(int argc, char **argv, const struct settings *defaults, struct options *options,
	struct failure *failure);

/* Writes the help of the whole program to `file`. */
void options_print_help(FILE *file);

#endif
