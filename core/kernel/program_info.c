// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/program_info.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <unistd.h>

#include "kernel/map_info.h"

int program_info_read(int fd, struct bpf_prog_info *info)
{
	uint32_t size = sizeof(*info);

	*info = (struct bpf_prog_info) { 0 };
	return bpf_obj_get_info_by_fd(fd, info, &size) < 0 ? -errno : 0;
}

int program_info_find(uint32_t id, struct bpf_prog_info *info)
{
	int fd = bpf_prog_get_fd_by_id(id);

	*info = (struct bpf_prog_info) { 0 };
	if (fd < 0)
		return -errno;
	int error = program_info_read(fd, info);
	close(fd);
	return error;
}

bool program_info_uses_map(uint32_t id, int map)
{
	enum { MAPS_MAX = 64 }; /* more than a program of ours has */
	uint32_t ids[MAPS_MAX];
	struct bpf_prog_info info = { .nr_map_ids = MAPS_MAX, .map_ids = (uintptr_t)ids };
	uint32_t size = sizeof(info);
	struct bpf_map_info used;
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd < 0)
		return true;
	int error = bpf_obj_get_info_by_fd(fd, &info, &size);
	close(fd);
	if (error < 0 || map_info_read(map, &used) < 0)
		return true;
	for (uint32_t i = 0; i < info.nr_map_ids && i < MAPS_MAX; i++)
		if (ids[i] == used.id)
			return true;
	return false;
}
