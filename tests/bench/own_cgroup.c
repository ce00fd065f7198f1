// SPDX-License-Identifier: BSD-2-Clause
#include "own_cgroup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOT "/sys/fs/cgroup" /* in a mount namespace of the benchmarks' own */

static char before[256]; /* the group that this process was in */
static char outer[64], inner[80];

/* Reads the group of version 2: "0::/path". */
static int read_own(void)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	int found = 0;

	while (file != NULL && found != 1 && !feof(file))
		if (fscanf(file, "0::%255[^\n]\n", before) == 1)
			found = 1;
		else if (fscanf(file, "%*[^\n]\n") == EOF)
			break;
	if (file != NULL)
		fclose(file);
	return found == 1 ? 0 : -ENOENT;
}

static int join(const char *group)
{
	char path[512];

	snprintf(path, sizeof(path), ROOT "/%s/cgroup.procs", group);
	FILE *file = fopen(path, "we");
	if (file == NULL)
		return -errno;
	fprintf(file, "%d\n", getpid());
	return fclose(file) == 0 ? 0 : -errno;
}

int own_cgroup_enter(char *path, size_t size)
{
	if (read_own() < 0)
		return -ENOENT;
	if (mount("none", ROOT, "cgroup2", 0, NULL) < 0)
		return -errno;
	snprintf(outer, sizeof(outer), ROOT "/x0top-bench-%d", getpid());
	snprintf(inner, sizeof(inner), "%s/inner", outer);
	int error = mkdir(outer, 0755) < 0 || mkdir(inner, 0755) < 0
			    ? -errno
			    : join(inner + strlen(ROOT "/"));
	snprintf(path, size, "%s", inner + strlen(ROOT "/"));
	if (error < 0)
		own_cgroup_leave();
	return error;
}

void own_cgroup_leave(void)
{
	if (inner[0] == '\0')
		return;
	join(before);
	rmdir(inner);
	rmdir(outer);
	umount2(ROOT, MNT_DETACH);
	inner[0] = '\0';
}
