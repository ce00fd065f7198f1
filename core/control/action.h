/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Actions: every change is requested as one, by a key, the command line or a configuration file. Scripts
 * use their text form, "rule add drop 10.1.0.0/16", and the audit log records it. The modules and control
 * define the verbs as rows of core/programs/verb.h; `x0top help verbs` lists them.
 */
#ifndef X0_CONTROL_ACTION_H
#define X0_CONTROL_ACTION_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "programs/verb.h"

/* The verbs for any program, for classes and for the thinker, ended by a NULL object. */
enum {
	VERB_PROGRAM_ON,
	VERB_PROGRAM_OFF,
	VERB_PROGRAM_REPLACE,
	VERB_PROGRAM_KEEP,
	VERB_PROGRAM_TAKE_BACK,
	VERB_ENFORCE_ON,
	VERB_ENFORCE_OFF,
	VERB_MAPEK_NEVER,
	VERB_MAPEK_AGAIN,
	VERB_MAPEK_RUN,
	VERB_MAPEK_UNDO,
	VERB_CLASS_ADD,
	VERB_CLASS_INSERT,
	VERB_CLASS_EDIT,
	VERB_CLASS_DELETE,
	VERB_CLASS_MOVE,
	VERB_CLASS_LOAD,
	VERB_CLASS_RESET,
	VERB_CLASS_UNDO,
	VERB_QOS_PRESET,
	VERB_QOS_RATE,
	VERB_QOS_MARK,
	VERB_QOS_POLICE,
	VERB_QOS_ON,
	VERB_QOS_OFF,
	VERB_QOS_LOAD,
	VERB_QOS_UNDO,
	VERB_QOS_CONFIRM,
	VERB_QOS_ROLLBACK,
	CONTROL_VERBS
};
extern const struct verb control_verbs[];

/* Returns a verb by number: those of control first, then those of the modules; NULL after the last. */
const struct verb *verb_at(uint32_t number);

/* Returns the verb of these two words, or NULL. */
const struct verb *verb_find(const char *object, const char *word);

/*
 * Reads the text form; keeps the actor, what is confirmed, and what waits for a confirm. Returns 0, or -EINVAL with *action
 * unchanged and *failure naming the mistake.
 */
int action_parse(const char *text, struct action *action, struct failure *failure);

/* Writes the text form into `text`; truncates it if need be. */
void action_format(const struct action *action, char *text, size_t size);

/* Writes the usage of an object's verbs, a line each with its help. `command` replaces the object:
 * "x0top rules add [off] pass|drop KEY"; NULL keeps it. `object` is "rule", or NULL for all. */
void verbs_format_usage(const char *object, const char *command, char *text, size_t size);

#endif
