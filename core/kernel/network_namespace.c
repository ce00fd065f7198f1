// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/network_namespace.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

int network_namespace_inum(uint32_t *inum, struct failure *failure)
{
	struct stat namespace;

	if (stat("/proc/thread-self/ns/net", &namespace) < 0) {
		failure_set(failure, -errno, "Cannot identify the network namespace: %s",
			strerror(errno));
		return failure_remedy(failure, "Mount /proc");
	}
	*inum = (uint32_t) namespace.st_ino;
	return 0;
}
