/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The orchestrator: starts and stops all programs, applies actions and takes samples. A program that
 * fails does not stop the others: its failure stays with it and is shown in the snapshot.
 */
#ifndef X0_CONTROL_ORCHESTRATOR_H
#define X0_CONTROL_ORCHESTRATOR_H

#include "base/failure.h"
#include "control/action.h"
#include "mesh/history.h"
#include "mesh/sets.h"
#include "model/look.h"
#include "model/snapshot.h"
#include "programs/settings.h"

struct orchestrator;
struct rule_table;

/*
 * Loads and attaches what `settings` request; adopts what an earlier x0top left pinned. Returns 0 with
 * *orchestrator to be closed by the caller, even if programs failed (see the snapshot and
 * orchestrator_exit_status()). Returns a negative errno with *failure set only if there is nothing to
 * show: -EPERM without any required capability, -ENOMEM.
 */
int orchestrator_open(const struct settings *settings, struct orchestrator **orchestrator,
	struct failure *failure);

/* Detaches all observers and leaves enforcers pinned. Accepts NULL. */
void orchestrator_close(struct orchestrator *orchestrator);

/*
 * Samples the kernel into `now`, with rates since `before`, NULL for the first sample. Allocates nothing,
 * but for the busiest flows the first time.
 * Programs that cannot be read are marked in the snapshot.
 */
void orchestrator_sample(
	struct orchestrator *orchestrator, const struct snapshot *before, struct snapshot *now);

/* Tells what somebody looks at, as bits of enum look: samples have it, the busiest flows and sources from the
 * second one on. No one looks at first. */
void orchestrator_look(struct orchestrator *orchestrator, unsigned int looks);

/* Tells how the entries of a plugin's map are sorted: the first of all its entries are shown by that column, once they
 * have been read; until then, and by a column that is no number, as before. */
void orchestrator_sort(struct orchestrator *orchestrator, const struct look_sort *sort);

/* Members may be NULL; all may apply actions. */
struct orchestrator_thinker {
	void *data;
	/* Judges each sample before it is complete, and may fill in the part of MAPE-K. */
	void (*think)(void *data, struct snapshot *now);
	/* More packets pass than orchestrator_wake_at() allows. */
	void (*woken)(void *data);
	/* Judges a glance: packets, and what else orchestrator_glance_every() was asked for, with rates since the glance
	 * before; of mesh and talkers since the one that looked before. */
	void (*glance)(void *data, const struct snapshot *now);
	/* Returns whether a policy advises that action now. */
	bool (*advises)(void *data, const char *action);
	/* Does one of the verbs VERB_MAPEK_*; `done` as of struct verb_call. Returns as their apply(). */
	int (*obey)(void *data, const struct action *action, char *done, struct failure *failure);
};

/* Lets a thinker, which is copied, judge samples and glances. NULL: nobody does. Returns 0 or a negative errno. */
int orchestrator_think(
	struct orchestrator *orchestrator, const struct orchestrator_thinker *thinker);

/* Lets the kernel say once when more packets a second of a protocol pass: wake_arm(). */
int orchestrator_wake_at(
	struct orchestrator *orchestrator, const double rates[TRANSPORT_PROTOCOLS]);

/* Takes a glance every so many nanoseconds, the first at once; 0: none any more. The next one has `parts`, bits of
 * enum glanced, beside GLANCED_ALWAYS; GLANCED_LOOKING, the busiest flows and sources, takes milliseconds. Returns 0
 * or a negative errno. */
int orchestrator_glance_every(
	struct orchestrator *orchestrator, uint64_t period_ns, unsigned int parts);

/* Adds a sentence to the events. */
void orchestrator_say(struct orchestrator *orchestrator, const char *sentence);

/* Adds to what is not in force, for the reason `why`, and both to the events. */
void orchestrator_miss(struct orchestrator *orchestrator, const char *sentence, const char *why);

/*
 * Applies an action and writes it to the audit log. Returns 0, or a negative errno with *failure set and
 * nothing changed: -EROFS where changes are not allowed, -ECANCELED without the operator's yes.
 */
int orchestrator_apply(
	struct orchestrator *orchestrator, const struct action *action, struct failure *failure);

/* Takes back what MAPE-K has done by that action, which outlives x0top, if it is still so and nobody else has asked for
 * it since. Returns 1, 0 where there is nothing to take back, or a negative errno with *failure set. */
int orchestrator_take_back(
	struct orchestrator *orchestrator, const char *action, struct failure *failure);

/* Returns what the last change did beyond the words of its action, to follow "done": ", as rule 7"; may be
 * empty. */
const char *orchestrator_done(const struct orchestrator *orchestrator);

/* Returns why the last change is not in the audit log, owned by the orchestrator; NULL if it is. */
const struct failure *orchestrator_unaudited(const struct orchestrator *orchestrator);

/*
 * Decides whether to do, ask or refuse an action; writes the question or reason into `sentence`. Does not
 * ask about a confirmed action.
 */
enum decision orchestrator_decide(struct orchestrator *orchestrator, const struct action *action,
	char *sentence, size_t size);

/* Fills now->qos alone, without rates: also where no program runs. */
void orchestrator_qos(struct orchestrator *orchestrator, struct snapshot *now);

/* Sets *failure to request `number`, from 0, of the settings that is not in force; enforcing is one. Returns
 * false, and leaves *failure alone, after the last. */
bool orchestrator_unmet(
	const struct orchestrator *orchestrator, uint32_t number, struct failure *failure);

/*
 * Returns a descriptor that becomes readable when something cannot wait for the next sample: the event
 * ring is half full, or an interface changed. Call orchestrator_handle_events() then.
 */
int orchestrator_event_fd(const struct orchestrator *orchestrator);
void orchestrator_handle_events(struct orchestrator *orchestrator);

/*
 * Ends the trial of a program whose time is over, or with which more goes wrong than before; samples and events do
 * so as well. Returns 1 while it is on trial, with the seconds that are left; 0 once it is not; -ECANCELED if it was
 * taken back now, or another negative errno if it should be and could not: the new one stays.
 */
int orchestrator_trial(struct orchestrator *orchestrator, const char *program, double *left);

/* Returns what orchestrator_open() found of an earlier x0top and removed or left alone: a
 * sentence without full stop, or empty. */
const char *orchestrator_notice(const struct orchestrator *orchestrator);

/* Returns 0 if it is known what enforces on this host, be it nothing; else a negative errno with *failure set. */
int orchestrator_must_know(const struct orchestrator *orchestrator, struct failure *failure);

/* Returns 0 if something pinned enforces; else a negative errno with *failure saying why this x0top changes
 * nothing: there is nothing, it is not its own, or it may not be looked at. */
int orchestrator_must_enforce(const struct orchestrator *orchestrator, struct failure *failure);

/* Returns the change of rules or sets that is undone unless it is confirmed in time. */
struct history_pending orchestrator_pending(const struct orchestrator *orchestrator);

/* Reads the mesh rules that are enforced, and their sets, to be freed by sets_free(). Returns the rules, to be
 * freed by the caller; NULL with *failure set. */
struct rule_table *orchestrator_rules(
	const struct orchestrator *orchestrator, struct mesh_sets **sets, struct failure *failure);

/* Reads the sets of the mesh rules in force. Returns them, to be freed by sets_free(), or NULL with *failure
 * set. */
struct mesh_sets *orchestrator_sets(
	const struct orchestrator *orchestrator, struct failure *failure);

/* Returns 0 if every request is in force, else 1. */
int orchestrator_exit_status(const struct orchestrator *orchestrator);

#endif
