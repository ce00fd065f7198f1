/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Knowledge: anomalies, actions with what became of them, and baselines survive in an SQLite database of
 * mode 0600, in WAL mode. It is bounded: the oldest are forgotten. SQLite is opened when it is needed.
 */
#ifndef X0_MAPEK_KNOWLEDGE_H
#define X0_MAPEK_KNOWLEDGE_H

#include <stddef.h>
#include <stdio.h>

#include "base/failure.h"
#include "base/text.h"
#include "mapek/analyze.h"
#include "model/counter.h"
#include "model/snapshot_mapek.h"

enum {
	KNOWLEDGE_VERSION = 3,
	KNOWLEDGE_MOST = 10000, /* anomalies, and as many actions */
};

struct knowledge;

enum knowledge_use {
	KNOWLEDGE_READ, /* it is there already, and stays as it is */
	KNOWLEDGE_CHANGE, /* it is there already */
	KNOWLEDGE_ADD, /* makes it if it is not there */
	KNOWLEDGE_WRITE, /* makes it, and sets a damaged or newer one aside */
};

/*
 * Opens the database. `notice` gets a sentence about one that was set aside, or "". Returns 0 with
 * *knowledge to be closed by the caller, or a negative errno with *failure set: -ENOENT if there is none to
 * read, -EINVAL if it is damaged or newer.
 */
int knowledge_open(const char *path, enum knowledge_use use, struct knowledge **knowledge,
	char notice[REASON_LEN], struct failure *failure);

/* Accepts NULL. */
void knowledge_close(struct knowledge *knowledge);

/* Write what is the latest of an anomaly, an action, a series. `time`: when the action got its state; NAN: as
 * before. Return 0, or -EIO if it cannot be written. */
int knowledge_put_anomaly(struct knowledge *knowledge, const struct snapshot_mapek_anomaly *anomaly,
	const char *sentence);
int knowledge_put_action(
	struct knowledge *knowledge, const struct snapshot_mapek_action *action, double time);
int knowledge_put_series(
	struct knowledge *knowledge, const char *name, const struct series *series);

/* Notes what no action is to be about, as operand_target has it; takes that back: -ENOENT if it was not noted.
 * The first: -ENOSPC where MAPEK_SPARED_MAX others are. Return 0 or a negative errno. */
int knowledge_spare(struct knowledge *knowledge, const char *target, double since);
int knowledge_spare_no_more(struct knowledge *knowledge, const char *target);

/* Hands over each of these; and each action that was in force, or that the operator took back since a time, with
 * when it last changed. Return their number, or -EIO. */
int knowledge_each_spared(struct knowledge *knowledge,
	void (*take)(void *data, const struct snapshot_mapek_spared *spared), void *data);
int knowledge_each_recalled(struct knowledge *knowledge, double undone_since,
	void (*take)(void *data, const struct snapshot_mapek_action *action, double changed),
	void *data);

/* Returns whether another process has written since this was last asked. */
bool knowledge_changed(struct knowledge *knowledge);

/* Reads a series. Returns whether it is there, and was written by an x0top like this. */
bool knowledge_get_series(struct knowledge *knowledge, const char *name, struct series *series);

/* Returns the highest number of an anomaly, and of an action; 0 without one. */
uint64_t knowledge_last_anomaly(struct knowledge *knowledge);
uint64_t knowledge_last_action(struct knowledge *knowledge);

/*
 * Lets what is written below say what is so now of actions that were in force when MAPE-K last wrote: a rule is over
 * with its time; all else where MAPE-K has ended, but the `n` actions in `lasting`, which are to be taken back.
 * Returns 0 or -EIO.
 */
int knowledge_compare(struct knowledge *knowledge, const char (*lasting)[RULE_LEN], uint32_t n);

/* Write lines for people: the latest first; what is known of action `number`, -ENOENT if nothing is. And all,
 * as a JSON object a line. Return 0 or a negative errno. */
int knowledge_write_history(struct knowledge *knowledge, FILE *file);
int knowledge_write_action(struct knowledge *knowledge, uint64_t number, FILE *file);
int knowledge_write_json(struct knowledge *knowledge, FILE *file);
int knowledge_write_spared(struct knowledge *knowledge, FILE *file);

/* Forgets all, baselines too, but what is spared. Returns 0 or -EIO. */
int knowledge_forget(struct knowledge *knowledge);

#endif
