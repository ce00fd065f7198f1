/* SPDX-License-Identifier: BSD-2-Clause */
/* The state of a plugin that runs. */
#ifndef X0_PLUGINS_PLUGIN_RUNNING_H
#define X0_PLUGINS_PLUGIN_RUNNING_H

#include "plugins/plugin_load.h"
#include "plugins/plugin_maps.h"
#include "plugins/plugin_tc.h"
#include "plugins/plugin_trace.h"

struct plugin_running {
	struct plugin_loaded loaded;
	struct plugin_trace trace;
	struct plugin_tc tc;
	struct plugin_maps maps;
};

/* Puts its XDP program, of a loaded object, into the chain. Returns 0, or a negative errno with *failure set. */
int plugin_enter_chain(
	struct program *program, const struct bpf_object *object, struct failure *failure);

#endif
