/* SPDX-License-Identifier: BSD-2-Clause */
/* A dashboard of 80x24 cells with the sample snapshot, for tests that type keys and read cells. */
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

/* Passes the present `sample` to the dashboard and draws. */
void ui_sample(void);

/* Types characters as keys, each of which must have a function, and draws. Returns all flags. */
unsigned int ui_type(const char *typed);

/* Types one key, which may be a KEY_ code, and draws. Returns its flags. */
unsigned int ui_press(int key);

/* Returns the highlighted row of the screen, or "" if there is none. */
const char *ui_highlighted(void);

/* Fails unless `text` begins with `start`. */
void assert_starts(const char *text, const char *start);

/* Returns whether the screen shows this text anywhere. */
bool ui_shows(const char *text);

#endif
