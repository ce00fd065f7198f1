/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints mesh rules, for x0top rules. */
#ifndef X0_CLI_RULES_PRINT_H
#define X0_CLI_RULES_PRINT_H

#include <stdbool.h>

#include "control/orchestrator.h"

/* Prints the rules in force, as a table or as JSON. Returns an exit status. */
int rules_print(struct orchestrator *orchestrator, bool json);

/* Writes the rules as YAML into a file, at one moment, or to the standard output: path NULL. Returns an exit
 * status. */
int rules_save(const struct orchestrator *orchestrator, const char *path);

#endif
