/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verbs: each row describes a change by its words, its operand, the question before it, and how it is
 * done. core/control/action.h makes parser, usage, completion, remedies and dialogs from these rows.
 */
#ifndef X0_PROGRAMS_VERB_H
#define X0_PROGRAMS_VERB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/text.h"
#include "class_act.h"
#include "kernel/replaced.h"
#include "xdp_mesh_filter.h"

struct orchestrator;
struct program;
struct set_elements;
struct settings;
struct verb;

/* Sources of a request. */
enum action_actor {
	ACTOR_KEY,
	ACTOR_COMMAND_LINE,
	ACTOR_CONFIGURATION,
	ACTOR_MAPEK,
	ACTOR_FEED, /* a source of neighbours, for the sets that follow it */
	ACTOR_ADOPTION, /* the start of x0top, where it removes what a kill left */
	ACTOR_TIME, /* nobody: the time of something is over */
	ACTORS,
};

/* A verb with its operand. */
struct action {
	const struct verb *verb;
	uint32_t actor; /* enum action_actor */
	bool confirmed; /* the operator has said yes, or --yes */
	char program[NAME_LEN]; /* operand_program */
	uint32_t number, to; /* operand_rule_number, operand_move */
	/* The conditions of the rule, or line of classes, that the asker saw at `number`: it is meant, wherever it is
	 * now. Empty: what is at that number. */
	char seen[REASON_LEN];
	struct mesh_rule rule; /* operand_rule */
	char set[MESH_SET_NAME_LEN]; /* of operands that name a set */
	char class_line[RULE_LEN]; /* a line of the traffic classes, as classes_parse() reads it */
	char interface[NAME_LEN]; /* of operands of x0top qos */
	uint64_t rate; /* the same: bit/s; 0: none */
	uint64_t more; /* the same: bytes of a burst, or bit/s of a ceiling; 0: the usual one */
	uint32_t share; /* the same: of what is borrowed; 0: as it was */
	char class[CLASS_NAME_LEN]; /* the same: as its name may be written in one word */
	uint32_t direction; /* the same: enum traffic_direction */
	uint32_t modes; /* the same: one of enum class_act_mode; 0: all */
	uint32_t priority; /* the same: 1 + that of marked packets; 0: as it was */
	int dscp; /* the same: 0 to 63; -1: none */
	uint32_t kind; /* enum mesh_set_kind; MESH_SET_KINDS: as the first element is */
	char source[MESH_SET_SOURCE_LEN]; /* the path of a file, an element, or what to follow */
	/* Of the file, read before rights were given up, or of a feed; NULL: they are read. Not owned. */
	const struct set_elements *elements;
	char file[PROGRAM_PATH_LEN]; /* operand_replacement: a path; empty: the built-in object */
	uint32_t canary; /* the same: seconds on trial; 0: none */
	const struct settings *loaded; /* operand_settings_file: what the file says; not owned */
	uint32_t
		confirm_within; /* seconds after which the change is undone, unless confirmed; 0: never */
	uint64_t token; /* of such a change, not 0; to roll back: 0 is any */
};

/* The operand behind the words of a verb. */
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

/* Arguments of decide() and apply(). */
struct verb_call {
	struct orchestrator *orchestrator; /* for the verbs of core/control */
	struct program *program; /* the owner of the verb, or named by its operand; else NULL */
	const struct action *action;
	const char *text; /* its text form */
	char *done; /* DONE_LEN: apply() may write what it did beyond the action, ", as rule 7" */
};

struct verb {
	const char *object, *word; /* "rule", "add" */
	const struct operand *operand; /* NULL: nothing follows */
	const char *help; /* for usage and dialogs: "add a mesh rule" */
	/* NULL: do it. Writes the question, or the reason of the refusal, into `sentence`. */
	enum decision (*decide)(const struct verb_call *call, char *sentence, size_t size);
	/* Returns 0, or a negative errno with *failure set and nothing changed. */
	int (*apply)(const struct verb_call *call, struct failure *failure);
};

enum { DONE_LEN = 1024 };

extern const struct operand operand_program;
extern const struct operand operand_replacement; /* a program and what takes its place */
extern const struct operand
	operand_settings_file; /* core/control reads it, where `loaded` is NULL */

#endif
