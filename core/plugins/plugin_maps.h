/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The maps of a plugin as its BTF describes them: tables of arrays and hashes, events of ring buffers; others
 * are named with the reason why they are not shown. Tags that an author can give are in show_tags.h.
 */
#ifndef X0_PLUGINS_PLUGIN_MAPS_H
#define X0_PLUGINS_PLUGIN_MAPS_H

#include <bpf/libbpf.h>

#include "model/event_log.h"
#include "model/look.h"
#include "model/snapshot.h"

struct plugin_map;

/* Closed while all zero. */
struct plugin_maps {
	char plugin[NAME_LEN];
	uint32_t n;
	struct plugin_map *maps;
};

/*
 * Plans how to show the maps of a loaded object, which must outlive it. Reads none of them. Returns 0, or a
 * negative errno with nothing left: -ENOMEM, or that of reading the number of CPUs.
 */
int plugin_maps_open(struct plugin_maps *maps, struct bpf_object *object, const char *plugin);
void plugin_maps_close(struct plugin_maps *maps);

/*
 * Adds its maps to now->plugins; their rows and events only as far as `looks` (enum look) wants them. Reads
 * each map for some milliseconds, and a large one in parts; with LOOK_WHOLE all of it, for a second at most. `sort`:
 * which one is read with LOOK_PLUGIN_MAP, of this plugin or another, and how it is sorted.
 */
void plugin_maps_sample(struct plugin_maps *maps, unsigned int looks, const struct look_sort *sort,
	struct event_log *log, struct snapshot *now);

#endif
