/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs one hook: within its time, with its output, and with all that it has started. */
#ifndef X0_MAPEK_HOOK_RUN_H
#define X0_MAPEK_HOOK_RUN_H

#include "mapek/hook.h"

/*
 * Runs the hook of a policy in a session of its own, with nothing open but /dev/null and a pipe for both
 * outputs, and with a new environment. Waits for its end, for policy->within at most, or until the other end
 * of `socket` is closed; then kills what is left of it and of its children. Fills in report->ended and
 * report->output. The caller's children all are the hook's: call it in a process of its own.
 */
void hook_run(int socket, const struct policy *policy, const struct hook_order *order,
	struct hook_report *report);

#endif
