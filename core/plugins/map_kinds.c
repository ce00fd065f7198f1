// SPDX-License-Identifier: BSD-2-Clause
#include "plugins/map_kinds.h"

#include <linux/bpf.h>
#include <string.h>

#define MAPS_OF_OTHERS "Its entries are other maps, programs, sockets or devices"
#define OF_OWNERS      "Its entries belong to sockets, tasks, inodes or cgroups, and cannot be listed"

static const struct map_kind kinds[] = {
	[BPF_MAP_TYPE_HASH] = { "hash", PLUGIN_MAP_TABLE, MAP_KEYED, false, NULL },
	[BPF_MAP_TYPE_LRU_HASH] = { "LRU hash", PLUGIN_MAP_TABLE, MAP_KEYED, false, NULL },
	[BPF_MAP_TYPE_PERCPU_HASH] = { "per-CPU hash", PLUGIN_MAP_TABLE, MAP_KEYED, true, NULL },
	[BPF_MAP_TYPE_LRU_PERCPU_HASH] = { "per-CPU LRU hash", PLUGIN_MAP_TABLE, MAP_KEYED, true,
		NULL },
	[BPF_MAP_TYPE_LPM_TRIE] = { "LPM trie", PLUGIN_MAP_TABLE, MAP_KEYED, false, NULL },
	[BPF_MAP_TYPE_ARRAY] = { "array", PLUGIN_MAP_TABLE, MAP_INDEXED, false, NULL },
	[BPF_MAP_TYPE_PERCPU_ARRAY] = { "per-CPU array", PLUGIN_MAP_TABLE, MAP_INDEXED, true,
		NULL },
	[BPF_MAP_TYPE_RINGBUF] = { "ring buffer", PLUGIN_MAP_EVENTS, MAP_KEYED, false, NULL },
	[BPF_MAP_TYPE_PERF_EVENT_ARRAY] = { .name = "perf event array",
		.why_not = "Events of perf are not read: use a ring buffer" },
	[BPF_MAP_TYPE_QUEUE] = { .name = "queue", .why_not = "Reading it would empty it" },
	[BPF_MAP_TYPE_STACK] = { .name = "stack", .why_not = "Reading it would empty it" },
	[BPF_MAP_TYPE_STACK_TRACE] = { .name = "stack traces",
		.why_not = "Its entries are addresses in the kernel" },
	[BPF_MAP_TYPE_PROG_ARRAY] = { .name = "program array", .why_not = MAPS_OF_OTHERS },
	[BPF_MAP_TYPE_ARRAY_OF_MAPS] = { .name = "array of maps", .why_not = MAPS_OF_OTHERS },
	[BPF_MAP_TYPE_HASH_OF_MAPS] = { .name = "hash of maps", .why_not = MAPS_OF_OTHERS },
	[BPF_MAP_TYPE_CGROUP_ARRAY] = { .name = "cgroup array", .why_not = MAPS_OF_OTHERS },
	[BPF_MAP_TYPE_DEVMAP] = { .name = "device map", .why_not = MAPS_OF_OTHERS },
	[BPF_MAP_TYPE_DEVMAP_HASH] = { .name = "device hash", .why_not = MAPS_OF_OTHERS },
	[BPF_MAP_TYPE_CPUMAP] = { .name = "CPU map", .why_not = MAPS_OF_OTHERS },
	[BPF_MAP_TYPE_XSKMAP] = { .name = "XSK map", .why_not = MAPS_OF_OTHERS },
	[BPF_MAP_TYPE_SOCKMAP] = { .name = "socket map", .why_not = MAPS_OF_OTHERS },
	[BPF_MAP_TYPE_SOCKHASH] = { .name = "socket hash", .why_not = MAPS_OF_OTHERS },
	[BPF_MAP_TYPE_SK_STORAGE] = { .name = "socket storage", .why_not = OF_OWNERS },
	[BPF_MAP_TYPE_INODE_STORAGE] = { .name = "inode storage", .why_not = OF_OWNERS },
	[BPF_MAP_TYPE_TASK_STORAGE] = { .name = "task storage", .why_not = OF_OWNERS },
};

static const struct map_kind unknown = { .name = "other",
	.why_not = "This kind of map is not known to x0top" };
static const struct map_kind constants = { .name = "constants",
	.why_not = "It holds constants of the program" };

/* Whether it is the section of constants, or of the kernel's configuration. */
static bool is_constant(const struct bpf_map *map)
{
	const char *name = bpf_map__name(map);

	return bpf_map__is_internal(map) &&
	       (strstr(name, ".rodata") != NULL || strstr(name, ".kconfig") != NULL);
}

const struct map_kind *map_kind_find(const struct bpf_map *map)
{
	const unsigned int type = bpf_map__type(map);

	if (is_constant(map))
		return &constants;
	return type < sizeof(kinds) / sizeof(kinds[0]) && kinds[type].name != NULL ? &kinds[type]
										   : &unknown;
}
