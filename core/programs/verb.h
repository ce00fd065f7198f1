/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A verb is something that can be changed, in one row: its words, what follows them, who is asked
 * what before it is done, and how it is done. Parser, usage, completion, remedies and the dashboard's
 * dialogs are made from these rows: core/control/action.h.
 */
#ifndef X0_PROGRAMS_VERB_H
#define X0_PROGRAMS_VERB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/text.h"
#include "xdp_mesh_filter.h"

struct orchestrator;
struct program;
struct verb;

/* Who asks for a change. */
enum action_actor {
	ACTOR_KEY,
	ACTOR_COMMAND_LINE,
	ACTOR_CONFIGURATION,
	ACTOR_MAPEK,
	ACTORS,
};

/* A verb with its operand. */
struct action {
	const struct verb *verb;
	uint32_t actor; /* enum action_actor */
	bool confirmed; /* the operator has said yes, or --yes */
	char program[NAME_LEN]; /* operand_program */
	uint32_t number; /* operand_rule_number */
	struct mesh_rule rule; /* operand_rule */
};

/* What follows the words of a verb. */
struct operand {
	const char *usage; /* "NAME" */
	/* Reads the text into an action. Returns 0, or -EINVAL with *failure set. */
	int (*parse)(const char *text, struct action *action, struct failure *failure);
	void (*format)(const struct action *action, char *text, size_t size);
};

enum decision {
	DECISION_DO,
	DECISION_ASK, /* the operator, first */
	DECISION_REFUSE,
};

/* What decide() and apply() work on. */
struct verb_call {
	struct orchestrator *orchestrator; /* for the verbs of core/control */
	struct program *program; /* whose verb it is, or that its operand names; else NULL */
	const struct action *action;
};

struct verb {
	const char *object, *word; /* "rule", "add" */
	const struct operand *operand; /* NULL: nothing follows */
	const char *help; /* what it does, for usage and dialogs: "add a mesh rule" */
	/* NULL: do it. Otherwise says why with a sentence: a question, or why it is refused. */
	enum decision (*decide)(const struct verb_call *call, char *sentence, size_t size);
	/* Returns 0, or a negative errno with *failure set and nothing changed. */
	int (*apply)(const struct verb_call *call, struct failure *failure);
};

extern const struct operand operand_program;

#endif
