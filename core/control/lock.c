// SPDX-License-Identifier: BSD-2-Clause
#include "control/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

/* Root's locks are in /run; an ordinary user with capabilities has their own. */
static int open_lock(const char *name)
{
	const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
	char path[256];

	if (geteuid() == 0)
		snprintf(path, sizeof(path), "/run/x0top.%s", name);
	else if (runtime != NULL && runtime[0] == '/')
		snprintf(path, sizeof(path), "%s/x0top.%s", runtime, name);
	else
		snprintf(path, sizeof(path), "/tmp/x0top-%u.%s", geteuid(), name);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : fd;
}

static unsigned int read_holder(int fd)
{
	char text[16] = "";
	unsigned int holder = 0;

	if (pread(fd, text, sizeof(text) - 1, 0) > 0)
		sscanf(text, "%u", &holder);
	return holder;
}

int lock_own(unsigned int *holder)
{
	char text[16];
	int fd = open_lock("lock");

	*holder = 0;
	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int error = -errno;
		*holder = read_holder(fd);
		close(fd);
		return error;
	}
	int length = snprintf(text, sizeof(text), "%d\n", getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)length, 0) != length) {
		/* The lock holds all the same: the number in it only serves a message. */
	}
	return fd;
}

int lock_change(void)
{
	int fd = open_lock("change");

	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX) < 0) {
		int error = -errno;
		close(fd);
		return error;
	}
	return fd;
}
