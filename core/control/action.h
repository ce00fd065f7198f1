/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An action: the one form in which anybody asks for a change, be it a key, the command line, a
 * configuration file or MAPE-K. Its text form, "rule add drop 10.1.0.0/16", is what scripts say and
 * what the audit log records. The verbs are rows of core/programs/verb.h, of the modules and of
 * control: `x0top help verbs` lists them.
 */
#ifndef X0_CONTROL_ACTION_H
#define X0_CONTROL_ACTION_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "programs/verb.h"

/* The verbs that are about any program; a NULL object ends them. */
enum { VERB_PROGRAM_ON, VERB_PROGRAM_OFF, VERB_ENFORCE_ON, VERB_ENFORCE_OFF, CONTROL_VERBS };
extern const struct verb control_verbs[];

/* All verbs by number: those of control first, then those of the modules. NULL after the last. */
const struct verb *verb_at(uint32_t number);

/*
 * Reads the text form; action->actor and action->confirmed stay as the caller set them. Returns 0, or
 * -EINVAL with *action untouched and *failure saying what is wrong with the text.
 */
int action_parse(const char *text, struct action *action, struct failure *failure);

/* Writes the text form into `text`; truncates it if need be. */
void action_format(const struct action *action, char *text, size_t size);

/* Writes how the verbs of an object, "rule", are used, a line each with what it does. `command`
 * stands in the object's place: "x0top rules add [off] pass|drop KEY"; NULL: the object itself. An
 * `object` of NULL is all. */
void verbs_format_usage(const char *object, const char *command, char *text, size_t size);

#endif
