// SPDX-License-Identifier: BSD-2-Clause
#include "programs/wake_limits.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <unistd.h>

#include "wake.h"

#define CPUS_MOST 4 /* over which a flood is taken to be spread */

/* Returns the packets of a window on one CPU, 0 for never. */
static uint64_t limit_of(double rate)
{
	const double cpus = (double)sysconf(_SC_NPROCESSORS_ONLN);
	const double packets = rate * WAKE_WINDOW_NS / 1e9 / fmin(fmax(cpus, 1), CPUS_MOST);

	return isfinite(packets) ? (uint64_t)fmax(packets, WAKE_EVERY) : 0;
}

int wake_arm(const struct map_registry *maps, const double rates[TRANSPORT_PROTOCOLS])
{
	const int map = map_registry_fd(maps, "wake_limits");
	int error = map < 0 ? map : 0;

	for (uint32_t i = 0; i < TRANSPORT_PROTOCOLS && error == 0; i++) {
		const uint64_t limit = limit_of(rates[i]);
		if (bpf_map_update_elem(map, &i, &limit, BPF_ANY) < 0)
			error = -errno;
	}
	return error;
}
