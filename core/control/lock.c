// SPDX-License-Identifier: BSD-2-Clause
#include "control/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

/* Root's lock is in /run; an ordinary user with capabilities has one of their own. */
static int lock_path(char *path, size_t size)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (geteuid() == 0)
		return snprintf(path, size, "/run/x0top.lock");
	if (runtime != NULL && runtime[0] == '/')
		return snprintf(path, size, "%s/x0top.lock", runtime);
	return snprintf(path, size, "/tmp/x0top-%u.lock", geteuid());
}

static unsigned int read_holder(int fd)
{
	char text[16] = "";
	unsigned int holder = 0;

	if (pread(fd, text, sizeof(text) - 1, 0) > 0)
		sscanf(text, "%u", &holder);
	return holder;
}

int lock_take(unsigned int *holder)
{
	char path[256], text[16];

	*holder = 0;
	lock_path(path, sizeof(path));
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int error = -errno;
		if (error == -EWOULDBLOCK)
			*holder = read_holder(fd);
		close(fd);
		return error;
	}
	int length = snprintf(text, sizeof(text), "%d\n", getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)length, 0) != length) {
		/* The lock holds without the number in it, which only serves a message. */
	}
	return fd;
}
