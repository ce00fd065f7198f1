/* SPDX-License-Identifier: BSD-2-Clause */
/* x0top classes check: which line decides about a packet. */
#ifndef X0_CLI_CLASSES_CHECK_H
#define X0_CLI_CLASSES_CHECK_H

#include "programs/settings.h"

/* Answers about the packet of these words, by the lines of the settings. Returns an exit status. */
int classes_check(int n, char **words, struct settings *settings, bool json);

#endif
