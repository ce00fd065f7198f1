// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/grace.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void grace_wait(void)
{
	const struct timespec long_enough = { .tv_nsec = 50000000 };

	/* Not on kernels with CPUs that are left alone (nohz_full). */
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
		nanosleep(&long_enough, NULL);
}
