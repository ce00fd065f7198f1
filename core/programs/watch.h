/* SPDX-License-Identifier: BSD-2-Clause */
/* The interfaces that programs watch: each has a slot of the per-interface maps. */
#ifndef X0_PROGRAMS_WATCH_H
#define X0_PROGRAMS_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "kernel/interface.h"
#include "model/snapshot.h"
#include "programs/coverage.h"

struct program_context;

/* A slot, and the interface that it is for. */
struct watched_interface {
	bool used;
	bool present; /* it exists now: `interface` is up to date */
	int asked; /* the name in the settings that it was asked for by; -1: by the rule */
	struct interface interface; /* while not present, as it was; ifindex 0: never seen */
	struct failure absent; /* what to say while it is not present */
	struct failure xdp_failure; /* why the chain is not attached; error 0 if it is */
};

struct watch {
	int monitor_fd; /* readable when interfaces come, go or change */
	struct watched_interface *interfaces; /* by slot; moves when it grows */
	uint32_t n_interfaces; /* slots that were used so far, not all of them now */
	uint32_t slots; /* that the per-interface maps have; 0 until the first look */
	/* All interfaces of the host as they were last looked at, and what was decided about each. */
	struct interface *list;
	size_t n_list;
	struct coverage *coverage;
	/* Called for a slot whose interface is to be let go of, while its row is as it was. */
	void (*release)(void *data, uint32_t slot);
	void *release_data;
};

/* Opens the monitor. Returns 0 or a negative errno. */
int watch_open(struct program_context *context);
void watch_close(struct program_context *context);

/* Chooses what is watched, after adoption if there is any. Returns 0, or -errno: nothing is watched. */
int watch_choose(struct program_context *context);

/*
 * Takes over the link that is pinned in `folder` for an interface; `owner` may give it a slot. Returns
 * 1 if it did, 0 if there is no such interface or link, or a negative errno.
 */
int watch_adopt(struct program_context *context, uint32_t ifindex, int folder, bool owner);

/* Removes from the adopted table the interfaces that went while nobody watched. */
void watch_forget_gone(struct program_context *context);

/* Chooses anew when interfaces appeared, went, came up, or changed their name or what they are over.
 * Returns whether they did. */
bool watch_handle_changes(struct program_context *context);

/* Fills in what is not watched, and why. */
void watch_sample(const struct program_context *context, struct snapshot *now);

#endif
