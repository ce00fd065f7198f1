// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/kept_call.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/trusted_file.h"
#include "kernel/pins.h"
#include "kernel/rights.h"

static int make_open(const struct kept_call *call, struct kept_result *result)
{
	(void)result;
	return open(call->name, call->flags, call->mode);
}

static int make_open_in(const struct kept_call *call, struct kept_result *result)
{
	(void)result;
	return openat(call->folder, call->name, call->flags);
}

static int make_make(const struct kept_call *call, struct kept_result *result)
{
	(void)result;
	return mkdirat(call->folder, call->name, 0700);
}

static int make_remove(const struct kept_call *call, struct kept_result *result)
{
	(void)result;
	return unlinkat(call->folder, call->name, call->flags);
}

static int make_rename(const struct kept_call *call, struct kept_result *result)
{
	(void)result;
	return renameat(call->folder, call->name, call->folder, call->other);
}

static int make_status(const struct kept_call *call, struct kept_result *result)
{
	return fstatat(call->folder, call->name, &result->status, AT_SYMLINK_NOFOLLOW);
}

/* Writes a pin's path by the folder's descriptor, which the kernel takes itself only since 6.5. */
static void pin_path(char *path, size_t size, const struct kept_call *call)
{
	snprintf(path, size, "/proc/self/fd/%d/%s", call->folder, call->name);
}

static int make_pin(const struct kept_call *call, struct kept_result *result)
{
	char path[KEPT_NAME_LEN + 32];

	(void)result;
	pin_path(path, sizeof(path), call);
	return bpf_obj_pin(call->object, path);
}

static int make_get(const struct kept_call *call, struct kept_result *result)
{
	char path[KEPT_NAME_LEN + 32];

	(void)result;
	pin_path(path, sizeof(path), call);
	return bpf_obj_get(path);
}

static int make_connect(const struct kept_call *call, struct kept_result *result)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)result;
	snprintf(address.sun_path, sizeof(address.sun_path), "%.*s",
		(int)sizeof(address.sun_path) - 1, call->name);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		fd_close(&fd);
	return fd;
}

static int make_open_trusted(const struct kept_call *call, struct kept_result *result)
{
	int fd = trusted_open_of(call->name, call->flags, rights_user(), &result->failure);

	if (fd < 0)
		errno = -fd;
	return fd;
}

static int make_mount(const struct kept_call *call, struct kept_result *result)
{
	(void)call, (void)result;
	return mount("bpf", PINS_BPFFS, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700");
}

static const struct {
	int (*make)(const struct kept_call *call, struct kept_result *result);
	int opens;
} ops[KEPT_OPS] = {
	[KEPT_OPEN] = { make_open, 1 },
	[KEPT_OPEN_IN] = { make_open_in, 1 },
	[KEPT_MAKE] = { make_make, 0 },
	[KEPT_REMOVE] = { make_remove, 0 },
	[KEPT_RENAME] = { make_rename, 0 },
	[KEPT_STATUS] = { make_status, 0 },
	[KEPT_PIN] = { make_pin, 0 },
	[KEPT_GET] = { make_get, 1 },
	[KEPT_CONNECT] = { make_connect, 1 },
	[KEPT_OPEN_TRUSTED] = { make_open_trusted, 1 },
	[KEPT_MOUNT] = { make_mount, 0 },
};

int kept_call_opens(enum kept_op op)
{
	return ops[op].opens;
}

int kept_call_make(const struct kept_call *call, struct kept_result *result)
{
	int made = ops[call->op].make(call, result);

	result->result = made < 0 ? -errno : made;
	return result->result;
}
