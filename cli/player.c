// SPDX-License-Identifier: BSD-2-Clause
#include "cli/player.h"

#include <stdio.h>

#include "base/clock.h"

#define SPEED_MIN    0.25
#define SPEED_MAX    64.0
#define WAIT_MIN     0.02 /* s: at high speed, several samples are due at once */
#define WAIT_UNKNOWN 60.0 /* s: the most behind a sample that does not tell its interval */

enum {
	MINUTE = 60, /* s */
	TENTHS = 10,
	/* Samples before the one that is shown, for the graphs: what a wide terminal has room for.
	 * Reading them takes a tenth of a second. */
	GRAPH_SAMPLES = 160,
};

static uint32_t count(const struct player *player)
{
	return player->samples.count(player->samples.source);
}

static double time_of(const struct player *player, uint32_t at)
{
	return player->samples.time(player->samples.source, at);
}

static int seek(struct player *player, uint32_t at, struct failure *failure)
{
	int error = player->samples.read(player->samples.source, &at, player->now, failure);

	if (error == 0)
		player->at = at;
	return error;
}

/* Tells the screen where it is, and sets the timer. */
static void tell(struct player *player, double wait)
{
	const struct ui_replay replay = {
		.at = player->at,
		.count = count(player),
		.speed = player->speed,
		.playing = player->playing,
		.span = player->span,
		.interval = player->interval,
	};

	ui_replay(player->ui, &replay);
	loop_timer_at(player->timer,
		player->playing ? clock_monotonic_ns() + (uint64_t)(wait * 1e9) : UINT64_MAX);
}

/* Returns whether another sample follows; says so at the end, and what was left out. */
static bool is_end(struct player *player)
{
	char left_out[FAILURE_SENTENCE_LEN];
	uint32_t n = player->samples.left_out(player->samples.source, left_out);

	if (player->at + 1 < count(player))
		return false;
	if (player->span == 0)
		ui_message(player->ui, n > 0 ? "End of the recording; %s" : "End of the recording",
			left_out);
	player->playing = false;
	return true;
}

/* Returns the seconds until the next sample. A gap in the recording is passed over. */
static double wait_of(const struct player *player)
{
	const double interval = player->now->interval;
	double wait = time_of(player, player->at + 1) - time_of(player, player->at);

	if (player->pace > 0)
		return player->pace / player->speed;
	if (!(wait > 0) || (interval > 0 && wait > 3 * interval))
		wait = interval;
	if (wait > WAIT_UNKNOWN && !(interval > 0))
		wait = WAIT_UNKNOWN;
	return wait / player->speed;
}

static unsigned int failed(struct player *player, const struct failure *failure)
{
	ui_failure(player->ui, failure);
	player->playing = false;
	tell(player, 0);
	return UI_REDRAW;
}

/* Shows the next sample, and those that are due with it. */
static unsigned int advance(struct player *player)
{
	struct failure failure = { 0 };
	double wait = 0;

	do {
		if (seek(player, player->at + 1, &failure) < 0)
			return failed(player, &failure);
		ui_snapshot(player->ui, player->now);
		if (is_end(player))
			break;
		wait += wait_of(player);
	} while (wait < WAIT_MIN && player->playing);
	tell(player, wait);
	return UI_REDRAW;
}

/* Shows a sample that does not follow, with those before it in the graphs. */
static unsigned int go_to(struct player *player, uint32_t at)
{
	struct failure failure = { 0 };

	ui_rewind(player->ui);
	for (uint32_t i = at > GRAPH_SAMPLES ? at - GRAPH_SAMPLES : 0; i <= at; i++) {
		if (seek(player, i, &failure) < 0)
			return failed(player, &failure);
		ui_snapshot(player->ui, player->now);
		if (player->at < i) /* what is damaged is left out, so that there are fewer */
			break;
	}
	if (!is_end(player))
		tell(player, wait_of(player));
	else
		tell(player, 0);
	return UI_REDRAW;
}

/* Returns the sample `seconds` after the present one, or before it, but another one if there is. */
static uint32_t find_time(const struct player *player, double seconds)
{
	const uint32_t last = count(player) - 1;
	uint32_t at = player->at;
	const double time = time_of(player, at) + seconds;

	if (seconds < 0)
		while (at > 0 && time_of(player, at) > time)
			at--;
	else
		while (at < last && time_of(player, at) < time)
			at++;
	return at;
}

static uint32_t jump(const struct player *player, int64_t samples)
{
	const int64_t last = (int64_t)count(player) - 1;
	int64_t at = (int64_t)player->at + samples;

	return (uint32_t)(at < 0 ? 0 : at > last ? last : at);
}

static unsigned int set_speed(struct player *player, int direction)
{
	const double speed = direction > 0 ? player->speed * 2 : player->speed / 2;

	if (speed >= SPEED_MIN && speed <= SPEED_MAX)
		player->speed = speed;
	tell(player, wait_of(player));
	return UI_REDRAW;
}

static unsigned int set_playing(struct player *player)
{
	const uint32_t n = count(player);

	player->playing = !player->playing;
	if (player->playing && player->at + 1 >= n && n > 1)
		return go_to(player, 0);
	tell(player, wait_of(player));
	return UI_REDRAW;
}

unsigned int player_start(struct player *player)
{
	char left_out[FAILURE_SENTENCE_LEN];

	player->speed = 1;
	player->playing = true;
	unsigned int result = go_to(player, 0);
	if (player->samples.left_out(player->samples.source, left_out) > 0)
		ui_message(player->ui, "%s", left_out);
	return result;
}

unsigned int player_show(struct player *player, double time)
{
	const uint32_t n = count(player);
	uint32_t at = 0;

	if (player->speed == 0)
		player->speed = 1;
	while (at + 1 < n && time_of(player, at) < time)
		at++;
	return go_to(player, at);
}

unsigned int player_tick(struct player *player)
{
	return player->playing ? advance(player) : UI_IGNORED;
}

unsigned int player_wish(struct player *player)
{
	const struct ui_wish *wish = ui_wish(player->ui);
	const uint32_t n = count(player);
	const int64_t tenth = n / TENTHS > 0 ? n / TENTHS : 1;

	if (n == 0)
		return UI_IGNORED;
	switch (wish->kind) {
	case UI_WISH_STEP:
		player->playing = false;
		if (wish->direction > 0)
			return player->at + 1 < n ? advance(player) : go_to(player, n - 1);
		return go_to(player, jump(player, -1));
	case UI_WISH_MINUTE:
		return go_to(player, find_time(player, wish->direction * MINUTE));
	case UI_WISH_TENTH:
		return go_to(player, jump(player, wish->direction * tenth));
	case UI_WISH_END:
		return go_to(player, wish->direction < 0 ? 0 : n - 1);
	case UI_WISH_SPEED:
		return set_speed(player, wish->direction);
	case UI_WISH_PLAY:
		return set_playing(player);
	case UI_WISH_SPAN: /* the caller's */
		break;
	}
	return UI_IGNORED;
}
