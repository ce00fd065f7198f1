/* SPDX-License-Identifier: BSD-2-Clause */
/* What the subcommands share that change, from outside, what enforces on this host. */
#ifndef X0_CLI_ENFORCING_H
#define X0_CLI_ENFORCING_H

#include "control/orchestrator.h"

/*
 * Gives up rights, and adopts what is pinned; starts nothing. Returns 0 with *orchestrator to be closed by the
 * caller, or a negative errno with *failure set.
 */
int enforcing_open(uint32_t audit, struct orchestrator **orchestrator, struct failure *failure);

/* The same, and owns the XDP chain, if no other x0top does: to replace its programs. */
int enforcing_open_chain(
	uint32_t audit, struct orchestrator **orchestrator, struct failure *failure);

/* Prints that an action is done. Returns EXIT_ALL_RAN. */
int enforcing_tell(const struct orchestrator *orchestrator, const struct action *action);
/*
 * The same for what is done to classes: takes over the classifier, or starts it with the classes of a configuration
 * file, NULL: those of the host, on the interfaces that an action is about: the one it names, those of the file that it
 * loads, or those of the last change, also if it is NULL. An x0top that runs keeps it.
 */
int enforcing_open_classes(const struct action *action, const char *config, uint32_t audit,
	struct orchestrator **orchestrator, struct failure *failure);

/* The same with settings as they were read. */
int enforcing_open_with(
	struct settings *settings, struct orchestrator **orchestrator, struct failure *failure);

/* Prints what was found of an earlier x0top. */
void enforcing_notice(const struct orchestrator *orchestrator);

/* Applies an action and prints that it is done, or why not. Returns an exit status. */
int enforcing_apply(struct orchestrator *orchestrator, const struct action *action);

#endif
