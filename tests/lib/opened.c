// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/opened.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/recent.h"

struct opened opened;

void opened_open(void)
{
	if (orchestrator_open(&opened.settings, &opened.orchestrator, &opened.failure) < 0)
		fail_msg("%s: %s", opened.failure.what, opened.failure.cause);
}

void opened_close(void)
{
	orchestrator_close(opened.orchestrator);
	opened.orchestrator = NULL;
}

const struct snapshot *opened_sample(void)
{
	orchestrator_handle_events(opened.orchestrator);
	orchestrator_sample(opened.orchestrator, NULL, &opened.now);
	assert_events_recent(&opened.now);
	return &opened.now;
}

void opened_act(const char *text)
{
	struct action action = { .actor = ACTOR_COMMAND_LINE, .confirmed = true };

	if (action_parse(text, &action, &opened.failure) < 0 ||
		orchestrator_apply(opened.orchestrator, &action, &opened.failure) < 0)
		fail_msg("%s: %s: %s", text, opened.failure.what, opened.failure.cause);
}

const struct snapshot_program *opened_program(const char *name)
{
	for (uint32_t i = 0; i < opened.now.n_programs; i++)
		if (strcmp(opened.now.programs[i].name, name) == 0)
			return &opened.now.programs[i];
	fail_msg("no program %s", name);
	abort();
}
