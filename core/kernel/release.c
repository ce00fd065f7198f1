// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/release.h"

#include <stdio.h>
#include <sys/utsname.h>

bool release_at_least(unsigned int major, unsigned int minor)
{
	unsigned int is_major = 0, is_minor = 0;
	struct utsname host;

	if (uname(&host) < 0 || sscanf(host.release, "%u.%u", &is_major, &is_minor) != 2)
		return false;
	return is_major > major || (is_major == major && is_minor >= minor);
}
