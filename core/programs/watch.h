/* SPDX-License-Identifier: BSD-2-Clause */
/* Watches interfaces: each has a slot of the per-interface maps. */
#ifndef X0_PROGRAMS_WATCH_H
#define X0_PROGRAMS_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "kernel/interface.h"
#include "kernel/netlink.h"
#include "model/snapshot.h"
#include "programs/coverage.h"

struct program_context;

/* What links.c knows of the link of an interface. */
struct watched_link {
	bool known; /* the following were read */
	uint32_t state; /* enum link_state */
	uint32_t carrier_losses;
	double changed; /* as in a snapshot */
	double speed; /* as in a snapshot */
	bool counted, counted_before; /* the last sample, and the one before, had its counts */
};

/* What the counts in the maps of a slot say beside those of the sample before. */
enum watched_counts {
	COUNTS_GO_ON,
	COUNTS_BEGIN, /* its interface is new: they began at zero after that sample */
	COUNTS_RESUME, /* its interface was away: they go on after a gap */
};

/* A slot and its interface. */
struct watched_interface {
	bool used;
	bool kept; /* the classifier acted on its packets when it was adopted */
	bool left; /* not used, and has the counts of an interface that may come back */
	uint32_t counts; /* enum watched_counts */
	bool present; /* it exists: `interface` is current */
	bool went; /* it left since the last look, and may be back */
	int asked; /* index of the name in the settings that requests it; -1: the rule does */
	struct interface interface; /* its last state while absent; ifindex 0: never seen */
	struct failure absent; /* shown while it is absent */
	struct failure xdp_failure; /* why the chain is not attached; error 0 if it is */
	struct watched_link link;
};

/* Returns whether the row is one of an interface that is there. */
static inline bool watched_is_here(const struct watched_interface *row)
{
	return row->used && row->present;
}

struct watch {
	int monitor_fd; /* readable when interfaces come, go or change */
	struct watched_interface *interfaces; /* by slot; growing moves it */
	uint32_t n_interfaces; /* slots in the array, some of them unused */
	/* Of the per-interface maps; 0 until the first look. One element more, behind them, has the counts of
	 * interfaces that are gone, so that sums never fall. */
	uint32_t slots;
	/* All interfaces of the host at the last look, and the decision about each. */
	struct interface *list;
	size_t n_list;
	struct coverage *coverage;
	struct netlink stats; /* for the counts of links; opened at the first sample */
	/* Detaches everything from the interface of a slot; its row is still valid. */
	void (*release)(void *data, uint32_t slot);
	void *release_data;
};

/* Opens the monitor. Returns 0 or a negative errno. */
int watch_open(struct program_context *context);
void watch_close(struct program_context *context);

/* Chooses the interfaces to watch; to be called after adoption. Returns 0 or a negative errno. */
int watch_choose(struct program_context *context);

/*
 * Adopts the link that is pinned in `folder` for an interface; only the `owner` gives it a new slot.
 * Returns 1 if it did, 0 if there is no such interface or link, or a negative errno.
 */
int watch_adopt(struct program_context *context, uint32_t ifindex, int folder, bool owner);

/*
 * Adopts the interfaces of the classifier's pinned table, in their slots; the `owner` removes those that are gone.
 * Returns 0 or a negative errno.
 */
int watch_keep_classes(struct program_context *context, bool owner);

/* Removes interfaces from the adopted table that disappeared meanwhile. */
void watch_forget_gone(struct program_context *context);

/* Chooses again if an interface appeared, disappeared, or changed its state, name or lower device.
 * Returns whether one did. */
bool watch_handle_changes(struct program_context *context);

/* Returns how TC programs attach: enum tc_kind. With many interfaces TCX links take too long to attach
 * and detach: see tc_attach(). */
uint32_t watch_tc_kind(const struct watch *watch);

/* Lists the interfaces that are not watched, with reasons. Ends the gaps that this sample has seen. */
void watch_sample(struct program_context *context, struct snapshot *now);

/* Calls `add` for each element of per-interface maps that has counts of interfaces that are gone. */
void watch_each_gone(const struct watch *watch, void (*add)(void *data, uint32_t slot), void *data);

/* Returns what the counts of an interface are compared with: `before`, those of the sample before; `zero`, of
 * the same type, if they began since; NULL after a gap. */
const void *watch_compare(
	const struct watched_interface *row, const void *before, const void *zero);

#endif
