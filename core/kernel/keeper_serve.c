// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/keeper_serve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "kernel/pins.h"
#include "kernel/rights.h"

#define READ_FLAGS (O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_PATH)

enum { FDS_MAX = 2 };

/* --- messages -------------------------------------------------------------------------------- */

int keeper_send(int socket, const void *data, size_t size, const int *fds, size_t n)
{
	struct iovec bytes = { (void *)data, size };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control = { 0 };
	struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1 };
	size_t sent = 0;

	for (size_t i = 0; i < n; i++)
		if (fds[i] >= 0)
			memcpy(CMSG_DATA(&control.header) + sent++ * sizeof(int), &fds[i],
				sizeof(int));
	if (sent > 0) {
		control.header.cmsg_len = CMSG_LEN(sent * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(sent * sizeof(int));
	}
	ssize_t result;
	do
		result = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (result < 0 && errno == EINTR);
	if (result < 0)
		return errno == EPIPE || errno == ECONNRESET ? -EOWNERDEAD : -errno;
	return 0;
}

static void take_fds(struct msghdr *message, int *fds, size_t n)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);

	if (header == NULL || header->cmsg_type != SCM_RIGHTS)
		return;
	size_t got = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	for (size_t i = 0; i < got; i++) {
		int fd;
		memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
		if (i < n)
			fds[i] = fd;
		else
			close(fd);
	}
}

int keeper_receive(int socket, void *data, size_t size, int *fds, size_t n)
{
	struct iovec bytes = { data, size };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control = { 0 };
	struct msghdr message = { .msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	ssize_t result;

	for (size_t i = 0; i < n; i++)
		fds[i] = -1;
	do
		result = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (result < 0 && errno == EINTR);
	if (result <= 0)
		return result == 0 || errno == ECONNRESET ? -EOWNERDEAD : -errno;
	take_fds(&message, fds, n);
	if ((size_t)result == size && !(message.msg_flags & MSG_CTRUNC))
		return 0;
	for (size_t i = 0; i < n; i++)
		fd_close(&fds[i]);
	/* The kernel cuts descriptors off a message where the receiver may open no more. */
	return message.msg_flags & MSG_CTRUNC ? -EMFILE : -EBADMSG;
}

/* --- what is granted ------------------------------------------------------------------------- */

static bool same(int folder, const struct stat *other)
{
	struct stat status;

	return fstat(folder, &status) == 0 && status.st_dev == other->st_dev &&
	       status.st_ino == other->st_ino;
}

static bool is_path(int folder, const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && same(folder, &status);
}

static bool on_bpffs(int folder)
{
	struct statfs status;

	return fstatfs(folder, &status) == 0 && status.f_type == BPF_FS_MAGIC;
}

/* Returns whether a folder is that of x0top's pins, or one in it. */
static bool is_of_pins(int folder)
{
	if (!on_bpffs(folder))
		return false;
	if (is_path(folder, PINS_ROOT))
		return true;
	int parent = openat(folder, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool is = parent >= 0 && is_path(parent, PINS_ROOT);
	fd_close(&parent);
	return is;
}

static bool only_reads(const struct kept_call *call)
{
	return call->op == KEPT_OPEN_IN && (call->flags & ~READ_FLAGS) == 0 &&
	       (call->flags & O_NOFOLLOW || strcmp(call->name, ".") == 0);
}

static bool is_name(const char *name)
{
	return name[0] != '\0' && strchr(name, '/') == NULL && strcmp(name, "..") != 0;
}

static bool grants_folder(
	const struct kept_call *call, const struct kept_path *paths, size_t n_paths)
{
	if (call->folder < 0 || !is_name(call->name) ||
		(call->op == KEPT_RENAME && !is_name(call->other)) ||
		(call->op == KEPT_OPEN_IN && !only_reads(call)))
		return false;
	if (is_of_pins(call->folder))
		return true;
	if (is_path(call->folder, PINS_BPFFS))
		return strcmp(call->name, PINS_ROOT_NAME) == 0 && call->op <= KEPT_STATUS &&
		       call->op != KEPT_RENAME;
	for (size_t i = 0; i < n_paths && call->op == KEPT_OPEN_IN; i++)
		if (paths[i].folder && paths[i].path != NULL &&
			is_path(call->folder, paths[i].path))
			return true;
	return false;
}

static bool grants_path(const struct kept_call *call, const struct kept_path *paths, size_t n_paths)
{
	for (size_t i = 0; i < n_paths; i++)
		if (paths[i].path != NULL && strcmp(paths[i].path, call->name) == 0 &&
			paths[i].flags == call->flags && paths[i].mode == call->mode)
			return true;
	return false;
}

static bool grants(const struct kept_call *call, const struct kept_path *paths, size_t n_paths)
{
	if (call->op == KEPT_MOUNT)
		return !file_system_is(
			PINS_BPFFS, BPF_FS_MAGIC); /* another one above would hide what is pinned */
	if (call->op == KEPT_OPEN || call->op == KEPT_OPEN_TRUSTED || call->op == KEPT_CONNECT)
		return (call->op == KEPT_CONNECT) == (call->flags == KEPT_SOCKET) &&
		       grants_path(call, paths, n_paths);
	return grants_folder(call, paths, n_paths);
}

/* --- serving --------------------------------------------------------------------------------- */

/* Leaves x0top's terminal, session and descriptors; ends only with x0top, not by a signal to both. */
static int leave_parent(int socket)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };

	prctl(PR_SET_NAME, "x0top-keeper");
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_IGN);
	socket = dup2(socket, 3);
	syscall(SYS_close_range, 4, ~0U, 0); /* musl has no function for it */
	fd_leave_terminal();
	return socket;
}

static void confine(int socket)
{
	struct failure failure = { 0 };
	int error = rights_drop(RIGHTS_KEEPER, &failure);

	if (keeper_send(socket, &failure, sizeof(failure), NULL, 0) < 0 || error < 0)
		_exit(1);
}

static void answer(int socket, struct kept_call *call, const struct kept_path *paths, size_t n)
{
	struct kept_result result = { .result = -EACCES };

	call->name[sizeof(call->name) - 1] = call->other[sizeof(call->other) - 1] = '\0';
	if ((unsigned int)call->op < KEPT_OPS && grants(call, paths, n))
		kept_call_make(call, &result);
	int fd =
		result.result >= 0 && (unsigned int)call->op < KEPT_OPS && kept_call_opens(call->op)
			? result.result
			: -1;
	if (keeper_send(socket, &result, sizeof(result), &fd, 1) < 0)
		_exit(1);
	fd_close(&fd);
}

/*
 * Waits for a call by poll(), which waits by design: in recvmsg() this idle process would be the slowest
 * call of the host.
 */
static bool await(int socket)
{
	struct pollfd readable = { .fd = socket, .events = POLLIN };
	int n;

	do
		n = poll(&readable, 1, -1);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

void keeper_serve(int socket, const struct kept_path *paths, size_t n)
{
	struct kept_call call;
	int fds[FDS_MAX], error;

	socket = leave_parent(socket);
	confine(socket);
	while (await(socket) && (error = keeper_receive(socket, &call, sizeof(call), fds,
					 FDS_MAX)) != -EOWNERDEAD) {
		call.folder = fds[0];
		call.object = fds[1];
		if (error == 0)
			answer(socket, &call, paths, n);
		fd_close(&fds[0]);
		fd_close(&fds[1]);
		if (error < 0)
			break;
	}
	_exit(0);
}
