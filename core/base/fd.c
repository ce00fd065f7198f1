// SPDX-License-Identifier: BSD-2-Clause
#include "base/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

void fd_close(int *fd)
{
	int before = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = before;
}

int fd_room(unsigned int n)
{
	struct rlimit limit;
	DIR *open_files = opendir("/proc/self/fd");
	rlim_t used = 0;

	if (open_files == NULL)
		return errno == EMFILE ? -EMFILE : 0;
	while (readdir(open_files) != NULL)
		used++;
	closedir(open_files);
	/* Counted are ".", ".." and the folder's own descriptor, too. */
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || used - 3 + n <= limit.rlim_cur)
		return 0;
	return -EMFILE;
}

void fd_raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

void fd_leave_terminal(void)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	for (int fd = 0; fd <= 2 && nothing >= 0; fd++)
		dup2(nothing, fd);
	if (nothing > 2)
		close(nothing);
}
