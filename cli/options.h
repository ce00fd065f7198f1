/* SPDX-License-Identifier: BSD-2-Clause */
/* Parses the command line of the dashboard, of --once and of the lab. */
#ifndef X0_CLI_OPTIONS_H
#define X0_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/failure.h"
#include "lab/scenes.h"
#include "programs/settings.h"

struct options {
	struct settings settings;
	bool once; /* print one snapshot and exit */
	bool json; /* print it as JSON; implies `once` */
	bool metrics; /* print it as metrics for Prometheus; implies `once` */
	bool all; /* print each sample of a recording as JSON; implies `once` */
	bool serve; /* set by the caller: the options of `x0top serve` are there, too */
	bool lab; /* `serve`: a lab mesh, not this host */
	bool plain; /* nothing says what to run, or how: a service may do it */
	bool verbose; /* print causes of failures */
	bool help;
	bool version;
	const char *record; /* file or NULL; points into argv, like `replay` */
	const char *replay;
	double pace; /* seconds between the samples of a replay; 0: as they were recorded */
	uint64_t record_limit; /* bytes */
	struct scene_plan scenes; /* of a lab */
};

/* Describes an option. A test holds the manual and the completion to this table. */
struct option_description {
	const char *name; /* without dashes; NULL ends the table */
	char letter; /* 0: none */
	const char *argument; /* like "FILE"; NULL: takes none */
	const char *key; /* the setting for settings_set(); NULL: not a setting */
	const char *help;
	bool of_serve; /* of `x0top serve` alone */
};

extern const struct option_description options_table[];

/*
 * Parses a command line; argv[0] is the program's or subcommand's name. Options override the file
 * of --config, which overrides `defaults`. *options is zero at first. Returns 0, or -EINVAL with *failure set: exit status 2.
 */
int options_parse(int argc, char **argv, const struct settings *defaults, struct options *options,
	struct failure *failure);

/* Writes the text of --help. */
void options_print_help(FILE *file);

#endif
