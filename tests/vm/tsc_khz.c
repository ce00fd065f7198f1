// SPDX-License-Identifier: BSD-2-Clause
/* Prints the rate of this processor's time stamp counter in kHz; nothing where there is none. */
#include <stdio.h>
#include <time.h>

#ifdef __x86_64__

static const struct timespec pause = { .tv_nsec = 200000000 };

int main(void)
{
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC_RAW, &from);
	unsigned long long ticks = __builtin_ia32_rdtsc();
	nanosleep(&pause, NULL);
	clock_gettime(CLOCK_MONOTONIC_RAW, &to);
	ticks = __builtin_ia32_rdtsc() - ticks;
	double ms =
		(double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
	printf("%.0f\n", (double)ticks / ms);
	return 0;
}

#else

int main(void)
{
	return 0;
}

#endif
