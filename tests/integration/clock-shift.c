// SPDX-License-Identifier: BSD-2-Clause
/*
 * For LD_PRELOAD: shifts the wall clock of a process by the seconds that are in the file of CLOCK_SHIFT, a double;
 * and lets its timers wait a part of their time, one in TIMER_SPEED.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int (*real)(clockid_t id, struct timespec *time);
static int (*real_settime)(
	int fd, int flags, const struct itimerspec *next, struct itimerspec *last);
static const volatile double *seconds;
static double speed = 1;

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
	*(void **)&real_settime = dlsym(RTLD_NEXT, "timerfd_settime");
	if (getenv("TIMER_SPEED") != NULL)
		speed = atof(getenv("TIMER_SPEED"));
}

int clock_gettime(clockid_t id, struct timespec *time)
{
	int result = real(id, time);

	if (result == 0 && id == CLOCK_REALTIME && seconds != NULL)
		time->tv_sec += (time_t)*seconds;
	return result;
}

/* Those of a time of CLOCK_MONOTONIC, which is all that x0top sets while it replays. */
int timerfd_settime(int fd, int flags, const struct itimerspec *next, struct itimerspec *last)
{
	struct itimerspec sooner = *next;
	struct timespec now;

	real(CLOCK_MONOTONIC, &now);
	double wait = (double)(next->it_value.tv_sec - now.tv_sec) +
		      (double)(next->it_value.tv_nsec - now.tv_nsec) * 1e-9;
	if ((flags & TFD_TIMER_ABSTIME) && speed > 1 && wait > 0 && wait < 1e6) {
		double at = (double)now.tv_nsec * 1e-9 + wait / speed;
		sooner.it_value.tv_sec = now.tv_sec + (time_t)at;
		sooner.it_value.tv_nsec = (long)((at - (double)(time_t)at) * 1e9);
	}
	return real_settime(fd, flags, &sooner, last);
}
