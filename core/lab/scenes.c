// SPDX-License-Identifier: BSD-2-Clause
#include "lab/scenes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define QUIET_MS  40000
#define LENGTH_MS 12000
#define PAUSE_MS  24000

const struct scene_name scene_names[] = {
	[SCENE_UDP_FLOOD] = { "udp-flood", "a flood of UDP from one address" },
	[SCENE_UDP_FLOOD_MANY] = { "udp-flood-many", "the same from 10,000 addresses" },
	[SCENE_SYN_FLOOD] = { "syn-flood", "a flood of SYN from one address" },
	[SCENE_SYN_FLOOD_MANY] = { "syn-flood-many", "the same from 10,000 addresses" },
	[SCENE_PORT_SCAN] = { "port-scan", "400 ports a second are tried" },
	[SCENE_REPLAY_STORM] = { "replay-storm", "what was signed is sent again" },
	[SCENE_SLOW_DRIP] = { "slow-drip", "UDP below all thresholds" },
	[SCENE_FORGED_BEACONS] = { "forged-beacons", "announcements with wrong signatures" },
	[SCENE_BAD_NODE] = { "bad-node", "a trusted node sends what is refused" },
	[SCENE_FLASH_CROWD] = { "flash-crowd", "honest: everybody visits the web service" },
	[SCENES] = { NULL, NULL },
};

static uint32_t find(const char *name)
{
	for (uint32_t i = 0; scene_names[i].name != NULL; i++)
		if (strcmp(scene_names[i].name, name) == 0)
			return 1U << i;
	return strcmp(name, "all") == 0 ? (1U << SCENES) - 1 : 0;
}

int scene_choose(struct scene_plan *plan, const char *name, struct failure *failure)
{
	const uint32_t found = find(name);
	char all[FAILURE_SENTENCE_LEN] = "";
	size_t used = 0;

	if (found != 0) {
		*plan = (struct scene_plan) { plan->chosen | found, QUIET_MS, LENGTH_MS, PAUSE_MS };
		return 0;
	}
	failure_set(failure, -EINVAL, "the lab has no attack \"%.40s\"", name);
	for (uint32_t i = 0; scene_names[i].name != NULL && used < sizeof(all); i++)
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", i > 0 ? ", " : "",
			scene_names[i].name);
	return failure_remedy(failure, "Choose among: %.200s or all", all);
}

int64_t scene_wait(const struct scene_plan *plan, enum scene scene, int64_t at_ms)
{
	const int64_t each = (int64_t)plan->length_ms + plan->pause_ms;
	const int64_t round = each * __builtin_popcount(plan->chosen);
	const int64_t begins =
		each * __builtin_popcount(plan->chosen & ((1U << scene) - 1)) + plan->quiet_ms;

	if (at_ms < begins)
		return begins - at_ms;
	const int64_t within = (at_ms - begins) % round;
	return within < plan->length_ms ? 0 : round - within;
}
