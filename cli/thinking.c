// SPDX-License-Identifier: BSD-2-Clause
#include "cli/thinking.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "mapek/mapek.h"
#include "model/names.h"
#include "programs/connection.h"

struct thinking {
	struct orchestrator *orchestrator;
	struct mapek *mapek;
	struct mapek_hands hands;
};

static enum decision decide(void *data, const struct action *action, char *sentence, size_t size)
{
	const struct thinking *thinking = data;

	return orchestrator_decide(thinking->orchestrator, action, sentence, size);
}

static int apply(void *data, const struct action *action, struct failure *failure)
{
	const struct thinking *thinking = data;

	return orchestrator_apply(thinking->orchestrator, action, failure);
}

/* --- events --------------------------------------------------------------------------------------- */

static void on_anomaly(
	void *data, const struct snapshot_mapek_anomaly *anomaly, const char *sentence)
{
	const struct thinking *thinking = data;
	char text[TEXT_LEN];

	snprintf(text, sizeof(text), "anomaly %llu%s: %.100s", (unsigned long long)anomaly->number,
		isnan(anomaly->end) ? "" : " is over", sentence);
	orchestrator_say(thinking->orchestrator, text);
}

static void on_action(void *data, const struct snapshot_mapek_action *action)
{
	const struct thinking *thinking = data;
	char text[TEXT_LEN];

	snprintf(text, sizeof(text), "MAPE-K %llu, %s: %.96s", (unsigned long long)action->number,
		mapek_action_state_names[action->state], action->action);
	orchestrator_say(thinking->orchestrator, text);
}

static void on_brake(void *data, const char *sentence)
{
	const struct thinking *thinking = data;

	orchestrator_say(thinking->orchestrator, sentence);
}

/* -------------------------------------------------------------------------------------------------- */

static void think(void *data, struct snapshot *now)
{
	const struct thinking *thinking = data;

	mapek_turn(thinking->mapek, now);
}

int thinking_open(const struct settings *settings, struct orchestrator *orchestrator,
	struct thinking **opened, struct failure *failure)
{
	const char *path = settings->mapek_policy[0] != '\0' ? settings->mapek_policy : NULL;
	struct connection connection;
	struct policies policies;
	int error = policies_read(
		&policies, path, connection_find(&connection) ? &connection : NULL, failure);

	*opened = NULL;
	if (error < 0)
		return error;
	if (settings->mapek_mode < MAPEK_MODES)
		policies.mode = settings->mapek_mode;
	if (policies.mode == MAPEK_OFF || policies.n == 0)
		return 0;
	struct thinking *thinking = calloc(1, sizeof(*thinking));
	const struct mapek_ears ears = { thinking, on_anomaly, on_action, on_brake };
	if (thinking != NULL) {
		thinking->orchestrator = orchestrator;
		thinking->hands = (struct mapek_hands) { thinking, decide, apply };
		thinking->mapek = mapek_open(&policies, &thinking->hands, &ears);
	}
	if (thinking == NULL || thinking->mapek == NULL) {
		thinking_close(thinking);
		return failure_set(failure, -ENOMEM, "Not enough memory for MAPE-K");
	}
	orchestrator_think(orchestrator, think, thinking);
	*opened = thinking;
	return 0;
}

void thinking_close(struct thinking *thinking)
{
	if (thinking == NULL)
		return;
	orchestrator_think(thinking->orchestrator, NULL, NULL);
	mapek_close(thinking->mapek);
	free(thinking);
}

bool thinking_looks(const struct thinking *thinking)
{
	return thinking != NULL && mapek_looks(thinking->mapek);
}
