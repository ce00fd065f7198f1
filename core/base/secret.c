// SPDX-License-Identifier: BSD-2-Clause
#include "base/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

void secret_protect_process(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	/* A handler of core dumps, which core_pattern names, heeds PR_SET_DUMPABLE alone. */
	if (!SECRET_TRACED)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (setrlimit(RLIMIT_MEMLOCK, &limit) < 0 && getrlimit(RLIMIT_MEMLOCK, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_MEMLOCK, &limit);
	}
	limit = (struct rlimit) { 0, 0 };
	setrlimit(RLIMIT_CORE, &limit);
}

void secret_lock(void *memory, size_t size)
{
	mlock(memory, size);
}

int secret_check_mode(int fd, const char *path, struct failure *failure)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return failure_set(
			failure, -errno, "Cannot look at %.160s: %s", path, strerror(errno));
	if ((status.st_mode & (S_IRWXO | S_IWGRP)) == 0)
		return 0;
	failure_set(
		failure, -EINVAL, "%.160s holds a secret, and others can read or write it", path);
	return failure_remedy(failure, "Make it its owner's alone: chmod 600 %.160s", path);
}

bool secret_is_line(char *text, size_t length)
{
	while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
		length--;
	text[length] = '\0';
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return length > 0;
}
