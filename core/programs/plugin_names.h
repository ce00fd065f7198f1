/* SPDX-License-Identifier: BSD-2-Clause */
/* The names that plugins will have, by those of their files: settings name programs before any plugin is read. */
#ifndef X0_PROGRAMS_PLUGIN_NAMES_H
#define X0_PROGRAMS_PLUGIN_NAMES_H

#include "programs/settings.h"

#define PLUGIN_FOLDER "/etc/x0top/plugins"
#define PLUGIN_SUFFIX ".bpf.o"

/* Returns whether a file of the folder is a plugin, by its name: it ends in PLUGIN_SUFFIX, and is not hidden. */
bool plugin_file_name(const char *name);

/* Makes the name of the program from the path of its file: small letters, digits, _ and -. */
void plugin_name(const char *path, char name[NAME_LEN]);

/* Returns whether `name` is that of a plugin of the settings or of PLUGIN_FOLDER. */
bool plugin_name_known(const struct settings *settings, const char *name);

#endif
