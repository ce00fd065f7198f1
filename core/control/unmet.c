// SPDX-License-Identifier: BSD-2-Clause
/* What was asked for and is not in force. */
#include "control/orchestrator.h"
#include "control/state.h"

const struct failure *orchestrator_unmet(const struct orchestrator *o, uint32_t i)
{
	for (uint32_t p = 0; p < o->n_programs; p++)
		if (o->programs[p].unmet.error < 0 && i-- == 0)
			return &o->programs[p].unmet;
	return NULL;
}

const char *orchestrator_not_enforcing(const struct orchestrator *o, uint32_t i)
{
	for (uint32_t p = 0; p < o->n_programs; p++) {
		const struct program *program = &o->programs[p];
		if (program->unmet.error == 0 && program->type->enforce_asked != NULL &&
			program->type->enforce_asked(&o->settings) && !enforcement_is_on(program) &&
			i-- == 0)
			return program->type->name;
	}
	return NULL;
}

int orchestrator_exit_status(const struct orchestrator *o)
{
	for (uint32_t i = 0; i < o->n_programs; i++) {
		const struct program *program = &o->programs[i];
		if (program->status == PROGRAM_FAILED || program->status == PROGRAM_PARTLY ||
			program->unmet.error < 0)
			return 1;
	}
	return 0;
}
