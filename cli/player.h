/* SPDX-License-Identifier: BSD-2-Clause */
/* Plays a recording on the dashboard: when which sample is shown. */
#ifndef X0_CLI_PLAYER_H
#define X0_CLI_PLAYER_H

#include <stdbool.h>

#include "base/loop.h"
#include "cli/session.h"
#include "tui/ui.h"

struct player {
	struct session *session;
	struct ui *ui;
	struct loop_source *timer; /* of the caller's loop; expires when player_tick() is due */
	double speed; /* 1: as fast as it was recorded */
	bool playing;
};

/* These return enum ui_result flags. */

/* Shows the first sample and plays. The caller has set the pointers. */
unsigned int player_start(struct player *player);

/* Shows what has become due. */
unsigned int player_tick(struct player *player);

/* Does what a key asks for, which ui_wish() tells. */
unsigned int player_wish(struct player *player);

#endif
