// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/program_info.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <unistd.h>

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
