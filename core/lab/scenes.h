/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenes of the lab: attacks and a flash crowd, which are played beside its traffic, one after another, once it
 * is known what is usual.
 */
#ifndef X0_LAB_SCENES_H
#define X0_LAB_SCENES_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

enum scene {
	SCENE_UDP_FLOOD,
	SCENE_UDP_FLOOD_MANY,
	SCENE_SYN_FLOOD,
	SCENE_SYN_FLOOD_MANY,
	SCENE_PORT_SCAN,
	SCENE_REPLAY_STORM,
	SCENE_SLOW_DRIP,
	SCENE_FORGED_BEACONS,
	SCENE_BAD_NODE,
	SCENE_FLASH_CROWD,
	SCENES,
};

struct scene_name {
	const char *name; /* of --attack */
	const char *what;
};

/* Zeroed: none is played. */
struct scene_plan {
	uint32_t chosen; /* bits 1 << enum scene */
	uint32_t quiet_ms; /* before the first */
	uint32_t length_ms; /* of each */
	uint32_t pause_ms; /* after each; after the last, the first comes again */
};

/* By enum scene, ended by a NULL name. */
extern const struct scene_name scene_names[];

/* Chooses a scene, or "all", and the times that people and samples of a second need. Returns 0, or -EINVAL with
 * *failure naming all. */
int scene_choose(struct scene_plan *plan, const char *name, struct failure *failure);

/* Returns the ms until a chosen scene goes on, `at_ms` after the start; 0: it is being played. */
int64_t scene_wait(const struct scene_plan *plan, enum scene scene, int64_t at_ms);

#endif
