// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/map_info.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

int map_info_read(int fd, struct bpf_map_info *info)
{
	uint32_t size = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(fd, info, &size) < 0 ? -errno : 0;
}
