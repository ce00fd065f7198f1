// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/ui_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "model/alert_log.h"
#include "tests/lib/cells.h"
#include "tests/lib/snapshot_sample.h"

struct ui *ui;
struct snapshot sample;
static struct alert_log alerts;

int ui_fixture_open(void **state)
{
	(void)state;
	cells_open((struct cells_options) { .width = 80, .height = 24 });
	ui = ui_open(1);
	if (ui == NULL)
		return -1;
	memset(&alerts, 0, sizeof(alerts));
	snapshot_sample(&sample);
	ui_sample();
	return 0;
}

int ui_fixture_close(void **state)
{
	(void)state;
	ui_close(ui);
	cells_close();
	return 0;
}

void ui_sample(void)
{
	alert_log_sample(&alerts, &sample);
	ui_snapshot(ui, &sample);
	ui_draw(ui);
}

unsigned int ui_press(int key)
{
	unsigned int result = ui_key(ui, key);

	assert_true(result & UI_HANDLED);
	ui_draw(ui);
	return result;
}

unsigned int ui_type(const char *typed)
{
	unsigned int result = 0;

	for (; *typed != '\0'; typed++)
		result |= ui_press(*typed);
	return result;
}

const char *ui_highlighted(void)
{
	for (int y = 2; y < LINES - 1; y++)
		if (cells_style(y, 0) == STYLE_SELECTED)
			return cells_row(y);
	return "";
}

void assert_starts(const char *text, const char *start)
{
	if (strncmp(text, start, strlen(start)) != 0)
		fail_msg("\"%s\" does not start with \"%s\"", text, start);
}

bool ui_shows(const char *text)
{
	return cells_find(text, NULL) >= 0;
}
