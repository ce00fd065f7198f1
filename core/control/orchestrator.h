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
#include "model/snapshot.h"
#include "programs/settings.h"

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

/*
 * Carries out an action and writes it to the audit log. Returns 0, or a negative errno with *failure
 * set and nothing changed: -EROFS when changes are not allowed here, -ECANCELED when the operator was
 * to be asked and has not said yes.
 */
int orchestrator_apply(
	struct orchestrator *orchestrator, const struct action *action, struct failure *failure);

/* Why the last change is not in the audit log; NULL if it is. Belongs to the orchestrator. */
const struct failure *orchestrator_unaudited(const struct orchestrator *orchestrator);

/*
 * What is to be done with an action first: with DECISION_ASK and DECISION_REFUSE, `sentence` says what
 * to ask, or why. An action that is confirmed needs no asking.
 */
enum decision orchestrator_decide(struct orchestrator *orchestrator, const struct action *action,
	char *sentence, size_t size);

/* What the settings asked for and is not in force, by number from 0; NULL after the last. */
const struct failure *orchestrator_unmet(const struct orchestrator *orchestrator, uint32_t number);

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

/* 0 if all that was asked for is in force; else 1. */
int orchestrator_exit_status(const struct orchestrator *orchestrator);

#endif
