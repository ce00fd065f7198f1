/* SPDX-License-Identifier: BSD-2-Clause */
/* Draws many hosts in a table, sorts, filters and searches them. The selection follows the host. */
#ifndef X0_TUI_FLEET_SCREEN_H
#define X0_TUI_FLEET_SCREEN_H

#include <stdbool.h>

#include "fleet/fleet.h"
#include "table.h"

/* There is one at a time. */
struct fleet_screen {
	const struct fleet *fleet; /* NULL: no answer yet */
	struct table table; /* of its hosts; table.selected is an instance */
	char search[TABLE_FILTER_LEN];
	char *typing; /* into the table's filter or search; NULL: not */
	struct failure failure; /* of the last look; error 0: none */
};

void fleet_screen_open(struct fleet_screen *screen);

/* Frees what it owns. */
void fleet_screen_close(struct fleet_screen *screen);

/* Shows a new answer, which must stay until the next one. */
void fleet_screen_update(struct fleet_screen *screen, const struct fleet *fleet);

/* Says why there is none. */
void fleet_screen_failure(struct fleet_screen *screen, const struct failure *failure);

enum fleet_wish {
	FLEET_WISH_NOTHING,
	FLEET_WISH_QUIT,
	FLEET_WISH_HOST, /* the history of table.selected */
};

/* Returns what the key wishes of the caller. */
enum fleet_wish fleet_screen_key(struct fleet_screen *screen, int key);

/* Draws into stdscr. */
void fleet_screen_draw(struct fleet_screen *screen);

#endif
