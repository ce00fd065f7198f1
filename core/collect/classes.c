// SPDX-License-Identifier: BSD-2-Clause
#include "collect/classes.h"

#include "model/rate.h"

static const struct snapshot_tc_interface *find(const struct snapshot *snapshot, uint32_t ifindex)
{
	if (snapshot == NULL)
		return NULL;
	for (uint32_t i = 0; i < snapshot->tc.n_interfaces; i++)
		if (snapshot->tc.interfaces[i].ifindex == ifindex)
			return &snapshot->tc.interfaces[i];
	return NULL;
}

void collect_classes(const struct percpu *percpu, int map, uint32_t slot,
	const struct snapshot_tc_interface *interface, const struct snapshot *before,
	struct snapshot *now)
{
	struct tc_interface_counters counts;

	struct snapshot_tc_interface *added = SNAPSHOT_ADD(now, &now->tc, interfaces);

	if (added == NULL)
		return;
	*added = *interface;
	if (map < 0 || percpu_sum(percpu, map, &slot, &counts, sizeof(counts)) < 0)
		return;
	now->tc.available = true;
	const struct snapshot_tc_interface *old = find(before, added->ifindex);
	for (int c = 0; c < TRAFFIC_CLASSES; c++)
		for (int d = 0; d < TRAFFIC_DIRECTIONS; d++) {
			struct traffic *traffic = &added->classes[c].directions[d];
			traffic_update(traffic, old ? &old->classes[c].directions[d] : NULL,
				&counts.classes[d][c], now->interval);
			traffic_add(&now->tc.classes[c].directions[d], traffic);
		}
}
