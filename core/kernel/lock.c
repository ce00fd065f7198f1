// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "kernel/keeper.h"
#include "kernel/rights.h"

/* Writes the path of a lock: in /run for root, else in a place of the user's own. */
static void lock_path(char *path, size_t size, const char *name)
{
	const char *runtime = secure_getenv("XDG_RUNTIME_DIR");

	if (rights_user() == 0)
		snprintf(path, size, LOCK_FOLDER "x0top.%s", name);
	else if (runtime != NULL && runtime[0] == '/')
		snprintf(path, size, "%s/x0top.%s", runtime, name);
	else
		snprintf(path, size, "/tmp/x0top-%u.%s", geteuid(), name);
}

static int cannot_lock(const char *path, int error, struct failure *failure)
{
	failure_set(failure, error, "Cannot take the lock %.160s: %s", path, strerror(-error));
	return failure_remedy(
		failure, "Without it x0top changes nothing: make its folder writable");
}

static int open_lock(const char *name, char *path, size_t size, struct failure *failure)
{
	lock_path(path, size, name);
	int fd = keeper_open(path, LOCK_FLAGS, LOCK_MODE);
	return fd < 0 ? cannot_lock(path, fd, failure) : fd;
}

static unsigned int read_holder(int fd)
{
	char text[16] = "";
	unsigned int holder = 0;

	if (pread(fd, text, sizeof(text) - 1, 0) > 0)
		sscanf(text, "%u", &holder);
	return holder;
}

static int explain_holder(unsigned int holder, struct failure *failure)
{
	char who[32] = "";

	if (holder != 0)
		snprintf(who, sizeof(who), ", process %u,", holder);
	failure_set(failure, -EBUSY, "Another x0top%s owns the XDP chain of this host", who);
	return failure_remedy(failure, "Use that one, or end it and start this one again");
}

int lock_own(struct failure *failure)
{
	char path[256], text[16];
	int fd = open_lock("lock", path, sizeof(path), failure);

	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int error = errno == EWOULDBLOCK ? explain_holder(read_holder(fd), failure)
						 : cannot_lock(path, -errno, failure);
		close(fd);
		return error;
	}
	int length = snprintf(text, sizeof(text), "%d\n", getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)length, 0) != length) {
		/* The lock holds without the number, which only serves a message. */
	}
	return fd;
}

int lock_change(struct failure *failure)
{
	char path[256];
	int fd = open_lock("change", path, sizeof(path), failure), result;

	if (fd < 0)
		return fd;
	do
		result = flock(fd, LOCK_EX);
	while (result < 0 && errno == EINTR);
	if (result == 0)
		return fd;
	int error = cannot_lock(path, -errno, failure);
	close(fd);
	return error;
}
