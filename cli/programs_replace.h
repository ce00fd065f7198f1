/* SPDX-License-Identifier: BSD-2-Clause */
/* x0top programs replace: puts another object in a program's place while it works. */
#ifndef X0_CLI_PROGRAMS_REPLACE_H
#define X0_CLI_PROGRAMS_REPLACE_H

#include <stdbool.h>
#include <stdint.h>

struct replace_options {
	bool yes, verbose;
	const char *canary; /* seconds on trial; NULL: none */
	const char *config; /* whose audit setting counts; NULL: none */
};

/*
 * Replaces as the words NAME FILE|built-in say: by the service of this host if it is there, else what is pinned
 * and no running x0top owns. Returns an exit status.
 */
int programs_replace(int argc, char **argv, const struct replace_options *options);

#endif
