/* SPDX-License-Identifier: BSD-2-Clause */
/* MAPE-K: monitors the snapshots, analyzes them, plans and executes, by policies. */
#ifndef X0_MAPEK_MAPEK_H
#define X0_MAPEK_MAPEK_H

#include "mapek/analyze.h"
#include "mapek/execute.h"
#include "mapek/hook.h"
#include "mapek/policy.h"
#include "model/snapshot.h"
#include "xdp_chain.h"

struct mapek;

/* Told of each change, in the order of time; NULL members are not called. */
struct mapek_ears {
	void *data;
	void (*anomaly)(void *data, const struct snapshot_mapek_anomaly *anomaly,
		const char *sentence); /* it begins, or has ended */
	void (*action)(void *data, const struct snapshot_mapek_action *action);
	void (*outcome)(void *data, const struct snapshot_mapek_action *action); /* so far */
	void (*brake)(void *data, const char *sentence);
};

/* Begins with policies, which are copied. `hands` NULL: nothing can be done, only advised; they and `ears`
 * are kept. Returns NULL if there is no memory; to be closed by the caller. */
struct mapek *mapek_open(const struct policies *policies, const struct mapek_hands *hands,
	const struct mapek_ears *ears);

/* Before the first turn: numbers go on behind these, and a series is known already. */
void mapek_number_from(struct mapek *mapek, uint64_t last_anomaly, uint64_t last_action);
void mapek_know(struct mapek *mapek, const char *name, const struct series *series);

/* Before the first turn: takes over an action from before the start, see execute_recall(). `ago`: seconds since
 * it last changed. One whose policy is gone is over by the first turn. */
void mapek_recall(struct mapek *mapek, const struct snapshot_mapek_action *action, double ago);

/* Lets no policy act about a target any more, as of `since`; takes that back. Return 0, -ENOSPC, or -ENOENT if
 * it is not spared. */
int mapek_spare(struct mapek *mapek, const char *target, double since);
int mapek_spare_no_more(struct mapek *mapek, const char *target);

/* Spares these, at most MAPEK_SPARED_MAX, and no others. */
void mapek_spare_only(struct mapek *mapek, const struct snapshot_mapek_spared *list, uint32_t n);

/* Does nothing from now on, whatever the mode of the policies, and advises. */
void mapek_advise_only(struct mapek *mapek);

/* Fills in what the hook of an action is told, "mapek run NAME", which holds. Returns 0, or -ENOENT with *failure
 * set. Then say that it has begun, on an operator's word, and that it has ended. */
int mapek_order(
	struct mapek *mapek, const char *action, struct hook_order *order, struct failure *failure);
void mapek_hook_begun(struct mapek *mapek, uint64_t action);
void mapek_hook_ended(struct mapek *mapek, const struct hook_report *report);

/* Returns whether a policy advises an action now, whose text this is. */
bool mapek_advises(struct mapek *mapek, const char *action);

/* On an operator's word, lets the next turn take back an action, by its number. Returns 0, or -ENOENT with *failure set if
 * none of that number is in force. */
int mapek_undo(struct mapek *mapek, uint64_t number, struct failure *failure);

/* Returns series number `at`, from 0, with its name, if it is watched and has begun; else NULL. */
const struct series *mapek_series(const struct mapek *mapek, uint32_t at, const char **name);

/* Takes back, before x0top ends, what would outlive it. */
void mapek_end(struct mapek *mapek);

/* Accepts NULL. */
void mapek_close(struct mapek *mapek);

/* Takes the next snapshot: judges it, does what is planned, and fills in snapshot->mapek. */
void mapek_turn(struct mapek *mapek, struct snapshot *snapshot);

/*
 * Judges a glance (orchestrator.h), which lies between two snapshots, and does what is planned. What is usual
 * learns nothing from it: its time is too short. Returns whether something is unusual.
 */
bool mapek_glance(struct mapek *mapek, const struct snapshot *glance);

/* Returns whether a policy with an action watches what glances have, and the kernel has no limit for. */
bool mapek_watches(const struct mapek *mapek);

/* Returns whether a glance so many seconds after the last one should have the busiest sources: something may be done
 * about them by then. */
bool mapek_glance_looks(const struct mapek *mapek, double next);

/* Returns the actions that began so far. */
uint64_t mapek_begun(const struct mapek *mapek);

/* Writes the packets a second from which on a glance may lead to an action, by enum transport_protocol;
 * INFINITY: none does. */
void mapek_limits(const struct mapek *mapek, double rates[TRANSPORT_PROTOCOLS]);

/* Returns whether the next snapshot should have the busiest sources. */
bool mapek_looks(const struct mapek *mapek);

#endif
