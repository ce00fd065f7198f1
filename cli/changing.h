/* SPDX-License-Identifier: BSD-2-Clause */
/* What commands have in common that change what is enforced on this host: options, and a change that may wait for
 * a confirm. */
#ifndef X0_CLI_CHANGING_H
#define X0_CLI_CHANGING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "control/orchestrator.h"

struct change_options {
	bool yes, json;
	bool takes_kind; /* set by the caller: --kind is an option of the command */
	const char *config;
	char *kind; /* what --kind says, or NULL */
	uint64_t confirm_within; /* seconds; 0: it needs no confirm */
	uint32_t audit; /* enum audit_policy, of the configuration */
};

/*
 * Reads the options of a command, which are followed by a word at least: optind is its place. Returns -1 to go on, or
 * the exit status after what is wrong, or the usage, is printed.
 */
int changing_options(
	int argc, char **argv, void (*print_usage)(FILE *file), struct change_options *options);

/* Opens an orchestrator for a change. Returns 0, or a negative errno with *failure set. */
typedef int changing_open(const struct action *action, const struct change_options *options,
	struct orchestrator **orchestrator, struct failure *failure);

/* Applies a change, of ROLLBACK_RULES or ROLLBACK_QOS, and asks for the confirm, if it needs one. Returns an exit
 * status. */
int changing_apply(struct action *action, const struct change_options *options, uint32_t about,
	changing_open *open);

#endif
