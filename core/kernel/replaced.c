// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/replaced.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/words.h"
#include "kernel/pin.h"
#include "xdp_chain.h"

_Static_assert(sizeof(struct replaced) == 256, "a pinned map: raise PINS_LAYOUT with it");

/* The map of a stage, and what belongs to it there. */
struct place {
	const char *map;
	uint32_t entries, at;
};

static struct place place_of(uint32_t stage)
{
	return stage == XDP_ROOT ? (struct place) { REPLACED_CLASSES_MAP, 1, 0 }
				 : (struct place) { REPLACED_MAP, XDP_STAGES_MAX, stage };
}

int replaced_make(struct map_registry *maps, uint32_t stage, struct failure *failure)
{
	const struct place place = place_of(stage);

	if (!map_registry_lacks(maps, place.map))
		return 0;
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, place.map, sizeof(uint32_t),
		sizeof(struct replaced), place.entries, NULL);
	int error = fd < 0 ? -errno : map_registry_add(maps, place.map, fd);
	return error == 0 ? 0
			  : failure_set(failure, error,
				    "Cannot note in the kernel which file is in force: %s",
				    strerror(-error));
}

static bool is_as_made(const struct map_registry *maps, const struct place *place)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);
	int fd = map_registry_fd(maps, place->map);

	if (fd < 0)
		return true;
	return bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && info.type == BPF_MAP_TYPE_ARRAY &&
	       info.key_size == sizeof(uint32_t) && info.value_size == sizeof(struct replaced) &&
	       info.max_entries == place->entries && pin_kernel_name_is(info.name, place->map);
}

int replaced_check(const struct map_registry *maps, struct failure *failure)
{
	const struct place places[] = { place_of(XDP_COUNTER), place_of(XDP_ROOT) };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (!is_as_made(maps, &places[i]))
			return failure_set(failure, -EBADMSG,
				"The pin %s does not match this x0top", places[i].map);
	return 0;
}

void replaced_read(const struct map_registry *maps, uint32_t stage, struct replaced *replaced)
{
	const struct place place = place_of(stage);

	memset(replaced, 0, sizeof(*replaced));
	if (bpf_map_lookup_elem(map_registry_fd(maps, place.map), &place.at, replaced) < 0)
		return;
	replaced->path[sizeof(replaced->path) - 1] = '\0';
	if (!words_printable(replaced->path))
		memset(replaced, 0, sizeof(*replaced));
}

int replaced_write(const struct map_registry *maps, uint32_t stage, const struct replaced *replaced)
{
	const struct place place = place_of(stage);
	int fd = map_registry_fd(maps, place.map);

	if (fd < 0)
		return 0;
	return bpf_map_update_elem(fd, &place.at, replaced, BPF_ANY) < 0 ? -errno : 0;
}
