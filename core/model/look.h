/* SPDX-License-Identifier: BSD-2-Clause */
/* What somebody looks at, of that which costs something to read: samples have it only then. */
#ifndef X0_MODEL_LOOK_H
#define X0_MODEL_LOOK_H

enum look {
	LOOK_NOTHING = 0,
	LOOK_FLOWS = 1 << 0, /* the busiest flows and sources */
	LOOK_PLUGINS = 1 << 1, /* what is in the maps of plugins */
	LOOK_EVENTS = 1 << 3, /* the events of plugins alone */
	LOOK_WHOLE = 1 << 2, /* all of each map within one sample, however long that takes */
	LOOK_ALL = LOOK_FLOWS | LOOK_PLUGINS,
};

#endif
