// SPDX-License-Identifier: BSD-2-Clause
/* Keys that move through a recording, or the past. Rows keep Up, Down and the page keys; views keep Tab and digits. */
#include "keys.h"

static unsigned int wish(struct ui *ui, int kind, bool back)
{
	ui->wish.kind = kind;
	ui->wish.direction = back ? -1 : 1;
	return UI_HANDLED | UI_REDRAW | UI_REPLAY;
}

static unsigned int run_step(struct ui *ui, int code)
{
	return wish(ui, UI_WISH_STEP, code == KEY_LEFT);
}

static unsigned int run_minute(struct ui *ui, int code)
{
	return wish(ui, UI_WISH_MINUTE, code == '[');
}

static unsigned int run_tenth(struct ui *ui, int code)
{
	return wish(ui, UI_WISH_TENTH, code == '{');
}

static unsigned int run_end(struct ui *ui, int code)
{
	return wish(ui, UI_WISH_END, code == KEY_HOME);
}

static unsigned int run_play(struct ui *ui, int code)
{
	(void)code;
	return wish(ui, UI_WISH_PLAY, false);
}

static unsigned int run_speed(struct ui *ui, int code)
{
	return wish(ui, UI_WISH_SPEED, code == '-');
}

static unsigned int run_span(struct ui *ui, int code)
{
	return wish(ui, UI_WISH_SPAN, code == '-');
}

const struct key past_keys[] = {
	{ { '+', '-' }, "+ -", "history: a shorter, a longer time", "+,- Time", IN_EVERY_VIEW,
		false, run_span },
};

const int n_past_keys = sizeof(past_keys) / sizeof(past_keys[0]);

const struct key replay_keys[] = {
	{ { KEY_LEFT, KEY_RIGHT }, "L/R arrow", "replay: a sample back, on", "Left,Right Step",
		IN_EVERY_VIEW, false, run_step },
	{ { ' ', 'Z' }, "Space Z", "replay: pause, go on", "Space Pause", IN_EVERY_VIEW, false,
		run_play },
	{ { '+', '-' }, "+ -", "replay: faster, slower", "+,- Speed", IN_EVERY_VIEW, false,
		run_speed },
	{ { '[', ']' }, "[ ]", "replay: a minute back, on", "[,] Minute", IN_EVERY_VIEW, false,
		run_minute },
	{ { '{', '}' }, "{ }", "replay: a tenth back, on", NULL, IN_EVERY_VIEW, false, run_tenth },
	{ { KEY_HOME, KEY_END }, "Home End", "replay: first, last sample", "Home,End Ends",
		IN_EVERY_VIEW, false, run_end },
};

const int n_replay_keys = sizeof(replay_keys) / sizeof(replay_keys[0]);
