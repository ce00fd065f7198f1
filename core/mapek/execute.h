/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Execute: does what is planned by verbs alone, as an operator would, or only says so. Each action ends by
 * itself; too many of them stop all.
 */
#ifndef X0_MAPEK_EXECUTE_H
#define X0_MAPEK_EXECUTE_H

#include "control/action.h"
#include "mapek/policy.h"
#include "model/snapshot.h"

enum {
	EXECUTE_BRAKE_SECONDS = 60, /* over which actions are counted */
	EXECUTE_RELEASE_SECONDS = 600, /* without a wish, until the brake is off */
	EXECUTE_REST_SECONDS = 3600, /* after an undo, nothing is done about the same target */
	EXECUTE_RECENT = 1024, /* at least the largest brake */
};

/* How actions are done; members as orchestrator_decide() and orchestrator_apply(). */
struct mapek_hands {
	void *data;
	enum decision (*decide)(
		void *data, const struct action *action, char *sentence, size_t size);
	int (*apply)(void *data, const struct action *action, struct failure *failure);
};

struct executed {
	struct snapshot_mapek_action shown;
	const struct policy *policy;
	double until; /* of the caller's clock, seconds, as all times here */
	double ended;
	bool seen; /* its rule was in a snapshot */
};

struct execute {
	const struct policies *policies;
	const struct mapek_hands *hands; /* NULL: nothing can be done */
	/* Called once an action has begun, and with another state. */
	void (*tell)(void *data, const struct snapshot_mapek_action *action);
	void *data;
	uint64_t next; /* number of the next action */
	uint32_t n;
	struct executed list[MAPEK_ACTIONS_SHOWN]; /* in no order */
	uint32_t n_recent; /* times of the last actions, a ring */
	double recent[EXECUTE_RECENT];
	bool braked;
	double wished; /* when something was last wished for */
};

struct wish {
	const struct policy *policy;
	const char *target, *reason;
	uint64_t anomaly;
};

/* Does what is wished for, or renews it, within the bounds of the policy; nothing where it is done already.
 * `snapshot` is of time `now`. */
void execute_wish(struct execute *execute, const struct wish *wish, const struct snapshot *snapshot,
	double now);

/* Ends what is due, and sees what the operator has undone. */
void execute_turn(struct execute *execute, const struct snapshot *snapshot, double now);

/* Returns whether an action holds: in force, or advised. */
bool execute_holds(const struct executed *executed);

#endif
