/* SPDX-License-Identifier: BSD-2-Clause */
/* Says how a service is: what was asked for and is not in force, and the alerts that last. */
#ifndef X0_SERVE_HEALTH_H
#define X0_SERVE_HEALTH_H

#include "control/orchestrator.h"
#include "serve/pages.h"

/* `orchestrator` is NULL in a replay; `sentence` is what the service itself has to say, or empty. */
void health_look(const struct orchestrator *orchestrator, const struct snapshot *now,
	const char *sentence, struct health *health);

#endif
