// SPDX-License-Identifier: BSD-2-Clause
/* Which sample of the past is shown, and when the next one is due. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/loop.h"
#include "tui/ui.h"

/* The player's own file, with a screen and a timer that remember what they are told. */
#define ui_replay(ui, replay)	      told_replay(ui, replay)
#define ui_snapshot(ui, snapshot)     told_snapshot(ui, snapshot)
#define ui_rewind(ui)		      told_rewind(ui)
#define ui_wish(ui)		      told_wish(ui)
#define ui_message(ui, ...)	      told_message(ui, __VA_ARGS__)
#define ui_failure(ui, failure)	      told_failure(ui, failure)
#define loop_timer_at(timer, when_ns) told_timer(timer, when_ns)
static void told_replay(struct ui *ui, const struct ui_replay *replay);
static void told_snapshot(struct ui *ui, const struct snapshot *snapshot);
static void told_rewind(struct ui *ui);
static const struct ui_wish *told_wish(const struct ui *ui);
static void told_message(struct ui *ui, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void told_failure(struct ui *ui, const struct failure *failure);
static void told_timer(struct loop_source *timer, uint64_t monotonic_ns);
#include "cli/player.c"

enum { SAMPLES_MAX = 300 };

static struct ui_replay replay;
static struct ui_wish wish;
static char message[FAILURE_SENTENCE_LEN];
static uint32_t shown[SAMPLES_MAX * 2], n_shown, n_rewinds, n_failures;
static uint64_t due;

static void told_replay(struct ui *ui, const struct ui_replay *given)
{
	(void)ui;
	replay = *given;
}

/* A sample has its number as its number of programs. */
static void told_snapshot(struct ui *ui, const struct snapshot *snapshot)
{
	(void)ui;
	assert_true(n_shown < sizeof(shown) / sizeof(shown[0]));
	shown[n_shown++] = snapshot->n_programs;
}

static void told_rewind(struct ui *ui)
{
	(void)ui;
	n_rewinds++;
}

static const struct ui_wish *told_wish(const struct ui *ui)
{
	(void)ui;
	return &wish;
}

static void told_message(struct ui *ui, const char *format, ...)
{
	va_list arguments;

	(void)ui;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
}

static void told_failure(struct ui *ui, const struct failure *failure)
{
	(void)ui;
	n_failures++;
	snprintf(message, sizeof(message), "%s", failure->what);
}

static void told_timer(struct loop_source *timer, uint64_t monotonic_ns)
{
	(void)timer;
	due = monotonic_ns;
}

/* --- a recording ---------------------------------------------------------------------------------- */

static struct {
	uint32_t n, damaged; /* from this one on nothing can be read; n: none is damaged */
	uint32_t left_out;
	double times[SAMPLES_MAX], interval;
	uint32_t broken; /* reading this one fails */
} recording;

static uint32_t count_of(const void *source)
{
	(void)source;
	return recording.n;
}

static double time_at(const void *source, uint32_t at)
{
	(void)source;
	return at < recording.n ? recording.times[at] : 0;
}

static int read_one(void *source, uint32_t *at, struct snapshot *snapshot, struct failure *failure)
{
	(void)source;
	if (*at == recording.broken)
		return failure_set(failure, -EIO, "It cannot be read");
	if (*at >= recording.n)
		*at = recording.n - 1;
	if (*at >= recording.damaged) {
		recording.n = recording.damaged;
		recording.left_out = 1;
		*at = recording.damaged - 1;
	}
	snapshot->n_programs = *at;
	snapshot->time = recording.times[*at];
	snapshot->interval = recording.interval;
	return 0;
}

static uint32_t left_out_of(const void *source, char sentence[FAILURE_SENTENCE_LEN])
{
	(void)source;
	snprintf(sentence, FAILURE_SENTENCE_LEN, "%s",
		recording.left_out > 0 ? "one sample is left out" : "");
	return recording.left_out;
}

static struct player player;

static int open_player(void **state)
{
	(void)state;
	memset(&recording, 0, sizeof(recording));
	recording.n = recording.damaged = 20;
	recording.broken = UINT32_MAX;
	recording.interval = 10;
	for (uint32_t i = 0; i < SAMPLES_MAX; i++)
		recording.times[i] = 1000 + 10 * i;
	player = (struct player) {
		.samples = { NULL, count_of, time_at, read_one, left_out_of },
		.now = snapshot_open(),
	};
	n_shown = n_rewinds = n_failures = 0;
	message[0] = '\0';
	due = 0;
	return player.now == NULL ? -1 : 0;
}

static int close_player(void **state)
{
	(void)state;
	snapshot_close(player.now);
	return 0;
}

static unsigned int want(uint32_t kind, int direction)
{
	wish.kind = kind;
	wish.direction = direction;
	return player_wish(&player);
}

/* Fails unless the last call, which began at `began`, set the timer `seconds` ahead. */
static void assert_due(uint64_t began, double seconds)
{
	const uint64_t wait = (uint64_t)(seconds * 1e9);

	assert_in_range(due, began + wait, clock_monotonic_ns() + wait);
}

/* --- playing -------------------------------------------------------------------------------------- */

static void begins_with_the_first_and_plays(void **state)
{
	uint64_t began = clock_monotonic_ns();

	(void)state;
	assert_int_equal(player_start(&player), UI_REDRAW);
	assert_int_equal(n_rewinds, 1);
	assert_int_equal(n_shown, 1);
	assert_int_equal(shown[0], 0);
	assert_int_equal(replay.at, 0);
	assert_int_equal(replay.count, 20);
	assert_true(replay.playing);
	assert_true(replay.speed == 1);
	assert_due(began, 10);
	assert_string_equal(message, "");

	began = clock_monotonic_ns();
	assert_int_equal(player_tick(&player), UI_REDRAW);
	assert_int_equal(player.at, 1);
	assert_int_equal(n_rewinds, 1);
	assert_due(began, 10);
}

static void ends_at_the_last(void **state)
{
	(void)state;
	player_start(&player);
	for (int i = 0; i < 19; i++) {
		assert_true(player.playing);
		assert_string_equal(message, "");
		player_tick(&player);
	}
	assert_int_equal(player.at, 19);
	assert_false(player.playing);
	assert_false(replay.playing);
	assert_true(due == UINT64_MAX);
	assert_string_equal(message, "End of the recording");
	assert_int_equal(player_tick(&player), UI_IGNORED);
	assert_int_equal(player.at, 19);
}

static void says_what_is_left_out(void **state)
{
	(void)state;
	recording.left_out = 1;
	player_start(&player);
	assert_string_equal(message, "one sample is left out");
	want(UI_WISH_END, 1);
	assert_string_equal(message, "End of the recording; one sample is left out");
}

static void history_has_no_end_to_tell_of(void **state)
{
	(void)state;
	player.span = 3600;
	player.interval = 30;
	player_start(&player);
	want(UI_WISH_END, 1);
	assert_string_equal(message, "");
	assert_true(replay.span == 3600);
	assert_true(replay.interval == 30);
}

static void waits_as_the_samples_did(void **state)
{
	uint64_t began;

	(void)state;
	recording.times[1] = 1025; /* 25 s, less than three intervals */
	recording.times[2] = 1056; /* 31 s: a gap */
	recording.times[3] = 1056; /* no time between them */
	began = clock_monotonic_ns();
	player_start(&player);
	assert_due(began, 25);
	began = clock_monotonic_ns();
	player_tick(&player);
	assert_due(began, 10);
	began = clock_monotonic_ns();
	player_tick(&player);
	assert_due(began, 10);
	/* Exactly three intervals are none. */
	recording.times[4] = 1086;
	began = clock_monotonic_ns();
	player_tick(&player);
	assert_due(began, 30);
}

static void waits_a_minute_for_an_unknown_interval(void **state)
{
	uint64_t began = clock_monotonic_ns();

	(void)state;
	recording.interval = NAN;
	recording.times[1] = 1061;
	recording.times[2] = 1121;
	recording.times[3] = 1122;
	player_start(&player);
	assert_due(began, 60);
	began = clock_monotonic_ns();
	player_tick(&player);
	assert_due(began, 60);
	began = clock_monotonic_ns();
	player_tick(&player);
	assert_due(began, 1);
}

static void pace_replaces_the_times(void **state)
{
	uint64_t began = clock_monotonic_ns();

	(void)state;
	player.pace = 3;
	player_start(&player);
	assert_due(began, 3);
	began = clock_monotonic_ns();
	want(UI_WISH_SPEED, 1);
	assert_due(began, 1.5);
}

static void several_are_due_at_once(void **state)
{
	uint64_t began;

	(void)state;
	player.pace = 0.0078125; /* 1/128 s */
	player_start(&player);
	n_shown = 0;
	began = clock_monotonic_ns();
	player_tick(&player);
	/* The third is the first after which more than 0.02 s have passed. */
	assert_int_equal(n_shown, 3);
	assert_int_equal(player.at, 3);
	assert_due(began, 3 * 0.0078125);
}

static void fails_and_pauses(void **state)
{
	(void)state;
	player_start(&player);
	recording.broken = 1;
	assert_int_equal(player_tick(&player), UI_REDRAW);
	assert_int_equal(n_failures, 1);
	assert_string_equal(message, "It cannot be read");
	assert_int_equal(player.at, 0);
	assert_false(replay.playing);
	assert_true(due == UINT64_MAX);
	assert_int_equal(want(UI_WISH_END, 1), UI_REDRAW);
	assert_int_equal(n_failures, 2);
}

static void damage_ends_it_earlier(void **state)
{
	(void)state;
	recording.damaged = 5;
	player_start(&player);
	want(UI_WISH_END, 1);
	assert_int_equal(player.at, 4);
	assert_int_equal(replay.count, 5);
	assert_string_equal(message, "End of the recording; one sample is left out");
	/* The one before is shown in place of the first damaged one, and no other. */
	assert_int_equal(n_shown, 1 + 6);
}

/* --- going elsewhere ------------------------------------------------------------------------------- */

static void a_step_pauses(void **state)
{
	(void)state;
	player_start(&player);
	want(UI_WISH_STEP, 1);
	assert_int_equal(player.at, 1);
	assert_false(replay.playing);
	assert_true(due == UINT64_MAX);
	assert_int_equal(n_rewinds, 1);
	want(UI_WISH_STEP, 1);
	want(UI_WISH_STEP, -1);
	assert_int_equal(player.at, 1);
	assert_int_equal(n_rewinds, 2);
	want(UI_WISH_STEP, -1);
	want(UI_WISH_STEP, -1);
	assert_int_equal(player.at, 0);
}

static void a_step_at_the_end_stays(void **state)
{
	(void)state;
	player_start(&player);
	want(UI_WISH_END, 1);
	message[0] = '\0';
	want(UI_WISH_STEP, 1);
	assert_int_equal(player.at, 19);
	assert_string_equal(message, "End of the recording");
}

static void a_minute_is_six_samples(void **state)
{
	(void)state;
	player_start(&player);
	want(UI_WISH_MINUTE, 1);
	assert_int_equal(player.at, 6);
	assert_true(replay.playing);
	want(UI_WISH_MINUTE, 1);
	want(UI_WISH_MINUTE, 1);
	assert_int_equal(player.at, 18);
	want(UI_WISH_MINUTE, 1);
	assert_int_equal(player.at, 19);
	want(UI_WISH_MINUTE, -1);
	assert_int_equal(player.at, 13);
	want(UI_WISH_MINUTE, -1);
	want(UI_WISH_MINUTE, -1);
	want(UI_WISH_MINUTE, -1);
	assert_int_equal(player.at, 0);
}

static void a_tenth_is_at_least_one(void **state)
{
	(void)state;
	player_start(&player);
	want(UI_WISH_TENTH, 1);
	assert_int_equal(player.at, 2);
	want(UI_WISH_TENTH, -1);
	assert_int_equal(player.at, 0);
	recording.n = recording.damaged = 9;
	want(UI_WISH_TENTH, 1);
	assert_int_equal(player.at, 1);
	recording.n = recording.damaged = 200;
	want(UI_WISH_END, -1);
	want(UI_WISH_TENTH, 1);
	assert_int_equal(player.at, 20);
}

static void the_graphs_get_what_came_before(void **state)
{
	(void)state;
	recording.n = recording.damaged = SAMPLES_MAX;
	player_start(&player);
	n_shown = 0;
	want(UI_WISH_END, 1);
	assert_int_equal(n_shown, 161);
	assert_int_equal(shown[0], 299 - 160);
	assert_int_equal(shown[160], 299);
	n_shown = 0;
	want(UI_WISH_STEP, -1);
	assert_int_equal(n_shown, 161);
	assert_int_equal(shown[160], 298);
}

static void speed_doubles_and_halves_within_limits(void **state)
{
	uint64_t began;

	(void)state;
	player_start(&player);
	want(UI_WISH_SPEED, -1);
	assert_true(replay.speed == 0.5);
	want(UI_WISH_SPEED, -1);
	want(UI_WISH_SPEED, -1);
	assert_true(replay.speed == 0.25);
	began = clock_monotonic_ns();
	want(UI_WISH_SPEED, -1);
	assert_true(replay.speed == 0.25);
	assert_due(began, 40);
	for (int i = 0; i < 9; i++)
		want(UI_WISH_SPEED, 1);
	assert_true(replay.speed == 64);
	began = clock_monotonic_ns();
	want(UI_WISH_SPEED, 1);
	assert_true(replay.speed == 64);
	assert_due(began, 10.0 / 64);
}

static void pauses_goes_on_and_begins_again(void **state)
{
	(void)state;
	player_start(&player);
	want(UI_WISH_PLAY, 0);
	assert_false(replay.playing);
	assert_true(due == UINT64_MAX);
	assert_int_equal(player_tick(&player), UI_IGNORED);
	want(UI_WISH_PLAY, 0);
	assert_true(replay.playing);
	assert_int_equal(player.at, 0);
	want(UI_WISH_STEP, 1);
	want(UI_WISH_PLAY, 0);
	assert_int_equal(player.at, 1);
	want(UI_WISH_END, 1);
	want(UI_WISH_PLAY, 0);
	assert_int_equal(player.at, 0);
	assert_true(replay.playing);
}

static void one_sample_is_not_begun_again(void **state)
{
	(void)state;
	recording.n = recording.damaged = 1;
	player_start(&player);
	n_rewinds = 0;
	want(UI_WISH_PLAY, 0);
	assert_int_equal(n_rewinds, 0);
}

static void nothing_is_shown_of_nothing(void **state)
{
	(void)state;
	recording.n = 0;
	assert_int_equal(want(UI_WISH_STEP, 1), UI_IGNORED);
	assert_int_equal(n_shown, 0);
	recording.n = 20;
	assert_int_equal(want(UI_WISH_SPAN, 1), UI_IGNORED);
	assert_int_equal(n_shown, 0);
}

static void the_sample_of_a_time_is_shown(void **state)
{
	(void)state;
	player_show(&player, 1050);
	assert_int_equal(player.at, 5);
	assert_true(replay.speed == 1);
	assert_false(replay.playing);
	player_show(&player, 1050.5);
	assert_int_equal(player.at, 6);
	player_show(&player, INFINITY);
	assert_int_equal(player.at, 19);
	player.speed = 4;
	player_show(&player, 0);
	assert_int_equal(player.at, 0);
	assert_true(replay.speed == 4);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_player, close_player)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(begins_with_the_first_and_plays),
		TEST(ends_at_the_last),
		TEST(says_what_is_left_out),
		TEST(history_has_no_end_to_tell_of),
		TEST(waits_as_the_samples_did),
		TEST(waits_a_minute_for_an_unknown_interval),
		TEST(pace_replaces_the_times),
		TEST(several_are_due_at_once),
		TEST(fails_and_pauses),
		TEST(damage_ends_it_earlier),
		TEST(a_step_pauses),
		TEST(a_step_at_the_end_stays),
		TEST(a_minute_is_six_samples),
		TEST(a_tenth_is_at_least_one),
		TEST(the_graphs_get_what_came_before),
		TEST(speed_doubles_and_halves_within_limits),
		TEST(pauses_goes_on_and_begins_again),
		TEST(one_sample_is_not_begun_again),
		TEST(nothing_is_shown_of_nothing),
		TEST(the_sample_of_a_time_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
