// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/capability.h"

#include <cap-ng.h>
#include <ctype.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

bool capability_held(unsigned int capability)
{
	capng_get_caps_process();
	if (capng_have_capability(CAPNG_EFFECTIVE, capability))
		return true;
	/* The kernel lets CAP_SYS_ADMIN stand for both: bpf_capable(), perfmon_capable(). */
	return (capability == CAP_BPF || capability == CAP_PERFMON) &&
	       capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_ADMIN);
}

int capability_missing(uint64_t mask, char *names, size_t size)
{
	size_t length = 0;
	int missing = 0;

	names[0] = '\0';
	for (unsigned int capability = 0; capability <= CAP_LAST_CAP; capability++) {
		if (!(mask & (UINT64_C(1) << capability)) || capability_held(capability))
			continue;
		char name[32];
		snprintf(name, sizeof(name), "%s", capng_capability_to_name(capability));
		for (char *c = name; *c != '\0'; c++)
			*c = (char)toupper((unsigned char)*c);
		int written = snprintf(
			names + length, size - length, "%sCAP_%s", missing ? ", " : "", name);
		if (written > 0 && (size_t)written < size - length)
			length += (size_t)written;
		missing++;
	}
	return missing;
}
