// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/wait.h"

#include <stdlib.h>
#include <time.h>

enum {
	PAUSE_NS = 1000 * 1000,
};

bool wait_until(bool (*condition)(void *context), void *context)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	const time_t deadline = now.tv_sec + PATIENCE_S;

	while (!condition(context)) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > deadline)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

void breathe(void)
{
	static const struct timespec pause = { .tv_nsec = PAUSE_NS };

	if (getenv("X0_EMULATED") != NULL)
		nanosleep(&pause, NULL);
}
