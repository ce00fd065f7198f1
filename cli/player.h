/* SPDX-License-Identifier: BSD-2-Clause */
/* Plays samples of the past on the dashboard: when which is shown. */
#ifndef X0_CLI_PLAYER_H
#define X0_CLI_PLAYER_H

#include <stdbool.h>

#include "base/loop.h"
#include "export/samples.h"
#include "tui/ui.h"

struct player {
	struct samples samples;
	struct snapshot *now; /* the one shown */
	uint32_t at; /* its number, from 0 on */
	double pace; /* seconds between samples; 0: as they were taken */
	double span, interval; /* of a Prometheus, s: see ui_replay; 0: a recording */
	struct ui *ui;
	struct loop_source *timer; /* of the caller's loop; expires when player_tick() is due */
	double speed; /* 1: as fast as it was recorded */
	bool playing;
};

/* These return enum ui_result flags. */

/* Shows the first sample and plays. The caller has set the pointers. */
unsigned int player_start(struct player *player);

/* Shows the first sample that is not before a time, or the last; and goes on as before. */
unsigned int player_show(struct player *player, double time);

/* Shows what has become due. */
unsigned int player_tick(struct player *player);

/* Does what a key asks for, which ui_wish() tells. */
unsigned int player_wish(struct player *player);

#endif
