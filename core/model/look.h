/* SPDX-License-Identifier: BSD-2-Clause */
/* What somebody looks at, of that which costs something to read: samples have it only then. */
#ifndef X0_MODEL_LOOK_H
#define X0_MODEL_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "model/snapshot_plugins.h"

/* Bits, also in what a dashboard tells the service: their numbers stay as they are. */
enum look {
	LOOK_NOTHING = 0,
	LOOK_FLOWS = 1 << 0, /* the busiest flows and sources */
	LOOK_PLUGINS = 1 << 1, /* what is in the maps of plugins */
	LOOK_EVENTS = 1 << 2, /* the events of plugins alone */
	LOOK_METRICS = 1 << 3, /* those maps of plugins that have metrics */
	LOOK_WHOLE = 1 << 4, /* all of each map within one sample, though it takes longer */
	LOOK_CLASSES = 1 << 5, /* the lines of the traffic classes */
	LOOK_PLUGIN_MAP = 1 << 6, /* what is in the map that struct look_sort names */
	LOOK_ALL = LOOK_FLOWS | LOOK_PLUGINS | LOOK_EVENTS | LOOK_CLASSES,
	LOOK_FAR = LOOK_ALL | LOOK_PLUGIN_MAP, /* a dashboard of the service's may look at these */
};

/* Which map of a plugin somebody looks at, and by which column he sorts its entries: a sample has those that come
 * first. */
struct look_sort {
	char plugin[NAME_LEN]; /* empty: nobody looks at one alone */
	char map[PLUGIN_NAME_LEN];
	uint32_t column; /* PLUGIN_COLUMNS_MAX: as the map itself says */
	bool least; /* the least come first, not the largest */
};

#endif
