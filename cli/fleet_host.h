/* SPDX-License-Identifier: BSD-2-Clause */
/* The history of one host of a fleet, in the views of the dashboard. */
#ifndef X0_CLI_FLEET_HOST_H
#define X0_CLI_FLEET_HOST_H

#include <stdbool.h>

#include "cli/player.h"
#include "fleet/past.h"

struct fleet_host_view {
	struct ui *ui; /* NULL: it is not open */
	struct past *past;
	struct player player;
	struct snapshot *now;
	char instance[FLEET_INSTANCE_LEN];
	double span; /* s */
	bool asked; /* for another span, or for the first time */
	double wanted; /* time of the sample to be shown; INFINITY: the latest */
};

/* Opens it; `timer` expires when fleet_host_tick() is due. Returns 0, or -ENOMEM with *failure set. */
int fleet_host_open(struct fleet_host_view *host, const char *instance, struct loop_source *timer,
	struct failure *failure);
void fleet_host_close(struct fleet_host_view *host);

/* Begins to ask, as past_begin(). */
int fleet_host_begin(struct fleet_host_view *host, struct prometheus *prometheus,
	const struct fleet_request *request, struct failure *failure);

/* Shows what has been asked for. */
void fleet_host_show(struct fleet_host_view *host);

/* Returns whether the latest sample is shown, which another may follow; or another span is wished for. */
bool fleet_host_wants(const struct fleet_host_view *host);

/* Returns enum ui_result flags: UI_QUIT, UI_BACK to the table. */
unsigned int fleet_host_key(struct fleet_host_view *host, int key);

#endif
