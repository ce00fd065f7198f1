// SPDX-License-Identifier: BSD-2-Clause
/* Carrying out actions: the one path by which anything is changed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "control/audit.h"
#include "control/connection.h"
#include "control/lock.h"
#include "control/state.h"
#include "mesh/rule.h"
#include "mesh/rules.h"

static int no_such_program(const char *name, struct failure *failure)
{
	failure_set(failure, -ENOENT, "There is no program %s in this x0top", name);
	return failure_remedy(failure, "x0top --once lists the programs");
}

static int apply_program(
	struct orchestrator *o, const struct action *action, struct failure *failure)
{
	struct program *program = program_find(o, action->program);

	if (program == NULL || program->driver == NULL)
		return no_such_program(action->program, failure);
	if (o->look_only && program->description->stage != XDP_ROOT)
		return enforcement_own(o, failure);
	if (action->verb == ACTION_PROGRAM_ON)
		return program_start(o, program, failure);
	if (enforcement_is_on(o, program)) {
		int error = enforcement_off(o, program, failure);
		if (error < 0)
			return error;
	}
	program_stop(o, program);
	return 0;
}

static int apply_enforce(
	struct orchestrator *o, const struct action *action, struct failure *failure)
{
	struct program *program = program_find(o, action->program);

	if (program == NULL || !program->description->enforcer || program->driver == NULL) {
		failure_set(failure, -EINVAL, "%s does not enforce anything", action->program);
		return failure_remedy(failure, "xdp_mesh_filter and xdp_pqc_verify do");
	}
	if (action->verb == ACTION_ENFORCE_OFF)
		return enforcement_off(o, program, failure);
	if (!program->running) {
		failure_set(failure, -ENOENT, "%s is not running", action->program);
		return failure_remedy(
			failure, "Switch it on first: program on %s", action->program);
	}
	return enforcement_on(o, program, failure);
}

static int apply_rule_switch(
	struct orchestrator *o, const struct action *action, struct failure *failure)
{
	return rules_switch(&o->maps, action->rule, action->verb == ACTION_RULE_ON, failure);
}

static int apply_rule_remove(
	struct orchestrator *o, const struct action *action, struct failure *failure)
{
	return rules_remove(&o->maps, action->rule, failure);
}

static int apply_rule_add(
	struct orchestrator *o, const struct action *action, struct failure *failure)
{
	int number = rules_add(&o->maps, &action->new_rule, failure);

	return number < 0 ? number : 0;
}

static int apply_keys_reload(
	struct orchestrator *o, const struct action *action, struct failure *failure)
{
	(void)action;
	return pqc_reload_keys(o, failure);
}

static int (*const appliers[ACTION_VERBS])(
	struct orchestrator *o, const struct action *action, struct failure *failure) = {
	[ACTION_PROGRAM_ON] = apply_program,
	[ACTION_PROGRAM_OFF] = apply_program,
	[ACTION_ENFORCE_ON] = apply_enforce,
	[ACTION_ENFORCE_OFF] = apply_enforce,
	[ACTION_RULE_ON] = apply_rule_switch,
	[ACTION_RULE_OFF] = apply_rule_switch,
	[ACTION_RULE_REMOVE] = apply_rule_remove,
	[ACTION_RULE_ADD] = apply_rule_add,
	[ACTION_KEYS_RELOAD] = apply_keys_reload,
};

/* In the lab nothing of the host is changed, and nothing is written to its log. */
static void record(
	struct orchestrator *o, const struct action *action, const struct failure *failure)
{
	char text[TEXT_LEN / 2];

	action_format(action, text, sizeof(text));
	event_log_add(&o->events, 0, EVENT_KIND_ACTION, "%s: %s", text,
		failure->error < 0 ? failure->what : "done");
	if (o->settings.lab)
		return;
	int error = audit_write(action, failure);
	if (error < 0)
		event_log_add(&o->events, 0, EVENT_KIND_ACTION, "%s cannot be written: %s",
			AUDIT_LOG, strerror(-error));
}

/* Of one that starts nothing: there is only what is pinned. */
static int nothing_enforces(const struct orchestrator *o, struct failure *failure)
{
	if (o->pins_failure.error < 0) {
		*failure = o->pins_failure;
		return failure->error;
	}
	failure_set(failure, -ENOENT, "No mesh filter enforces on this host");
	return failure_remedy(failure, "x0top --enforce starts one that does");
}

int orchestrator_apply(struct orchestrator *o, const struct action *action, struct failure *failure)
{
	failure->error = 0;
	if (action->verb >= ACTION_VERBS)
		return failure_set(failure, -EINVAL, "There is no such action");
	if (o->readonly_reason[0] != '\0') {
		failure_set(failure, -EROFS, "%s", o->readonly_reason);
		return failure_remedy(failure, "%s",
			o->pins_failure.error < 0 ? o->pins_failure.remedy
						  : "Start one that may change things");
	}
	if (o->settings.adopt_only && !o->pinned)
		return nothing_enforces(o, failure);
	int lock = o->settings.lab ? -1 : lock_change(failure);
	bool locked = o->settings.lab || lock >= 0;
	int error = locked ? appliers[action->verb](o, action, failure) : lock;
	if (lock >= 0)
		close(lock);
	record(o, action, failure);
	return error;
}

/* --- what to ask first ----------------------------------------------------------------------- */

/* True if a rule that is on, and would drop, matches the operator's own connection. */
static bool cuts_connection(const struct mesh_rule *rule, const struct connection *connection)
{
	return rule->enabled && rule->action == MESH_DROP &&
	       rules_match_connection(rule, connection->address, connection->port);
}

static bool ask_enforce_signatures(const struct orchestrator *o, char *question, size_t size)
{
	char ports[TEXT_LEN];

	pqc_format_ports(o, ports, sizeof(ports));
	if (o->node_names.n == 0)
		snprintf(question, size,
			"No node's key is trusted: all that arrives on %s would be dropped. Enforce?",
			ports);
	else
		snprintf(question, size,
			"Drop what does not verify on %s, also after x0top has ended, until it is "
			"switched off?",
			ports);
	return true;
}

static bool ask_enforce_rules(const struct orchestrator *o, char *question, size_t size)
{
	struct connection connection;
	bool over_ssh = connection_find(&connection);
	uint32_t drops = 0;

	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		struct mesh_rule rule;
		if (rules_get(&o->maps, i, &rule) < 0)
			continue;
		drops += rule.enabled && rule.action == MESH_DROP;
		if (!over_ssh || !cuts_connection(&rule, &connection))
			continue;
		snprintf(question, size,
			"Mesh rule %u matches your own SSH connection from %s. Enforce, and cut it?",
			i, connection.address);
		return true;
	}
	snprintf(question, size,
		"Drop what %u rule%s drop%s, also after x0top has ended, until it is switched off?",
		drops, drops == 1 ? "" : "s", drops == 1 ? "s" : "");
	return true;
}

static bool ask_rule(
	const struct orchestrator *o, const struct action *action, char *question, size_t size)
{
	struct mesh_rule rule = action->new_rule;
	struct connection connection;
	char key[64];

	if (action->verb == ACTION_RULE_ON && rules_get(&o->maps, action->rule, &rule) < 0)
		return false;
	rule.enabled = true;
	if (!rules_enforced(&o->maps) || !connection_find(&connection) ||
		!cuts_connection(&rule, &connection))
		return false;
	rule_format_key(&rule, key, sizeof(key));
	snprintf(question, size,
		"Dropping %s matches your own SSH connection from %s. Do it, and cut it?", key,
		connection.address);
	return true;
}

static bool ask_stop(
	const struct orchestrator *o, const struct action *action, char *question, size_t size)
{
	bool enforced = false;

	if (strcmp(action->program, "xdp_mesh_filter") == 0)
		enforced = rules_enforced(&o->maps);
	if (strcmp(action->program, "xdp_pqc_verify") == 0)
		enforced = pqc_enforced(o);
	snprintf(question, size, "%s protects this host. Stop dropping?", action->program);
	return enforced;
}

bool orchestrator_must_ask(
	const struct orchestrator *o, const struct action *action, char *question, size_t size)
{
	switch (action->verb) {
	case ACTION_ENFORCE_ON:
		if (strcmp(action->program, "xdp_pqc_verify") == 0)
			return ask_enforce_signatures(o, question, size);
		return ask_enforce_rules(o, question, size);
	case ACTION_RULE_ON:
	case ACTION_RULE_ADD:
		return ask_rule(o, action, question, size);
	case ACTION_PROGRAM_OFF:
	case ACTION_ENFORCE_OFF:
		return ask_stop(o, action, question, size);
	}
	return false;
}
