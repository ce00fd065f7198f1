/* SPDX-License-Identifier: BSD-2-Clause */
/* MAPE-K in a snapshot: what it watches, which anomalies it found, what it does or advises. */
#ifndef X0_MODEL_SNAPSHOT_MAPEK_H
#define X0_MODEL_SNAPSHOT_MAPEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "model/fields.h"
#include "model/snapshot_mesh.h"

enum {
	MAPEK_SERIES_SHOWN = 32,
	MAPEK_ANOMALIES_SHOWN = 32,
	MAPEK_ACTIONS_SHOWN = 64,
	MAPEK_TARGET_LEN = 48,
	MAPEK_OUTPUT_LEN = 512, /* of a hook */
	MAPEK_SPARED_MAX = 64,
	MAPEK_OUTCOMES_SHOWN = 32, /* policies */
};

enum mapek_mode {
	MAPEK_OFF,
	MAPEK_ADVISE, /* shows and logs what it would do */
	MAPEK_ACT,
	MAPEK_MODES,
};

enum mapek_action_state {
	MAPEK_ADVISED, /* not done: the mode is advise */
	MAPEK_IN_FORCE,
	MAPEK_REFUSED, /* not done: it failed, or needs a yes */
	MAPEK_OVER, /* its time is over */
	MAPEK_UNDONE, /* by the operator, before its time */
	MAPEK_ACTION_STATES,
};

struct snapshot_mapek_series {
	char name[NAME_LEN]; /* as policies name it */
	double value; /* NAN: unknown */
	double low, high; /* what is usual; NAN: not known yet */
	double score; /* decades: -log10 of its probability by its own past; NAN: not known yet */
};

struct snapshot_mapek_anomaly {
	uint64_t number;
	char policy[NAME_LEN];
	char series[NAME_LEN];
	double begin, end; /* seconds since 1970; NAN while it lasts */
	double value, low, high, score; /* where it was worst */
};

struct snapshot_mapek_action {
	uint64_t number;
	uint64_t anomaly; /* its number */
	char policy[NAME_LEN];
	char target
		[MAPEK_TARGET_LEN]; /* the source that it is about, or the id of a node; may be empty */
	uint32_t state; /* enum mapek_action_state */
	char action[RULE_LEN]; /* its text form */
	char reason[REASON_LEN]; /* why; of one refused, also why not */
	double begin; /* seconds since 1970 */
	double time_left; /* s, unless it is renewed; NAN: it has ended */
	uint64_t dropped; /* packets that its rule dropped; COUNT_UNKNOWN without one */
	/* The outcome, see mapek/outcome.h: the anomaly's value when the action began, and what is left of it; the
	 * share of what was unusual that is gone, 0 to 1; packets dropped that were usual. NAN, COUNT_UNKNOWN:
	 * not known yet. */
	double before, after, relief;
	uint64_t honest;
	char ended[NAME_LEN]; /* how its hook ended: "exit 0"; empty: it has none, or it runs */
	char output[MAPEK_OUTPUT_LEN]; /* of its hook, the first of it; may be empty */
};

struct snapshot_mapek_spared {
	char target[MAPEK_TARGET_LEN]; /* a prefix, a MAC address or the id of a node */
	double since; /* seconds since 1970 */
};

/* What became of a policy's actions since the start. */
struct snapshot_mapek_outcome {
	char policy[NAME_LEN];
	uint64_t found; /* its anomalies that began */
	uint64_t advised, done, refused, over,
		undone; /* actions that became so; one may be counted by several */
	uint64_t dropped,
		honest; /* packets that rules of its actions dropped, and those that were usual */
};

struct snapshot_mapek {
	bool available; /* it has policies and is not off */
	char state[NAME_LEN]; /* "off", "advise", "act", "braked" */
	uint32_t mode; /* enum mapek_mode */
	bool braked; /* too many actions: it does nothing now */
	uint32_t policies;
	uint64_t found, begun; /* anomalies and actions that began */
	uint32_t lasting, in_force; /* of these, now */
	double relief; /* mean of those in force; NAN: not known of any */
	uint64_t undone; /* actions that the operator took back: they were wrong */
	uint64_t dropped,
		honest; /* packets that all rules of actions dropped, and those that were usual */
	uint32_t n_series, n_anomalies, n_actions, n_spared, n_outcomes;
	struct snapshot_mapek_series series[MAPEK_SERIES_SHOWN];
	struct snapshot_mapek_anomaly anomalies[MAPEK_ANOMALIES_SHOWN]; /* the latest first */
	struct snapshot_mapek_action actions[MAPEK_ACTIONS_SHOWN]; /* the latest first */
	struct snapshot_mapek_spared spared[MAPEK_SPARED_MAX]; /* no action is about these */
	struct snapshot_mapek_outcome outcomes[MAPEK_OUTCOMES_SHOWN]; /* a policy each */
};

extern const struct field mapek_fields[];

/* Writes the outcome of an action for people: "52.0K before, 510 after, 99% gone; 1.2M dropped, about 120 of
 * them usual"; "" if nothing is known of it. Returns `text`. */
char *mapek_effect(const struct snapshot_mapek_action *action, char *text, size_t size);

/* The comment of a rule that an action makes, with the action's number behind it. */
#define MAPEK_COMMENT "mapek "

/* Returns the rule that the action of this number made, or that an operator has made of its advice; NULL
 * without one. */
const struct snapshot_rule *mapek_rule(const struct snapshot_mesh *mesh, uint64_t action);

#endif
