// SPDX-License-Identifier: BSD-2-Clause
#include "base/secret.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

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
