// SPDX-License-Identifier: BSD-2-Clause
/* Shifts the wall clock of a process by the seconds that are in the file of CLOCK_SHIFT, a double: for LD_PRELOAD. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static int (*real)(clockid_t id, struct timespec *time);
static const volatile double *seconds;

__attribute__((constructor)) static void open_shift(void)
{
	const char *path = getenv("CLOCK_SHIFT");
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *mapped =
		fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*seconds), PROT_READ, MAP_SHARED, fd, 0);

	if (fd >= 0)
		close(fd);
	if (mapped != MAP_FAILED)
		seconds = mapped;
	*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
}

int clock_gettime(clockid_t id, struct timespec *time)
{
	int result = real(id, time);

	if (result == 0 && id == CLOCK_REALTIME && seconds != NULL)
		time->tv_sec += (time_t)*seconds;
	return result;
}
