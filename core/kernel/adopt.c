// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/adopt.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "kernel/object.h"
#include "kernel/pin.h"

static int read_info(int fd, struct bpf_prog_info *info)
{
	uint32_t size = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(fd, info, &size) < 0 ? -errno : 0;
}

/* What this x0top would load. */
static int load_own(const char *name, const char *objects, const struct map_registry *maps,
	struct bpf_prog_info *own, struct failure *failure)
{
	struct bpf_object *object;
	int error = object_open(name, objects, &object, failure);

	if (error < 0)
		return error;
	error = map_registry_share(maps, object, failure);
	if (error == 0)
		error = object_load(object, name, failure);
	if (error == 0 && read_info(object_program_fd(object, name), own) < 0)
		error = failure_set(failure, -EBADMSG, "%s is not the one of this x0top", name);
	bpf_object__close(object);
	return error;
}

static int compare(const struct bpf_prog_info *found, const char *name, const char *objects,
	const struct map_registry *maps, struct failure *failure)
{
	struct bpf_prog_info own;

	if (found->type != BPF_PROG_TYPE_XDP || !pin_kernel_name_is(found->name, name))
		return failure_set(failure, -EBADMSG,
			"The XDP chain holds the program %s (id %u) in the place of %s",
			found->name, found->id, name);
	int error = load_own(name, objects, maps, &own, failure);
	if (error == 0 && memcmp(found->tag, own.tag, sizeof(own.tag)) != 0)
		error = failure_set(failure, -EBADMSG,
			"The %s in the XDP chain (id %u) is not the one of this x0top", name,
			found->id);
	return error;
}

int adopt_check_program(uint32_t id, const char *name, const char *objects,
	const struct map_registry *maps, struct failure *failure)
{
	struct bpf_prog_info found;
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd < 0 && errno == EPERM)
		return 0;
	int error = fd < 0 ? -errno : read_info(fd, &found);
	if (fd >= 0)
		close(fd);
	if (error < 0)
		return failure_set(failure, error, "The program %u of the XDP chain is gone: %s",
			id, strerror(-error));
	return compare(&found, name, objects, maps, failure);
}
