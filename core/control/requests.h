/* SPDX-License-Identifier: BSD-2-Clause */
/* What the settings ask for once the programs have started: their actions, enforcing, and what is done to classes. */
#ifndef X0_CONTROL_REQUESTS_H
#define X0_CONTROL_REQUESTS_H

#include "control/orchestrator.h"

/* Applies all requests of the settings, and sets o->started. A failure stays with its program as unmet. */
void requests_apply(struct orchestrator *o);

#endif
