/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An action: the one form in which anybody asks for a change, be it a key, the command line, a
 * configuration file or MAPE-K. It has a text form, which is what scripts say and what the audit
 * log records:
 *
 *	program on|off NAME		enforce on|off NAME
 *	rule on|off|remove NUMBER	rule add pass|drop KEY
 *	keys reload
 *
 * KEY is a prefix "10.1.0.0/16", "fd00::/8", a MAC "mac 02:00:00:00:00:01", or a destination port
 * "tcp 22", "udp 6696".
 */
#ifndef X0_CONTROL_ACTION_H
#define X0_CONTROL_ACTION_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "model/snapshot.h"

enum action_verb {
	ACTION_PROGRAM_ON,
	ACTION_PROGRAM_OFF,
	ACTION_ENFORCE_ON,
	ACTION_ENFORCE_OFF,
	ACTION_RULE_ON,
	ACTION_RULE_OFF,
	ACTION_RULE_REMOVE,
	ACTION_RULE_ADD,
	ACTION_KEYS_RELOAD,
	ACTION_VERBS,
};

/* Who asks. */
enum action_actor {
	ACTOR_KEY,
	ACTOR_COMMAND_LINE,
	ACTOR_CONFIGURATION,
	ACTOR_MAPEK,
	ACTORS,
};

struct action {
	uint32_t verb; /* enum action_verb */
	uint32_t actor; /* enum action_actor */
	char program[NAME_LEN]; /* PROGRAM_*, ENFORCE_* */
	uint32_t rule; /* RULE_ON, RULE_OFF, RULE_REMOVE: its number */
	struct mesh_rule new_rule; /* RULE_ADD */
};

/*
 * Reads the text form; action->actor stays as the caller set it. Returns 0, or -EINVAL with *action
 * untouched and *failure saying what is wrong with the text.
 */
int action_parse(const char *text, struct action *action, struct failure *failure);

/* Writes the text form into `text`; truncates it if need be. */
void action_format(const struct action *action, char *text, size_t size);

#endif
