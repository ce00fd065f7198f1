// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/kprobes.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool kprobes_offered(void)
{
	if (getenv("X0_EXPECT_KPROBE") != NULL ||
		access("/sys/bus/event_source/devices/kprobe", F_OK) == 0)
		return true;
	puts("This kernel has no kprobes: their tests run on those of make test-kernels.");
	return false;
}
