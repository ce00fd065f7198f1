// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/keeper_serve.h"
#include "kernel/kept_call.h"

static struct {
	int socket; /* valid if pid is not 0 */
	pid_t pid;
	bool in_use;
	bool lost;
} keeper;

/* --- the process ----------------------------------------------------------------------------- */

static int cannot_start(int error, struct failure *failure)
{
	failure_set(failure, error, "Cannot start the process that keeps root's rights: %s",
		strerror(-error));
	return failure_remedy(
		failure, "Raise the limits of processes and open files: ulimit -u, -n");
}

/* Waits until the keeper has given up what it does not need. */
static int await_keeper(struct failure *failure)
{
	struct failure report;
	int error = keeper_receive(keeper.socket, &report, sizeof(report), NULL, 0);

	if (error < 0)
		return cannot_start(error, failure);
	if (report.error < 0)
		*failure = report;
	return report.error;
}

int keeper_start(const struct kept_path *paths, size_t n, struct failure *failure)
{
	const struct timeval patience = { .tv_sec = KEEPER_SECONDS };
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return cannot_start(-errno, failure);
	setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		keeper_serve(ends[1], paths, n);
	}
	int error = pid < 0 ? -errno : 0;
	close(ends[1]);
	if (error < 0) {
		close(ends[0]);
		return cannot_start(error, failure);
	}
	keeper.socket = ends[0];
	keeper.pid = pid;
	error = await_keeper(failure);
	if (error < 0)
		keeper_stop();
	return error;
}

void keeper_use(void)
{
	keeper.in_use = keeper.pid != 0;
}

void keeper_stop(void)
{
	if (keeper.pid == 0)
		return;
	close(keeper.socket);
	/* One that does not answer may have been stopped, and ends when it goes on. */
	while (waitpid(keeper.pid, NULL, keeper.lost ? WNOHANG : 0) < 0 && errno == EINTR)
		;
	memset(&keeper, 0, sizeof(keeper));
}

bool keeper_lost(void)
{
	char byte;

	/* Nothing but the end comes without having been asked for. */
	if (keeper.in_use && !keeper.lost)
		keeper.lost = recv(keeper.socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
	return keeper.lost;
}

const char *keeper_strerror(int error)
{
	return error == -EOWNERDEAD ? KEEPER_KILLED : strerror(-error);
}

/* --- calls ----------------------------------------------------------------------------------- */

static int ask(const struct kept_call *call, struct kept_result *result)
{
	int fds[] = { call->folder, call->object }, fd = -1;

	if (keeper.lost)
		return -EOWNERDEAD;
	int error = keeper_send(keeper.socket, call, sizeof(*call), fds, 2);
	if (error == 0)
		error = keeper_receive(keeper.socket, result, sizeof(*result), &fd, 1);
	/* An answer that comes late would be taken for that to the next call. */
	keeper.lost = error == -EAGAIN || error == -EOWNERDEAD;
	if (error < 0)
		return keeper.lost ? -EOWNERDEAD : error;
	if (result->result < 0 || !kept_call_opens(call->op))
		return result->result;
	return fd < 0 ? -EBADMSG : fd;
}

static int make(const struct kept_call *call, struct kept_result *result)
{
	return keeper.in_use ? ask(call, result) : kept_call_make(call, result);
}

static int call_on(
	enum kept_op op, int folder, int object, const char *name, const char *other, int flags)
{
	struct kept_call call = { .op = op, .folder = folder, .object = object, .flags = flags };
	struct kept_result result;

	if (snprintf(call.name, sizeof(call.name), "%s", name) >= (int)sizeof(call.name) ||
		snprintf(call.other, sizeof(call.other), "%s", other) >= (int)sizeof(call.other))
		return -ENAMETOOLONG;
	return make(&call, &result);
}

static int call_on_path(
	enum kept_op op, const char *path, int flags, mode_t mode, struct kept_result *result)
{
	struct kept_call call = {
		.op = op, .folder = -1, .object = -1, .flags = flags, .mode = mode
	};

	if (snprintf(call.name, sizeof(call.name), "%s", path) >= (int)sizeof(call.name))
		return -ENAMETOOLONG;
	return make(&call, result);
}

int keeper_open(const char *path, int flags, mode_t mode)
{
	struct kept_result result;

	return call_on_path(KEPT_OPEN, path, flags, mode, &result);
}

int keeper_open_trusted(const char *path, int flags, struct failure *failure)
{
	struct kept_result result = { .failure = { .error = 0 } };
	int fd = call_on_path(KEPT_OPEN_TRUSTED, path, flags, 0, &result);

	if (fd < 0 && result.failure.error == fd)
		*failure = result.failure;
	else if (fd < 0)
		failure_set(failure, fd, "Cannot open %.180s: %s", path, keeper_strerror(fd));
	return fd;
}

int keeper_connect(const char *path)
{
	struct kept_result result;

	return call_on_path(KEPT_CONNECT, path, KEPT_SOCKET, 0, &result);
}

int keeper_open_in(int folder, const char *name, int flags)
{
	return call_on(KEPT_OPEN_IN, folder, -1, name, "", flags);
}

int keeper_make(int folder, const char *name)
{
	return call_on(KEPT_MAKE, folder, -1, name, "", 0);
}

int keeper_remove(int folder, const char *name, int flags)
{
	return call_on(KEPT_REMOVE, folder, -1, name, "", flags);
}

int keeper_rename(int folder, const char *name, const char *other)
{
	return call_on(KEPT_RENAME, folder, -1, name, other, 0);
}

int keeper_status(int folder, const char *name, struct stat *status)
{
	struct kept_call call = { .op = KEPT_STATUS, .folder = folder, .object = -1 };
	struct kept_result result;

	snprintf(call.name, sizeof(call.name), "%s", name);
	int error = make(&call, &result);
	if (error == 0)
		*status = result.status;
	return error;
}

int keeper_pin(int folder, int object, const char *name)
{
	return call_on(KEPT_PIN, folder, object, name, "", 0);
}

int keeper_get(int folder, const char *name)
{
	return call_on(KEPT_GET, folder, -1, name, "", 0);
}

int keeper_mount_bpffs(void)
{
	return call_on(KEPT_MOUNT, -1, -1, "", "", 0);
}
