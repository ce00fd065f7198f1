// SPDX-License-Identifier: BSD-2-Clause
#include "programs/wake_limits.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <unistd.h>

#include "base/clock.h"
#include "wake.h"

#define NEAR	      16
#define AGAIN_SECONDS 10
#define CPUS_MOST     4 /* over which a flood is taken to be spread */

/* Returns the packets of a window on one CPU, 0 for never. */
static uint64_t limit_of(double rate, double cpus)
{
	const double packets = rate * WAKE_WINDOW_NS / 1e9 / fmin(fmax(cpus, 1), CPUS_MOST);

	return isfinite(packets) ? (uint64_t)fmax(packets, WAKE_EVERY) : 0;
}

/* What is usual moves a little with each sample. */
static bool is_near(uint64_t limit, uint64_t written)
{
	const uint64_t apart = limit > written ? limit - written : written - limit;

	return written != 0 ? limit != 0 && apart <= written / NEAR : limit == 0;
}

static int write_limit(struct wake_limits *written, uint32_t transport, uint64_t limit, bool anyway)
{
	if (!anyway && is_near(limit, written->limits[transport]))
		return 0;
	if (bpf_map_update_elem(written->map, &transport, &limit, BPF_ANY) < 0)
		return -errno;
	written->limits[transport] = limit;
	return 0;
}

int wake_arm(const struct map_registry *maps, struct wake_limits *written,
	const double rates[TRANSPORT_PROTOCOLS])
{
	const int map = map_registry_fd(maps, "wake_limits");
	const double now = clock_monotonic_seconds();
	const double cpus = (double)sysconf(_SC_NPROCESSORS_ONLN); /* reads a file */
	const bool all = map != written->map || now - written->at >= AGAIN_SECONDS;
	int error = map < 0 ? map : 0;

	written->map = map;
	if (all)
		written->at = now;
	for (uint32_t i = 0; i < TRANSPORT_PROTOCOLS && error == 0; i++)
		error = write_limit(written, i, limit_of(rates[i], cpus), all);
	if (error < 0)
		written->map = -1;
	return error;
}

void wake_woken(struct wake_limits *written, uint32_t transport)
{
	if (transport < TRANSPORT_PROTOCOLS)
		written->limits[transport] = 0;
}
