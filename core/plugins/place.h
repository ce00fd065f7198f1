/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where plugins stand in the XDP chain: where the operator says, else where a tag on their XDP program says, else
 * behind all others.
 */
#ifndef X0_PLUGINS_PLACE_H
#define X0_PLUGINS_PLACE_H

#include "plugins/plugin.h"

/* Sets plugin->place from the tags of its XDP program. Returns 0, or a negative errno with *failure set: a tag that
 * is not known might have been one. */
int place_read(struct plugin *plugin, const struct bpf_object *object, struct failure *failure);

/*
 * Gives plugins stages of the chain, and their order with those of x0top. One without a place that there is cannot
 * be used: plugin->refused says why. What the settings say of plugins that there are not is told in *failure, whose
 * error is else 0.
 */
void place_all(struct plugin *plugins, uint32_t n, const struct settings *settings,
	uint8_t order[XDP_STAGES_MAX], struct failure *failure);

#endif
