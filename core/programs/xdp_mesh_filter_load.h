/* SPDX-License-Identifier: BSD-2-Clause */
/* Puts the rules and sets of settings in force, at one moment. */
#ifndef X0_PROGRAMS_XDP_MESH_FILTER_LOAD_H
#define X0_PROGRAMS_XDP_MESH_FILTER_LOAD_H

#include "programs/program.h"
#include "programs/settings.h"
#include "programs/verb.h"

/* Reads what is in force, to be changed in memory: filter->loading, NULL with *failure set. */
void mesh_filter_begin_loading(struct program *program, struct failure *failure);

/* Puts it in force, or forgets it. Return 0, or a negative errno with *failure set and nothing changed. */
int mesh_filter_end_loading(struct program *program, struct failure *failure);
void mesh_filter_abandon_loading(struct program *program);

/* Checks that the sets that the rules of the settings name are among those to be in force. Returns 0, or a negative
 * errno with *failure set, which names the place in the file. */
int mesh_filter_check_sets(
	struct program *program, const struct settings *settings, struct failure *failure);

/* Fills in an action, but for its verb, that makes a set of the settings. */
void mesh_filter_set_asked(struct program *program, const struct settings_set *asked,
	struct action *action, struct failure *failure);

/* The verb that replaces all rules by those of a file, and makes its sets. */
enum decision mesh_filter_decide_load(const struct verb_call *call, char *sentence, size_t size);
int mesh_filter_apply_load(const struct verb_call *call, struct failure *failure);

#endif
