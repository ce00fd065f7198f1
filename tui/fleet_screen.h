/* SPDX-License-Identifier: BSD-2-Clause */
/* Draws many hosts in a table, sorts, filters and searches them. The selection follows the host. */
#ifndef X0_TUI_FLEET_SCREEN_H
#define X0_TUI_FLEET_SCREEN_H

#include <stdbool.h>

#include "fleet/fleet.h"

enum { FLEET_TEXT_LEN = 48 };

struct fleet_screen {
	const struct fleet *fleet; /* NULL: no answer yet */
	int sort; /* index of the columns shown; -1: by attention */
	bool inverted;
	char selected[FLEET_INSTANCE_LEN];
	char filter[FLEET_TEXT_LEN], search[FLEET_TEXT_LEN];
	char *typing; /* into filter or search; NULL: not */
	bool details; /* of the selected host are shown */
	double span; /* of its history, s */
	const struct fleet_history *history; /* NULL: none yet */
	size_t at, top, page; /* rows */
	size_t n; /* rows shown */
	uint32_t *rows; /* of fleet->hosts, in the order shown; owned */
	size_t room;
	struct failure failure; /* of the last look; error 0: none */
};

void fleet_screen_open(struct fleet_screen *screen);

/* Frees what it owns. */
void fleet_screen_close(struct fleet_screen *screen);

/* Shows a new answer, which must stay until the next one. */
void fleet_screen_update(struct fleet_screen *screen, const struct fleet *fleet);

/* Says why there is none. */
void fleet_screen_failure(struct fleet_screen *screen, const struct failure *failure);

/* Returns whether the key quits. */
bool fleet_screen_key(struct fleet_screen *screen, int key);

/* Returns the host whose history is to be shown, NULL: none is; *span is in seconds. */
const char *fleet_screen_wanted(const struct fleet_screen *screen, double *span);

/* Shows a host's history, which must stay until the next one. */
void fleet_screen_history(struct fleet_screen *screen, const struct fleet_history *history);

/* Draws into stdscr. */
void fleet_screen_draw(struct fleet_screen *screen);

#endif
