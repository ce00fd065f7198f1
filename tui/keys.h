/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys, their help and what they do: one table. */
#ifndef X0_TUI_KEYS_H
#define X0_TUI_KEYS_H

#include <stdbool.h>

#include "ui_state.h"

enum {
	KEY_CODES_MAX = 9,
	KEY_ESCAPE = 27,
	KEY_CTRL_C = 3,
	KEY_CTRL_L = 12,
	KEY_RETURN = '\r',
};

/* In which views a key means something. */
#define IN_EVERY_VIEW	0xffffffffu
#define IN_VIEW(number) (1u << (number))

struct key {
	int codes[KEY_CODES_MAX]; /* ends with 0 */
	const char *keys; /* as help names them */
	const char *help;
	const char *footer; /* key and word for the line at the bottom; NULL: not there */
	unsigned int views;
	bool changes; /* the system, so that it is refused when read-only */
	unsigned int (*run)(struct ui *ui, int code); /* returns flags of enum ui_result */
};

extern const struct key keys[];
extern const int n_keys;

/* Why a key cannot be used now; NULL if it can. */
const char *key_why_not(const struct ui *ui, const struct key *key);

/* Handles a key while no dialog is open. */
unsigned int keys_run(struct ui *ui, int code);

#endif
