// SPDX-License-Identifier: BSD-2-Clause
/* The dashboard: connects the event loop, the session and the screen. */
#include "cli/dashboard.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "cli/player.h"
#include "programs/programs.h"
#include "tui/screen.h"
#include "tui/ui.h"

struct dashboard {
	struct session *session;
	struct ui *ui;
	struct loop *loop;
	struct loop_source *timer;
	struct player player; /* in a replay */
	unsigned int result; /* enum ui_result flags of the events of this round */
	struct action asked; /* the last that a service was asked for */
	bool acted; /* since a sample was shown */
	double shown; /* when; CLOCK_MONOTONIC, s */
	struct failure ended; /* why there is nothing to show any more; error 0: there is */
	bool quit;
};

static void quit(struct dashboard *dashboard)
{
	dashboard->quit = true;
	loop_stop(dashboard->loop);
}

static int set_timer(struct dashboard *dashboard, double interval)
{
	return loop_timer_every(dashboard->timer, (uint64_t)(interval * 1e9));
}

/* --- events, into enum ui_result flags ------------------------------------------------------ */

/* A recording is looked at later. */
static unsigned int looks_at(const struct dashboard *dashboard)
{
	return dashboard->session->recorder != NULL ? LOOK_ALL : ui_looks(dashboard->ui);
}

static unsigned int take_sample(struct dashboard *dashboard)
{
	struct failure failure = { 0 };
	struct look_sort sort;

	if (dashboard->session->replayer != NULL)
		return player_tick(&dashboard->player);
	session_look(dashboard->session, looks_at(dashboard));
	ui_sort(dashboard->ui, &sort);
	session_sort(dashboard->session, &sort);
	int error = session_sample(dashboard->session, &failure);
	unsigned int result = ui_snapshot(dashboard->ui, dashboard->session->now);
	if (error == 0)
		return result;
	ui_failure(dashboard->ui, &failure);
	return UI_REDRAW;
}

/* Shows the service's samples as often as the operator wants, and what follows an action at once. */
static unsigned int show_sample(struct dashboard *dashboard)
{
	const double now = clock_monotonic_seconds(), slack = 0.9;

	if (!dashboard->acted && now - dashboard->shown < slack * ui_interval(dashboard->ui))
		return UI_IGNORED;
	dashboard->shown = now;
	dashboard->acted = false;
	return ui_snapshot(dashboard->ui, dashboard->session->now);
}

/* Shows what a service did of an action. */
static unsigned int show_answer(
	struct dashboard *dashboard, int event, const char *text, const struct failure *failure)
{
	char words[TEXT_LEN];

	switch (event) {
	case VIEWER_SAMPLE:
		return show_sample(dashboard);
	case VIEWER_DONE:
		action_format(&dashboard->asked, words, sizeof(words));
		ui_message(dashboard->ui, "%s: done%s", words, text);
		break;
	case VIEWER_QUESTION:
		ui_ask(dashboard->ui, text, &dashboard->asked);
		break;
	default:
		ui_failure(dashboard->ui, failure);
	}
	return UI_REDRAW;
}

/* Takes what the service said. Without it, the dashboard has nothing to show. */
static void on_service(void *context, uint32_t events)
{
	struct dashboard *dashboard = context;
	struct failure failure = { 0 };
	const char *text = "";
	int event;

	(void)events;
	while ((event = session_view(dashboard->session, &text, &failure)) > VIEWER_NOTHING)
		dashboard->result |= show_answer(dashboard, event, text, &failure);
	if (event < 0) {
		dashboard->ended = failure;
		quit(dashboard);
	}
}

static void ask_service(struct dashboard *dashboard, const struct action *action, bool confirmed)
{
	struct failure failure = { 0 };

	dashboard->asked = *action;
	dashboard->acted = true;
	if (viewer_act(dashboard->session->viewer, action, confirmed, &failure) < 0)
		ui_failure(dashboard->ui, &failure);
}

static void apply_action(struct dashboard *dashboard, const struct action *action, bool confirmed)
{
	struct orchestrator *orchestrator = dashboard->session->orchestrator;
	struct failure failure = { 0 };
	struct action decided = *action;
	char question[REASON_LEN], text[RULE_LEN];

	decided.confirmed = confirmed;
	if (dashboard->session->viewer != NULL) {
		ask_service(dashboard, action, confirmed);
		return;
	}
	if (orchestrator != NULL && orchestrator_decide(orchestrator, &decided, question,
					    sizeof(question)) == DECISION_ASK) {
		ui_ask(dashboard->ui, question, action);
		return;
	}
	if (session_apply(dashboard->session, &decided, &failure) < 0) {
		ui_failure(dashboard->ui, &failure);
		return;
	}
	action_format(action, text, sizeof(text));
	ui_message(dashboard->ui, "%s: done%s", text, session_done(dashboard->session));
	/* Shows the effect at once: the next key acts on what the screen shows. */
	take_sample(dashboard);
}

static void tell_look(struct dashboard *dashboard)
{
	struct look_sort sort;

	ui_sort(dashboard->ui, &sort);
	viewer_look(dashboard->session->viewer, looks_at(dashboard), &sort);
}

/* From now on: the next sample has it, not the one after it. */
static unsigned int follow_look(struct dashboard *dashboard)
{
	const struct session *session = dashboard->session;

	if (session->viewer != NULL)
		tell_look(dashboard);
	else if (looks_at(dashboard) != LOOK_NOTHING && session->replayer == NULL)
		return take_sample(dashboard);
	return UI_IGNORED;
}

/* Returns whether somebody looks at something else than before. */
static bool looks_elsewhere(
	const struct dashboard *dashboard, unsigned int looked, const struct look_sort *at)
{
	struct look_sort sort;

	ui_sort(dashboard->ui, &sort);
	return looked != ui_looks(dashboard->ui) ||
	       (dashboard->session->viewer != NULL && memcmp(&sort, at, sizeof(sort)) != 0);
}

static unsigned int handle_key(struct dashboard *dashboard, int key)
{
	const unsigned int looked = ui_looks(dashboard->ui);
	struct look_sort at;

	ui_sort(dashboard->ui, &at);
	unsigned int result = ui_key(dashboard->ui, key);
	if (looks_elsewhere(dashboard, looked, &at))
		result |= follow_look(dashboard);
	if (result & UI_ACTION) {
		apply_action(dashboard, ui_action(dashboard->ui), result & UI_CONFIRMED);
		result |= UI_REDRAW;
	}
	if (result & UI_INTERVAL && dashboard->session->viewer == NULL)
		set_timer(dashboard, ui_interval(dashboard->ui));
	if (result & UI_REPLAY)
		result |= player_wish(&dashboard->player);
	if (result & UI_QUIT)
		quit(dashboard);
	return result;
}

static void on_keys(void *context, uint32_t events)
{
	struct dashboard *dashboard = context;
	int key;

	/* The terminal is gone. */
	if (events & (EPOLLHUP | EPOLLERR))
		quit(dashboard);
	while (!dashboard->quit && (key = screen_key()) >= 0)
		dashboard->result |= handle_key(dashboard, key);
}

/* Takes one sample, however many expirations were missed. */
static void on_timer(void *context, uint32_t expirations)
{
	struct dashboard *dashboard = context;

	(void)expirations;
	dashboard->result |= take_sample(dashboard);
}

static bool terminal_is_gone(void)
{
	struct pollfd terminal = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&terminal, 1, 0) > 0 && terminal.revents & (POLLHUP | POLLERR | POLLNVAL);
}

/* SIGHUP with a terminal reloads the trust store; without one it ends x0top. */
static void on_hangup(struct dashboard *dashboard)
{
	const struct action reload = {
		.verb = &pqc_verify_verbs[PQC_VERIFY_KEYS_RELOAD],
		.actor = ACTOR_COMMAND_LINE,
	};

	if (terminal_is_gone()) {
		quit(dashboard);
		return;
	}
	apply_action(dashboard, &reload, true);
	dashboard->result |= UI_REDRAW;
}

static void on_signal(void *context, uint32_t number)
{
	struct dashboard *dashboard = context;

	switch (number) {
	case SIGWINCH:
		screen_resize();
		dashboard->result |= ui_key(dashboard->ui, KEY_RESIZE);
		break;
	case SIGTSTP:
		screen_suspend();
		dashboard->result |= UI_REDRAW;
		break;
	case SIGHUP:
		on_hangup(dashboard);
		break;
	default:
		quit(dashboard);
	}
}

/* Handles kernel events; the next sample shows them. */
static void on_kernel(void *context, uint32_t events)
{
	struct dashboard *dashboard = context;

	(void)events;
	orchestrator_handle_events(dashboard->session->orchestrator);
}

/* --- the loop -------------------------------------------------------------------------------- */

/* Draws once after all events of a round. */
static void show(void *context)
{
	struct dashboard *dashboard = context;
	unsigned int result = dashboard->result;

	dashboard->result = UI_IGNORED;
	if (dashboard->quit)
		return;
	if (result & UI_RELOAD)
		screen_clear();
	if (!(result & (UI_REDRAW | UI_RELOAD)))
		return;
	ui_draw(dashboard->ui);
	screen_show();
}

static int open_sources(struct dashboard *dashboard, double interval)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP };
	const struct orchestrator *orchestrator = dashboard->session->orchestrator;
	struct loop *loop;
	int error = loop_open(&dashboard->loop);

	if (error < 0)
		return error;
	loop = dashboard->loop;
	error = loop_add_signals(
		loop, signals, sizeof(signals) / sizeof(signals[0]), on_signal, dashboard, NULL);
	if (error == 0)
		error = loop_add_timer(loop, on_timer, dashboard, &dashboard->timer);
	if (error == 0 && orchestrator != NULL)
		error = set_timer(dashboard, interval);
	if (error == 0 && orchestrator != NULL)
		error = loop_add(loop, orchestrator_event_fd(orchestrator), EPOLLIN, on_kernel,
			dashboard, NULL);
	if (error == 0 && dashboard->session->viewer != NULL)
		error = loop_add(loop, viewer_fd(dashboard->session->viewer), EPOLLIN, on_service,
			dashboard, NULL);
	loop_after_events(loop, show, dashboard);
	return error;
}

/* Shows the first sample. */
static unsigned int begin(struct dashboard *dashboard)
{
	const char *notice = session_notice(dashboard->session);
	unsigned int result;

	if (dashboard->session->viewer != NULL) {
		tell_look(dashboard);
		ui_snapshot(dashboard->ui, dashboard->session->now);
		ui_message(dashboard->ui, "These are the samples of the service of this host");
		return UI_REDRAW;
	}
	if (dashboard->session->replayer == NULL) {
		result = take_sample(dashboard);
		if (notice[0] != '\0')
			ui_message(dashboard->ui, "%s", notice);
		return result;
	}
	dashboard->player = (struct player) {
		.samples = replayer_samples(dashboard->session->replayer),
		.now = dashboard->session->now,
		.pace = dashboard->session->pace,
		.ui = dashboard->ui,
		.timer = dashboard->timer,
	};
	return player_start(&dashboard->player);
}

static int run(struct dashboard *dashboard, double interval, struct failure *failure)
{
	int error = loop_add(dashboard->loop, STDIN_FILENO, EPOLLIN, on_keys, dashboard, NULL);

	if (error < 0)
		return failure_set(
			failure, error, "Cannot read the keyboard: %s", strerror(-error));
	dashboard->ui = ui_open(interval);
	if (dashboard->ui == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory for the dashboard");
	dashboard->result = begin(dashboard) | UI_REDRAW;
	show(dashboard);
	error = loop_run(dashboard->loop);
	if (error < 0)
		failure_set(failure, error, "Cannot wait for events: %s", strerror(-error));
	ui_close(dashboard->ui);
	if (error == 0 && dashboard->ended.error < 0) {
		*failure = dashboard->ended;
		error = failure->error;
	}
	return error;
}

int dashboard_run(struct session *session, double interval, struct failure *failure)
{
	struct dashboard dashboard = { .session = session };
	int error = open_sources(&dashboard, interval);

	if (error < 0) {
		failure_set(failure, error, "Cannot wait for events: %s", strerror(-error));
		goto close_loop;
	}
	error = screen_open(failure);
	if (error < 0)
		goto close_loop;
	/* The screen has read its terminal's description, which may be root's own. */
	error = session_confine(session, failure);
	if (error == 0)
		error = run(&dashboard, interval, failure);
	screen_close();
close_loop:
	loop_close(dashboard.loop);
	return error;
}
