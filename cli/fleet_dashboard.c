// SPDX-License-Identifier: BSD-2-Clause
/* Connects the event loop, Prometheus and the screen of the fleet. */
#include "cli/fleet_dashboard.h"

#include <curses.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "kernel/rights.h"
#include "tui/fleet_screen.h"
#include "tui/screen.h"

enum { STEP_NS = 20000000 }; /* between two looks at answers that are on their way */

struct dashboard {
	struct prometheus *prometheus;
	const struct fleet_request *request;
	double seconds;
	struct fleet fleet;
	struct fleet_history history; /* of one host */
	struct fleet_screen screen;
	struct loop *loop;
	struct loop_source *timer;
	bool asking;
	bool of_history; /* what is asked for, or was at last */
	bool changed;
};

static void wait_for(struct dashboard *dashboard, double seconds)
{
	loop_timer_at(dashboard->timer, clock_monotonic_ns() + (uint64_t)(seconds * 1e9));
}

/* Says it on the screen, and looks again later. */
static void failed(struct dashboard *dashboard, const struct failure *failure)
{
	fleet_screen_failure(&dashboard->screen, failure);
	dashboard->asking = false;
	dashboard->changed = true;
	wait_for(dashboard, dashboard->seconds);
}

static int begin(struct dashboard *dashboard, struct failure *failure)
{
	double span;
	const char *host = fleet_screen_wanted(&dashboard->screen, &span);

	dashboard->of_history = host != NULL && !dashboard->of_history;
	return dashboard->of_history
		       ? fleet_history_begin(dashboard->prometheus, dashboard->request, host, span,
				 &dashboard->history, failure)
		       : fleet_begin(dashboard->prometheus, dashboard->request, failure);
}

/* Shows what has come. Where a host is looked at, its history and the table are asked for in turn. */
static void answered(struct dashboard *dashboard)
{
	double span;

	if (dashboard->of_history)
		fleet_screen_history(&dashboard->screen, &dashboard->history);
	else
		fleet_screen_update(&dashboard->screen, &dashboard->fleet);
	dashboard->asking = false;
	dashboard->changed = true;
	wait_for(dashboard,
		!dashboard->of_history && fleet_screen_wanted(&dashboard->screen, &span) != NULL
			? 0
			: dashboard->seconds);
}

static void on_timer(void *data, uint32_t expirations)
{
	struct dashboard *dashboard = data;
	struct failure failure = { 0 };
	int result = 0;

	(void)expirations;
	if (!dashboard->asking)
		result = begin(dashboard, &failure);
	dashboard->asking = true;
	if (result == 0)
		result = dashboard->of_history ? fleet_history_step(dashboard->prometheus, 0,
							 &dashboard->history, &failure)
					       : fleet_step(dashboard->prometheus, 0,
							 &dashboard->fleet, &failure);
	if (result < 0)
		failed(dashboard, &failure);
	else if (result == 0)
		wait_for(dashboard, STEP_NS * 1e-9);
	else
		answered(dashboard);
}

/* A host or a time that was just chosen is asked for at once. */
static void follow_key(struct dashboard *dashboard)
{
	double span;
	const char *host = fleet_screen_wanted(&dashboard->screen, &span);

	if (host == NULL || (dashboard->screen.history != NULL &&
				    strcmp(dashboard->history.instance, host) == 0))
		return;
	dashboard->asking = dashboard->of_history = false;
	wait_for(dashboard, 0);
}

static void on_keys(void *data, uint32_t events)
{
	struct dashboard *dashboard = data;
	int key;

	if (events & (EPOLLHUP | EPOLLERR))
		loop_stop(dashboard->loop);
	while ((key = screen_key()) >= 0) {
		dashboard->changed = true;
		if (fleet_screen_key(&dashboard->screen, key))
			loop_stop(dashboard->loop);
		follow_key(dashboard);
	}
}

static void on_signal(void *data, uint32_t number)
{
	struct dashboard *dashboard = data;

	dashboard->changed = true;
	if (number == SIGWINCH)
		screen_resize();
	else if (number == SIGTSTP)
		screen_suspend();
	else
		loop_stop(dashboard->loop);
}

static void show(void *data)
{
	struct dashboard *dashboard = data;

	if (!dashboard->changed)
		return;
	dashboard->changed = false;
	fleet_screen_draw(&dashboard->screen);
	screen_show();
}

static int open_sources(struct dashboard *dashboard)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP };
	int error = loop_open(&dashboard->loop);

	if (error == 0)
		error = loop_add_signals(dashboard->loop, signals,
			sizeof(signals) / sizeof(signals[0]), on_signal, dashboard, NULL);
	if (error == 0)
		error = loop_add_timer(dashboard->loop, on_timer, dashboard, &dashboard->timer);
	if (error == 0)
		error = loop_add(dashboard->loop, STDIN_FILENO, EPOLLIN, on_keys, dashboard, NULL);
	if (error == 0)
		loop_after_events(dashboard->loop, show, dashboard);
	return error;
}

int fleet_dashboard_run(struct prometheus *prometheus, const struct fleet_request *request,
	double seconds, struct failure *failure)
{
	static struct dashboard dashboard;

	dashboard = (struct dashboard) {
		.prometheus = prometheus,
		.request = request,
		.seconds = seconds,
	};
	fleet_screen_open(&dashboard.screen);
	int error = screen_open(failure);
	if (error < 0)
		return error;
	error = open_sources(&dashboard);
	if (error < 0)
		failure_set(failure, error, "Cannot wait for events: %s", strerror(-error));
	else
		error = rights_drop(RIGHTS_NONE, failure);
	if (error == 0) {
		dashboard.changed = true;
		show(&dashboard);
		wait_for(&dashboard, 0);
		error = loop_run(dashboard.loop);
	}
	screen_close();
	loop_close(dashboard.loop);
	fleet_screen_close(&dashboard.screen);
	fleet_clear(&dashboard.fleet);
	return error;
}
