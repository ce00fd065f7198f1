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

int capability_drop(bool may_mount)
{
	static const unsigned int kept[] = { CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN, CAP_SYS_ADMIN };
	const size_t n = sizeof(kept) / sizeof(kept[0]) - !may_mount;
	bool had[sizeof(kept) / sizeof(kept[0])];

	capng_get_caps_process();
	for (size_t i = 0; i < n; i++)
		had[i] = capng_have_capability(CAPNG_PERMITTED, kept[i]);
	capng_clear(CAPNG_SELECT_BOTH);
	for (size_t i = 0; i < n; i++)
		if (had[i])
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, kept[i]);
	return capng_apply(CAPNG_SELECT_CAPS) == 0 ? 0 : -EPERM;
}
