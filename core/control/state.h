/* SPDX-License-Identifier: BSD-2-Clause */
/* Defines the orchestrator's state, shared by the files of core/control. */
#ifndef X0_CONTROL_STATE_H
#define X0_CONTROL_STATE_H

#include "control/orchestrator.h"
#include "kernel/pins.h"
#include "model/alert_log.h"
#include "neighbours/neighbours.h"
#include "plugins/plugins.h"
#include "programs/programs.h"
#include "programs/wake_limits.h"
#include "qos/act_history.h"

/* Samples between the samples: glance.c. */
struct glance {
	int timer; /* -1: not opened */
	uint64_t period_ns; /* 0: none are taken */
	bool taken; /* `now` holds one */
	bool watched; /* it has what GLANCED_WATCHED programs count */
	unsigned int parts; /* bits of enum glanced that the next one has, beside GLANCED_ALWAYS */
	double at; /* CLOCK_MONOTONIC seconds of it */
	struct snapshot *now, *before;
	struct wake_limits limits;
};

struct orchestrator {
	struct settings settings;
	struct program_context context;
	uint32_t n_programs;
	struct program programs[PROGRAMS_MAX];
	struct plugins *plugins; /* the types of the last ones; owned */
	bool started; /* the requests of the settings were applied */
	int lock_fd; /* owns the chain while open; -1: does not */
	struct pins pins; /* the folder of pins */
	struct failure pins_failure; /* why adoption changed nothing; error 0 if it adopted */
	char notice[REASON_LEN]; /* what adoption found and did; may be empty */
	char readonly_reason[REASON_LEN]; /* empty while changes are allowed */
	char text[RULE_LEN]; /* of the action that is being applied */
	char done[DONE_LEN]; /* what the last change did beyond its words; may be empty */
	struct failure
		unaudited; /* why the last change is not in the audit log; error 0 if it is */
	struct failure missed; /* what orchestrator_miss() was told; error 0: nothing */
	struct neighbours *neighbours; /* NULL: opened for its pins alone */
	struct alert_log alerts;
	struct orchestrator_thinker thinker; /* of zeroes: nobody does */
	struct glance glance;
	int switches; /* control/switch_book.h; -1: not open */
	bool qos_part; /* a change of qos is a part of one that is remembered as a whole */
	bool qos_between; /* steps of MAPE-K's are remembered, and behind them qos_before again */
	struct act_history qos_before;
	uint64_t qos_again; /* CLOCK_BOOTTIME ns from which qos_late() looks again */
	double sampled_at; /* CLOCK_MONOTONIC seconds of the last sample */
};

/* Finds a program by name. Returns NULL if there is none. */
struct program *orchestrator_find(struct orchestrator *o, const char *name);

/* Returns the program that owns a verb; NULL for the verbs of control. */
struct program *orchestrator_owner(struct orchestrator *o, const struct verb *verb);

/* Lists the programs and declares their maps. Returns 0 or -ENOMEM. */
int orchestrator_list_programs(struct orchestrator *o);

/* Frees the list. */
void orchestrator_free_programs(struct orchestrator *o);

/* Applies what programs have due: program_type's due_action(). */
void orchestrator_apply_due(struct orchestrator *o);

/* Ends the trials of replaced programs whose time is over, or that are taken back. */
void orchestrator_end_trials(struct orchestrator *o);

/* --- enforcement.c ---------------------------------------------------------------------------- */

/* Returns whether a program enforces, by its control map. */
bool enforcement_is_on(const struct program *program);

/* Returns whether what it belongs to, the chain or the classifier, is pinned. */
bool enforcement_has_pins(const struct program *program);

/* Returns whether it enforces and is pinned. */
bool enforcement_is_pinned(const struct program *program);

/* Returns whether what it belongs to, the chain or the pinned classifier, is another x0top's: this one looks at it. */
bool enforcement_is_anothers(const struct program *program);

/* Returns whether any program enforces. */
bool enforcement_any(const struct orchestrator *o);

/* Lets all programs only observe. */
void enforcement_stop_all(struct orchestrator *o);

/* Returns 0 if this x0top owns the XDP chain, or -EBUSY with *failure naming the owner or the reason. */
int enforcement_own(const struct orchestrator *o, struct failure *failure);

/* Turn enforcing on and off, under the change lock. Return 0, or a negative errno with *failure set. */
int enforcement_on(struct orchestrator *o, struct program *program, struct failure *failure);
int enforcement_off(struct orchestrator *o, struct program *program, struct failure *failure);

/* Logs that the pins were removed by others; one that only looks also notices new ones. */
void enforcement_follow(struct orchestrator *o);

/* Refuses changes from now on if the keeper was killed, and logs it once. */
void enforcement_follow_keeper(struct orchestrator *o);

/* Returns whether the links of the chain and of the classifier are pinned as far as they must be. */
bool enforcement_links_pinned(const struct orchestrator *o);

/* Removes the pins of the chain, or of the classifier, of which nothing enforces any more. */
void enforcement_unpin_group(struct orchestrator *o, bool chain);

/* Pins new links while enforcing, and removes the pins of dead ones. Takes the change lock. */
void enforcement_pin_links(struct orchestrator *o);

/* --- glance.c --------------------------------------------------------------------------------- */

/* Opened for a thinker. Returns 0, or a negative errno; glance_close() either way. */
int glance_open(struct orchestrator *o);
void glance_close(struct orchestrator *o);

/* Takes a glance if one is due. */
void glance_handle(struct orchestrator *o);

/* --- adoption.c ------------------------------------------------------------------------------- */

/* Compares the pinned maps with those of the chain's objects. A program that enforces needs all of its. Returns 0, or
 * a negative errno with *failure set. */
int enforcement_compare_maps(struct orchestrator *o, struct failure *failure);

/*
 * Adopts pinned programs that enforce, and removes pins
 * that enforce nothing if this x0top owns the chain: o->notice says so. Leaves foreign pins alone and
 * sets o->pins_failure; for another layout or wrong contents, also o->readonly_reason.
 */
void enforcement_adopt(struct orchestrator *o);

/* Adopts the programs of an adopted chain, so that each protects until its successor is in the chain.
 * Needs CAP_SYS_ADMIN; without it, packets may pass unfiltered for a moment. */
void enforcement_adopt_stages(struct orchestrator *o);

#endif
