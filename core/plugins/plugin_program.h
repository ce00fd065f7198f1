/* SPDX-License-Identifier: BSD-2-Clause */
/* What every plugin does as a program. */
#ifndef X0_PLUGINS_PLUGIN_PROGRAM_H
#define X0_PLUGINS_PLUGIN_PROGRAM_H

#include "plugins/plugin.h"

/* The type of each plugin, but for its name, kind, capabilities and stage. */
extern const struct program_type plugin_type;

#endif
