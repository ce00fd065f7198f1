// SPDX-License-Identifier: BSD-2-Clause
/* What was asked for and is not in force. */
#include <errno.h>

#include "control/orchestrator.h"
#include "control/state.h"

static bool is_partial(const struct program *program)
{
	return program->status == PROGRAM_FAILED || program->status == PROGRAM_PARTLY;
}

/* Enforcing may be on, and no interface there to enforce on. */
static bool lacks_enforcement(const struct orchestrator *o, const struct program *program)
{
	if (program->type->enforce_asked == NULL || !program->type->enforce_asked(&o->settings))
		return false;
	return !enforcement_is_on(program) || (is_partial(program) && program->failure.error < 0);
}

/* One that the operator named: others are in the list of programs, with the reason. */
static bool has_failed(const struct program *program)
{
	return program->named && program->status == PROGRAM_FAILED && program->failure.error < 0;
}

static void say_why(const struct program *program, const char *how, struct failure *failure)
{
	const struct failure *why = &program->failure;

	failure_set(failure, why->error, "%s %s: %s", program->type->name, how, why->what);
	if (why->remedy[0] != '\0')
		failure_remedy(failure, "%s", why->remedy);
	failure_cause(failure, "%s", why->cause);
}

static void say_lack(const struct program *program, struct failure *failure)
{
	if (program->failure.error == 0)
		failure_set(failure, -EAGAIN, "%s was asked to enforce, and does not",
			program->type->name);
	else
		say_why(program,
			program->status == PROGRAM_PARTLY ? "does not enforce everywhere"
							  : "does not enforce",
			failure);
}

bool orchestrator_unmet(const struct orchestrator *o, uint32_t i, struct failure *failure)
{
	for (uint32_t p = 0; p < o->n_programs; p++) {
		const struct program *program = &o->programs[p];
		bool known = program->unmet.error < 0, lacks = lacks_enforcement(o, program);
		if ((!known && !lacks && !has_failed(program)) || i-- > 0)
			continue;
		if (known)
			*failure = program->unmet;
		else if (lacks)
			say_lack(program, failure);
		else
			say_why(program, "failed", failure);
		return true;
	}
	if (o->missed.error == 0 || i > 0)
		return false;
	*failure = o->missed;
	return true;
}

int orchestrator_exit_status(const struct orchestrator *o)
{
	for (uint32_t i = 0; i < o->n_programs; i++) {
		const struct program *program = &o->programs[i];
		if (is_partial(program) || program->unmet.error < 0)
			return 1;
	}
	return o->missed.error < 0;
}
