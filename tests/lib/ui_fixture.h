/* SPDX-License-Identifier: BSD-2-Clause */
/* A dashboard of 80x24 that has taken the sample, for tests that type and look. */
#ifndef X0_TESTS_UI_FIXTURE_H
#define X0_TESTS_UI_FIXTURE_H

#include <stdbool.h>

#include "model/snapshot.h"
#include "tui/ui.h"

/* Set by ui_fixture_open(), a cmocka set-up; ui_fixture_close() is the tear-down. */
extern struct ui *ui;
extern struct snapshot sample;

int ui_fixture_open(void **state);
int ui_fixture_close(void **state);

/* Takes `sample` as it is now, and draws. */
void ui_sample(void);

/* Types keys, one a character, each of which must mean something; then draws. Returns all flags. */
unsigned int ui_type(const char *typed);

/* The same for one key, which may be a KEY_ code. */
unsigned int ui_press(int key);

/* The row of the screen that is drawn as highlighted; "" if there is none. */
const char *ui_highlighted(void);

/* Fails unless `text` begins with `start`. */
void assert_starts(const char *text, const char *start);

/* Whether the screen shows this text anywhere. */
bool ui_shows(const char *text);

#endif
