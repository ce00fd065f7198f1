/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hooks: programs of the operator's that policies run. A process of its own for each user runs them, since x0top
 * may start no program any more: it is forked before rights are given up, has the policies from before, and becomes
 * an ordinary user, other than x0top's, without capabilities, who gains none by execve(2). It is told which policy,
 * never what to run.
 */
#ifndef X0_MAPEK_HOOK_H
#define X0_MAPEK_HOOK_H

#include "base/failure.h"
#include "mapek/policy.h"
#include "model/snapshot_mapek.h"

enum {
	HOOKS_AT_ONCE = 8, /* of a user */
	HOOK_USERS_MAX = 4,
};

struct hooks;

/* What a hook is told, in its environment. */
struct hook_order {
	uint32_t policy; /* place in the policies */
	uint64_t action, anomaly; /* numbers */
	char target[MAPEK_TARGET_LEN]; /* may be empty */
	char reason[REASON_LEN];
	double value, low, high, score; /* of the anomaly; NAN: unknown */
};

struct hook_report {
	uint64_t action;
	char ended[NAME_LEN]; /* "exit 0", "signal 11", "killed after 10s", or why it did not run */
	char output[MAPEK_OUTPUT_LEN]; /* its first bytes; may be empty */
};

/* Starts the process that runs the hooks of these policies. Returns 0 with *hooks to be closed by the caller,
 * NULL if no policy has one; or a negative errno with *failure set: no ordinary user can be had. */
int hooks_open(const struct policies *policies, struct hooks **hooks, struct failure *failure);

/* Runs a hook; does not wait. Returns 0, or a negative errno with *failure set. */
int hooks_run(struct hooks *hooks, const struct hook_order *order, struct failure *failure);

/* Returns whether a hook has ended, with *report set. Does not wait. Accepts NULL. */
bool hooks_report(struct hooks *hooks, struct hook_report *report);

/* Kills what runs. Accepts NULL. */
void hooks_close(struct hooks *hooks);

#endif
