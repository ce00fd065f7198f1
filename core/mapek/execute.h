/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Execute: does what is planned by verbs alone, as an operator would, or only says so. Each action ends by
 * itself; too many of them stop all.
 */
#ifndef X0_MAPEK_EXECUTE_H
#define X0_MAPEK_EXECUTE_H

#include "control/action.h"
#include "mapek/outcome.h"
#include "mapek/policy.h"
#include "mapek/switched.h"
#include "model/snapshot.h"

enum {
	EXECUTE_BRAKE_SECONDS = 60, /* over which actions are counted */
	EXECUTE_RELEASE_SECONDS = 600, /* without a wish, until the brake is off */
	EXECUTE_REST_SECONDS = 3600, /* after an undo, nothing is done about the same target */
	EXECUTE_KEEP_SECONDS =
		5, /* from one outcome that is told, while an action holds, to the next */
	EXECUTE_AGAIN_SECONDS = 10, /* until what could not be taken back is tried again */
	EXECUTE_RECENT = 1024, /* at least the largest brake */
};

/* How actions are done; members as orchestrator_decide(), orchestrator_apply() and orchestrator_take_back(). */
struct mapek_hands {
	void *data;
	enum decision (*decide)(
		void *data, const struct action *action, char *sentence, size_t size);
	int (*apply)(void *data, const struct action *action, struct failure *failure);
	int (*take_back)(void *data, const char *action, struct failure *failure);
};

struct executed {
	struct snapshot_mapek_action shown;
	const struct policy *policy;
	double until; /* of the caller's clock, seconds, as all times here */
	double ended;
	double kept; /* when its outcome was last told */
	double again; /* before then, it is not taken back: that failed */
	bool seen; /* its rule, or what it switched, was in a snapshot */
	bool wrong; /* an operator has said so */
	bool recalled; /* it is from before the start, and was not seen since */
	char where
		[MAPEK_TARGET_LEN]; /* what its rule names: the target, or the address of a node */
	struct outcome outcome;
};

struct execute {
	const struct policies *policies;
	const struct mapek_hands *hands; /* NULL: nothing can be done */
	/* Called once an action has begun, and with another state; `changed` false: its outcome alone is another. */
	void (*tell)(void *data, const struct snapshot_mapek_action *action, bool changed);
	void *data;
	uint64_t next; /* number of the next action */
	uint32_t n;
	struct executed list[MAPEK_ACTIONS_SHOWN]; /* in no order */
	uint32_t n_recent; /* times of the last actions, a ring */
	double recent[EXECUTE_RECENT];
	uint64_t undone, dropped, honest; /* of all actions so far */
	struct snapshot_mapek_outcome
		outcomes[POLICIES_MAX]; /* of each policy; without names and `found` */
	bool braked;
	double wished; /* when something was last wished for */
	struct switched switched; /* of the last sample */
};

struct wish {
	const struct policy *policy;
	const char *target, *where, *reason; /* `where`: as of struct executed */
	const struct reading *reading; /* of the anomaly */
	uint64_t anomaly;
};

/* Does what is wished for, or renews it, within the bounds of the policy; nothing where it is done already.
 * `snapshot` is of time `now`. */
void execute_wish(struct execute *execute, const struct wish *wish, const struct snapshot *snapshot,
	double now);

/*
 * Takes over an action from before the start: one that was undone rests, one in force is followed if its rule is
 * still there. `left`: seconds for which it would hold, or, negative, since it ended.
 */
void execute_recall(struct execute *execute, const struct snapshot_mapek_action *action,
	const struct policy *policy, double left, double now);

/* By the number of its action, a hook has begun on an operator's word, or has ended. */
void execute_hook_begun(struct execute *execute, uint64_t number, double now);
void execute_hook_ended(
	struct execute *execute, uint64_t number, const char *ended, const char *output);

/* Ends what is due, takes back what is about a target that is spared by now, and sees what the operator has
 * undone. */
void execute_turn(struct execute *execute, const struct snapshot *snapshot, double now);

/* On an operator's word, lets the next turn take back an action, by its number: it was wrong. Returns 0, or -ENOENT with
 * *failure set if none of that number is in force. */
int execute_undo(struct execute *execute, uint64_t number, struct failure *failure);

/* Says that an action from before the start is over, whose policy is gone: what would last was taken back at the start. */
void execute_abandon(struct execute *execute, struct snapshot_mapek_action *action);

/* Takes back, before x0top ends, what would outlive it; rules end by themselves. */
void execute_end(struct execute *execute, double now);

/* Takes the outcome of what is in force, and tells it from time to time. `left`: what is left of the anomaly's
 * value; NAN: not now. */
void execute_outcome(struct execute *execute, struct executed *executed, const struct known *known,
	const struct snapshot *snapshot, double left, double now);

#endif
