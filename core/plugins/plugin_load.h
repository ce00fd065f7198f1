/* SPDX-License-Identifier: BSD-2-Clause */
/* Loads a plugin's object, and wraps its programs so that they are counted. */
#ifndef X0_PLUGINS_PLUGIN_LOAD_H
#define X0_PLUGINS_PLUGIN_LOAD_H

#include "plugin_counts.h"
#include "plugins/plugin.h"

/* How the kernel's names of all programs of plugins begin. */
#define PLUGIN_KERNEL_NAME "x0p_"

/* The list of maps of a plugin's that are carried over: for map_registry_move_own(). */
extern const struct shared_map plugin_moved[];

struct plugin_loaded {
	struct bpf_object *object; /* NULL: not loaded */
	struct bpf_object *
		declared; /* the same, opened only: a map that goes on has the types of another's BTF */
	struct bpf_object *wrappers[PLUGIN_HOOKS]; /* NULL: no program of this kind */
	bool passes; /* the verifier has proved that it passes every packet */
};

/* Loads it, from program->file if there is one; with the maps of `kept`, which it has loaded before, or NULL. Returns 0 with *loaded to be freed by plugin_unload(), or a negative errno with *failure set: the
 * line that the verifier refuses, for one. */
int plugin_load(struct program *program, const struct plugin_loaded *kept,
	struct plugin_loaded *loaded, struct failure *failure);
void plugin_unload(struct plugin_loaded *loaded);

/* Loads it, without a wrapper, and takes it out of the kernel again; *passes: whether the verifier proves that it
 * passes every packet. Returns as plugin_load(). */
int plugin_try(const struct plugin *plugin, bool *passes, struct failure *failure);

/* Sums what its programs have counted. */
void plugin_counts(const struct program_context *context, const struct plugin_loaded *loaded,
	struct plugin_counts *counts);

#endif
