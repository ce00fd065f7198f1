/* SPDX-License-Identifier: BSD-2-Clause */
/* One table of keys, their help and their functions. */
#ifndef X0_TUI_KEYS_H
#define X0_TUI_KEYS_H

#include <stdbool.h>

#include "ui_state.h"

enum {
	KEYS_MAX = 96,
	KEY_CODES_MAX = 10,
	KEY_ESCAPE = 27,
	KEY_CTRL_C = 3,
	KEY_CTRL_L = 12,
	KEY_RETURN = '\r',
};

/* Bits of key.views. */
#define IN_EVERY_VIEW	0xffffffffu
#define IN_VIEW(number) (1u << (number))

struct key {
	int codes[KEY_CODES_MAX]; /* ends with 0 */
	const char *keys; /* names in the help */
	const char *help;
	const char *footer; /* key and word in the bottom line; NULL: not shown there */
	unsigned int views; /* where the key works */
	bool changes; /* changes the system: refused when read-only */
	unsigned int (*run)(struct ui *ui, int code); /* returns enum ui_result flags */
};

extern const struct key keys[];
extern const int n_keys;

/* Keys of a replay, which take precedence there. */
extern const struct key replay_keys[];
extern const int n_replay_keys;

/* Those of what a Prometheus has, which take precedence of these. */
extern const struct key past_keys[];
extern const int n_past_keys;

/* Lists the keys that have a function now. Returns their number. */
int keys_list(const struct ui *ui, const struct key *list[KEYS_MAX]);

/* Returns why a key cannot be used now, or NULL if it can. */
const char *key_why_not(const struct ui *ui, const struct key *key);

/* Handles a key while no dialog is open. Returns enum ui_result flags. */
unsigned int keys_run(struct ui *ui, int code);

#endif
