/* SPDX-License-Identifier: BSD-2-Clause */
/* x0top qos list. */
#ifndef X0_CLI_QOS_PRINT_H
#define X0_CLI_QOS_PRINT_H

#include "control/orchestrator.h"

/* Prints what is done to the classes of interfaces, as text or JSON. Returns an exit status. */
int qos_print(struct orchestrator *orchestrator, bool json);

#endif
