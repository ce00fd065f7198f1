/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The orchestrator: the one control point for the life of all programs. It opens them, applies
 * actions, takes samples, and closes. One program failing never takes the others down: a failure is
 * kept with its program and shown in the snapshot.
 */
#ifndef X0_CONTROL_ORCHESTRATOR_H
#define X0_CONTROL_ORCHESTRATOR_H

#include "base/failure.h"
#include "control/action.h"
#include "control/settings.h"
#include "model/snapshot.h"

struct orchestrator;

/*
 * Loads and attaches what `settings` ask for; adopts what an earlier x0top left pinned. Returns 0
 * with *orchestrator to be closed by the caller, also when programs failed (the snapshot and
 * orchestrator_exit_status() tell). Returns a negative errno with *failure set only when there is
 * nothing to show at all: -EPERM without any of the capabilities, -ENOMEM.
 */
int orchestrator_open(const struct settings *settings, struct orchestrator **orchestrator,
	struct failure *failure);

/* Detaches all observers and leaves enforcers pinned. Accepts NULL. */
void orchestrator_close(struct orchestrator *orchestrator);

/*
 * Fills `now` with what the kernel says; rates are against `before`, which may be NULL for the first
 * sample. Nothing is allocated. Programs that cannot be read say so in the snapshot.
 */
void orchestrator_sample(
	struct orchestrator *orchestrator, const struct snapshot *before, struct snapshot *now);

/* Carries out an action and writes it to the audit log. Returns 0, or a negative errno with
 * *failure set and nothing changed. -EROFS when changes are not allowed here. */
int orchestrator_apply(
	struct orchestrator *orchestrator, const struct action *action, struct failure *failure);

/*
 * If the action could cut the connection that the operator uses (SSH_CONNECTION) or lets a program
 * drop traffic, returns true and writes the question to ask first into `question`.
 */
bool orchestrator_must_ask(const struct orchestrator *orchestrator, const struct action *action,
	char *question, size_t size);

/*
 * A file descriptor that becomes readable when something happened that cannot wait for the next
 * sample: the event ring is half full, an interface came, went or changed its name. Call
 * orchestrator_handle_events() then.
 */
int orchestrator_event_fd(const struct orchestrator *orchestrator);
void orchestrator_handle_events(struct orchestrator *orchestrator);

/* What orchestrator_open() found of an earlier x0top and cleared away, repaired or left alone, in a
 * sentence without its full stop; empty if nothing. */
const char *orchestrator_notice(const struct orchestrator *orchestrator);

/* 0 if every program that was asked for runs; 1 if some failed; 3 if none for lack of capability. */
int orchestrator_exit_status(const struct orchestrator *orchestrator);

#endif
