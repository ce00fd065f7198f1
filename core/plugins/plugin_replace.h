/* SPDX-License-Identifier: BSD-2-Clause */
/* Puts another file in a plugin's place while it works. */
#ifndef X0_PLUGINS_PLUGIN_REPLACE_H
#define X0_PLUGINS_PLUGIN_REPLACE_H

#include "plugins/plugin.h"

/* As the functions of struct program_type. */
int plugin_read_file(const struct program *program, const char *path, struct program_file **file,
	struct failure *failure);
int plugin_replace(struct program *program, struct failure *failure);

#endif
