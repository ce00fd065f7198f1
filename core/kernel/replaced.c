// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/replaced.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "base/words.h"
#include "kernel/pin.h"
#include "xdp_chain.h"

_Static_assert(sizeof(struct replaced) == 256, "a pinned map: raise PINS_LAYOUT with it");

int replaced_make(struct map_registry *maps, struct failure *failure)
{
	if (!map_registry_lacks(maps, REPLACED_MAP))
		return 0;
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, REPLACED_MAP, sizeof(uint32_t),
		sizeof(struct replaced), XDP_STAGES_MAX, NULL);
	int error = fd < 0 ? -errno : map_registry_add(maps, REPLACED_MAP, fd);
	return error == 0 ? 0
			  : failure_set(failure, error,
				    "Cannot note in the kernel which file is in force: %s",
				    strerror(-error));
}

int replaced_check(const struct map_registry *maps, struct failure *failure)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);
	int fd = map_registry_fd(maps, REPLACED_MAP);

	if (fd < 0)
		return 0;
	if (bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && info.type == BPF_MAP_TYPE_ARRAY &&
		info.key_size == sizeof(uint32_t) && info.value_size == sizeof(struct replaced) &&
		info.max_entries == XDP_STAGES_MAX && pin_kernel_name_is(info.name, REPLACED_MAP))
		return 0;
	return failure_set(failure, -EBADMSG, "The pin %s does not match this x0top", REPLACED_MAP);
}

void replaced_read(const struct map_registry *maps, uint32_t stage, struct replaced *replaced)
{
	int fd = map_registry_fd(maps, REPLACED_MAP);

	memset(replaced, 0, sizeof(*replaced));
	if (fd < 0 || bpf_map_lookup_elem(fd, &stage, replaced) < 0)
		return;
	replaced->path[sizeof(replaced->path) - 1] = '\0';
	if (!words_printable(replaced->path))
		memset(replaced, 0, sizeof(*replaced));
}

int replaced_write(const struct map_registry *maps, uint32_t stage, const struct replaced *replaced)
{
	int fd = map_registry_fd(maps, REPLACED_MAP);

	if (fd < 0)
		return 0;
	return bpf_map_update_elem(fd, &stage, replaced, BPF_ANY) < 0 ? -errno : 0;
}
