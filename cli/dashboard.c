// SPDX-License-Identifier: BSD-2-Clause
/* The event loop of the dashboard: one thread, one blocking poll. */
#include "cli/dashboard.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "programs/programs.h"
#include "tui/screen.h"
#include "tui/ui.h"

enum source {
	SOURCE_KEYS,
	SOURCE_TIMER,
	SOURCE_SIGNALS,
	SOURCE_KERNEL,
	SOURCES,
};

struct dashboard {
	struct session *session;
	struct ui *ui;
	struct pollfd sources[SOURCES];
	bool quit;
};

static const int handled_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP };

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(handled_signals) / sizeof(handled_signals[0]); i++)
		sigaddset(&set, handled_signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

static int set_timer(int timer, double interval)
{
	struct timespec time = { .tv_sec = (time_t)interval };
	time.tv_nsec = (long)((interval - (double)time.tv_sec) * 1e9);
	struct itimerspec spec = { .it_interval = time, .it_value = time };

	return timerfd_settime(timer, 0, &spec, NULL) < 0 ? -errno : 0;
}

/* --- what happened, into flags of enum ui_result -------------------------------------------- */

static unsigned int take_sample(struct dashboard *dashboard)
{
	struct failure failure = { 0 };

	if (dashboard->session->ended)
		return UI_IGNORED;
	if (session_sample(dashboard->session, &failure) < 0) {
		ui_failure(dashboard->ui, &failure);
		return UI_REDRAW;
	}
	if (dashboard->session->ended) {
		ui_message(dashboard->ui, "end of the recording");
		return UI_REDRAW;
	}
	return ui_snapshot(dashboard->ui, dashboard->session->now);
}

static void apply_action(struct dashboard *dashboard, const struct action *action, bool confirmed)
{
	struct orchestrator *orchestrator = dashboard->session->orchestrator;
	struct failure failure = { 0 };
	struct action decided = *action;
	char question[REASON_LEN], text[TEXT_LEN];

	decided.confirmed = confirmed;
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
	ui_message(dashboard->ui, "%s: done", text);
	/* The operator sees the effect at once, and the next key means what the screen shows. */
	take_sample(dashboard);
}

static unsigned int handle_key(struct dashboard *dashboard, int key)
{
	unsigned int result = ui_key(dashboard->ui, key);

	if (result & UI_ACTION) {
		apply_action(dashboard, ui_action(dashboard->ui), result & UI_CONFIRMED);
		result |= UI_REDRAW;
	}
	if (result & UI_INTERVAL)
		set_timer(dashboard->sources[SOURCE_TIMER].fd, ui_interval(dashboard->ui));
	if (result & UI_QUIT)
		dashboard->quit = true;
	return result;
}

static unsigned int on_keys(struct dashboard *dashboard)
{
	unsigned int result = UI_IGNORED;
	int key;

	/* The terminal went away. Its SIGHUP comes with this or before it: see on_signals(). */
	if (dashboard->sources[SOURCE_KEYS].revents & (POLLHUP | POLLERR | POLLNVAL))
		dashboard->quit = true;
	while (!dashboard->quit && (key = screen_key()) >= 0)
		result |= handle_key(dashboard, key);
	return result;
}

static unsigned int on_timer(struct dashboard *dashboard)
{
	uint64_t expirations;

	/* However many were missed, one sample is due. */
	if (read(dashboard->sources[SOURCE_TIMER].fd, &expirations, sizeof(expirations)) < 0)
		return UI_IGNORED;
	return take_sample(dashboard);
}

/*
 * A SIGHUP while the terminal is there is the operator's: the trust store has changed. When the
 * terminal is gone, the keyboard says so, too, and that ends the dashboard.
 */
static unsigned int on_hangup(struct dashboard *dashboard)
{
	const struct action reload = {
		.verb = &pqc_verify_verbs[PQC_VERIFY_KEYS_RELOAD],
		.actor = ACTOR_COMMAND_LINE,
	};

	apply_action(dashboard, &reload, true);
	return UI_REDRAW;
}

static unsigned int on_signals(struct dashboard *dashboard)
{
	struct signalfd_siginfo info;
	unsigned int result = UI_IGNORED;

	while (read(dashboard->sources[SOURCE_SIGNALS].fd, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGWINCH:
			screen_resize();
			result |= ui_key(dashboard->ui, KEY_RESIZE);
			break;
		case SIGTSTP:
			screen_suspend();
			result |= UI_REDRAW;
			break;
		case SIGHUP:
			result |= on_hangup(dashboard);
			break;
		default:
			dashboard->quit = true;
		}
	}
	return result;
}

static unsigned int on_kernel(struct dashboard *dashboard)
{
	orchestrator_handle_events(dashboard->session->orchestrator);
	return UI_IGNORED; /* the next sample shows it */
}

static unsigned int (*const handlers[SOURCES])(struct dashboard *dashboard) = {
	[SOURCE_KEYS] = on_keys,
	[SOURCE_TIMER] = on_timer,
	[SOURCE_SIGNALS] = on_signals,
	[SOURCE_KERNEL] = on_kernel,
};

/* --- the loop -------------------------------------------------------------------------------- */

static void show(struct dashboard *dashboard, unsigned int result)
{
	if (result & UI_RELOAD)
		screen_clear();
	if (!(result & (UI_REDRAW | UI_RELOAD)))
		return;
	ui_draw(dashboard->ui);
	screen_show();
}

static void loop(struct dashboard *dashboard)
{
	show(dashboard, take_sample(dashboard) | UI_REDRAW);
	while (!dashboard->quit) {
		unsigned int result = UI_IGNORED;
		if (poll(dashboard->sources, SOURCES, -1) < 0 && errno != EINTR)
			return;
		for (int i = 0; i < SOURCES && !dashboard->quit; i++)
			if (dashboard->sources[i].revents != 0)
				result |= handlers[i](dashboard);
		if (!dashboard->quit)
			show(dashboard, result);
	}
}

static int open_sources(struct dashboard *dashboard, double interval)
{
	const struct orchestrator *orchestrator = dashboard->session->orchestrator;
	int fds[SOURCES] = {
		[SOURCE_KEYS] = STDIN_FILENO,
		[SOURCE_TIMER] = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
		[SOURCE_SIGNALS] = open_signals(),
		[SOURCE_KERNEL] = orchestrator == NULL ? -1 : orchestrator_event_fd(orchestrator),
	};

	for (int i = 0; i < SOURCES; i++)
		dashboard->sources[i] = (struct pollfd) { .fd = fds[i], .events = POLLIN };
	if (fds[SOURCE_TIMER] < 0 || fds[SOURCE_SIGNALS] < 0)
		return -EMFILE;
	return set_timer(fds[SOURCE_TIMER], interval);
}

static void close_sources(struct dashboard *dashboard)
{
	if (dashboard->sources[SOURCE_TIMER].fd >= 0)
		close(dashboard->sources[SOURCE_TIMER].fd);
	if (dashboard->sources[SOURCE_SIGNALS].fd >= 0)
		close(dashboard->sources[SOURCE_SIGNALS].fd);
}

int dashboard_run(struct session *session, double interval, struct failure *failure)
{
	struct dashboard dashboard = { .session = session };
	int error = open_sources(&dashboard, interval);

	if (error < 0) {
		failure_set(failure, error, "No file descriptors are left");
		goto close_sources;
	}
	error = screen_open(failure);
	if (error < 0)
		goto close_sources;
	dashboard.ui = ui_open(interval);
	if (dashboard.ui == NULL)
		error = -ENOMEM;
	else
		loop(&dashboard);
	ui_close(dashboard.ui);
	screen_close();
	if (error < 0)
		failure_set(failure, error, "There is not enough memory for the dashboard");
close_sources:
	close_sources(&dashboard);
	return error;
}
