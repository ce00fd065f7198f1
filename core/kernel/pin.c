// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/pin.h"
#include "base/fd.h"
#include "base/text.h"
#include "kernel/keeper.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *const pin_kind_names[] = { "something else", "map", "program", "link" };

/* Returns an object's kind, which only the name of its descriptor tells. */
static enum pin_kind kind_of(int fd)
{
	static const struct {
		const char *name;
		enum pin_kind kind;
	} kinds[] = {
		{ "anon_inode:bpf-map", PIN_MAP },
		{ "anon_inode:bpf-prog", PIN_PROGRAM },
		{ "anon_inode:bpf_link", PIN_LINK },
		{ "anon_inode:bpf-link", PIN_LINK },
	};
	char path[32], name[64] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (readlink(path, name, sizeof(name) - 1) < 0)
		return PIN_UNKNOWN;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(name, kinds[i].name) == 0)
			return kinds[i].kind;
	return PIN_UNKNOWN;
}

int pin_get(int folder, const char *name, enum pin_kind *kind)
{
	int fd = keeper_get(folder, name);

	*kind = fd < 0 ? PIN_UNKNOWN : kind_of(fd);
	return fd;
}

/* Returns an object's id. The information of all three kinds begins with type and id. */
static uint32_t object_id(int fd)
{
	union {
		struct bpf_map_info map;
		struct bpf_prog_info program;
		struct bpf_link_info link;
	} info = { 0 };
	uint32_t size = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &size) < 0 ? 0 : info.map.id;
}

bool pin_is(int folder, int fd, const char *name)
{
	enum pin_kind kind;
	int other = pin_get(folder, name, &kind);

	if (other < 0)
		return false;
	bool same = kind != PIN_UNKNOWN && kind == kind_of(fd) && object_id(fd) == object_id(other);
	close(other);
	return same;
}

int pin_put(int folder, int fd, const char *name)
{
	int error = keeper_pin(folder, fd, name);

	return error == -EEXIST && pin_is(folder, fd, name) ? 0 : error;
}

int pin_replace(int folder, int fd, const char *name)
{
	char aside[NAME_LEN * 2];

	snprintf(aside, sizeof(aside), "%s-new", name);
	keeper_remove(folder, aside, 0); /* of a kill */
	int error = keeper_pin(folder, fd, aside);
	return error < 0 ? error : keeper_rename(folder, aside, name);
}

bool pin_error_is_unknown(int error)
{
	/* The keeper refuses a folder that is no longer the one of pins with -EACCES. */
	return error != -ENOENT && error != -ENOTDIR && error != -EACCES;
}

bool pin_exists(int folder, const char *name)
{
	struct stat status;

	int error = keeper_status(folder, name, &status);
	return error == 0 || pin_error_is_unknown(error);
}

int pin_remove(int folder, const char *name)
{
	return keeper_remove(folder, name, 0);
}

int pin_each(int folder, int (*each)(int folder, const char *name, void *data), void *data)
{
	int fd = keeper_open_in(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = 0;
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (entries == NULL) {
		result = fd < 0 ? fd : -errno;
		fd_close(&fd);
		return result;
	}
	while (result == 0 && (entry = readdir(entries)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = each(folder, entry->d_name, data);
	closedir(entries);
	return result;
}

bool pin_kernel_name_is(const char *kernel, const char *whole)
{
	return strncmp(kernel, whole, BPF_OBJ_NAME_LEN - 1) == 0;
}
