/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's kinds of maps: how they are called, and whether their entries can be read and mean anything. */
#ifndef X0_PLUGINS_MAP_KINDS_H
#define X0_PLUGINS_MAP_KINDS_H

#include <bpf/libbpf.h>
#include <stdbool.h>

#include "model/snapshot_plugins.h"

enum map_entries {
	MAP_KEYED,
	MAP_INDEXED, /* by number, from 0 on: all of them are there */
};

struct map_kind {
	const char *name;
	enum plugin_map_form form;
	enum map_entries entries;
	bool per_cpu;
	const char *
		why_not; /* why it is not shown, as a sentence without its full stop; NULL: it is */
};

/* Returns the kind of a map; one that is not known has a reason, too. */
const struct map_kind *map_kind_find(const struct bpf_map *map);

#endif
