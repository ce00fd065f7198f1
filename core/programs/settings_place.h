/* SPDX-License-Identifier: BSD-2-Clause */
/* The setting that says where in the XDP chain a plugin is to stand. */
#ifndef X0_PROGRAMS_SETTINGS_PLACE_H
#define X0_PROGRAMS_SETTINGS_PLACE_H

#include "programs/settings.h"

extern const char *const place_names[]; /* enum place_where */

/*
 * Sets the place of a plugin from "NAME before STAGE", "NAME after STAGE" or "NAME last". Of several places of a
 * plugin the last is in force. Returns 0, or a negative errno with *failure set and nothing changed.
 */
int settings_place_set(struct settings *settings, const char *value, struct failure *failure);

#endif
