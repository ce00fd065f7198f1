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
#include "cli/fleet_host.h"
#include "kernel/rights.h"
#include "tui/fleet_screen.h"
#include "tui/screen.h"

enum { STEP_NS = 20000000 }; /* between two looks at answers that are on their way */

struct dashboard {
	struct prometheus *prometheus;
	const struct fleet_request *request;
	double seconds;
	struct fleet fleet;
	struct fleet_screen screen;
	struct fleet_host_view host; /* shown in place of the table while it is open */
	struct loop *loop;
	struct loop_source *timer, *play_timer;
	bool asking;
	bool changed;
};

static void wait_for(struct dashboard *dashboard, double seconds)
{
	loop_timer_at(dashboard->timer, clock_monotonic_ns() + (uint64_t)(seconds * 1e9));
}

static bool shows_host(const struct dashboard *dashboard)
{
	return dashboard->host.ui != NULL;
}

/* Says it on the screen, and looks again later. */
static void failed(struct dashboard *dashboard, const struct failure *failure)
{
	if (shows_host(dashboard))
		ui_failure(dashboard->host.ui, failure);
	else
		fleet_screen_failure(&dashboard->screen, failure);
	dashboard->asking = false;
	dashboard->changed = true;
	wait_for(dashboard, dashboard->seconds);
}

static int begin(struct dashboard *dashboard, struct failure *failure)
{
	return shows_host(dashboard)
		       ? fleet_host_begin(&dashboard->host, dashboard->prometheus,
				 dashboard->request, failure)
		       : fleet_begin(dashboard->prometheus, dashboard->request, failure);
}

static int go_on(struct dashboard *dashboard, struct failure *failure)
{
	return shows_host(dashboard)
		       ? past_step(dashboard->host.past, dashboard->prometheus, 0, failure)
		       : fleet_step(dashboard->prometheus, 0, &dashboard->fleet, failure);
}

static void answered(struct dashboard *dashboard)
{
	if (shows_host(dashboard))
		fleet_host_show(&dashboard->host);
	else
		fleet_screen_update(&dashboard->screen, &dashboard->fleet);
	dashboard->asking = false;
	dashboard->changed = true;
	wait_for(dashboard, dashboard->seconds);
}

static void on_timer(void *data, uint32_t expirations)
{
	struct dashboard *dashboard = data;
	struct failure failure = { 0 };
	int result = 0;

	(void)expirations;
	if (!dashboard->asking && shows_host(dashboard) && !fleet_host_wants(&dashboard->host)) {
		wait_for(dashboard, dashboard->seconds);
		return;
	}
	if (!dashboard->asking)
		result = begin(dashboard, &failure);
	dashboard->asking = true;
	if (result == 0)
		result = go_on(dashboard, &failure);
	if (result < 0)
		failed(dashboard, &failure);
	else if (result == 0)
		wait_for(dashboard, STEP_NS * 1e-9);
	else
		answered(dashboard);
}

static void on_play(void *data, uint32_t expirations)
{
	struct dashboard *dashboard = data;

	(void)expirations;
	if (shows_host(dashboard) && player_tick(&dashboard->host.player) != UI_IGNORED)
		dashboard->changed = true;
}

/* Asks for what is shown now, and no longer for what was. */
static void ask_anew(struct dashboard *dashboard)
{
	dashboard->asking = false;
	wait_for(dashboard, 0);
}

static void open_host(struct dashboard *dashboard)
{
	struct failure failure = { 0 };

	if (fleet_host_open(&dashboard->host, dashboard->screen.table.selected,
		    dashboard->play_timer, &failure) < 0)
		failed(dashboard, &failure);
	else
		ask_anew(dashboard);
}

static void close_host(struct dashboard *dashboard)
{
	loop_timer_at(dashboard->play_timer, UINT64_MAX);
	fleet_host_close(&dashboard->host);
	ask_anew(dashboard);
}

static void on_host_key(struct dashboard *dashboard, int key)
{
	const unsigned int result = fleet_host_key(&dashboard->host, key);

	if (result & UI_QUIT)
		loop_stop(dashboard->loop);
	if (result & UI_RELOAD)
		screen_clear();
	if (result & UI_BACK)
		close_host(dashboard);
	else if (dashboard->host.asked)
		ask_anew(dashboard);
}

static void on_key(struct dashboard *dashboard, int key)
{
	enum fleet_wish wish;

	if (shows_host(dashboard)) {
		on_host_key(dashboard, key);
		return;
	}
	wish = fleet_screen_key(&dashboard->screen, key);
	if (wish == FLEET_WISH_QUIT)
		loop_stop(dashboard->loop);
	else if (wish == FLEET_WISH_HOST)
		open_host(dashboard);
}

static void on_keys(void *data, uint32_t events)
{
	struct dashboard *dashboard = data;
	int key;

	if (events & (EPOLLHUP | EPOLLERR))
		loop_stop(dashboard->loop);
	while ((key = screen_key()) >= 0) {
		dashboard->changed = true;
		on_key(dashboard, key);
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
	if (shows_host(dashboard))
		ui_draw(dashboard->host.ui);
	else
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
		error = loop_add_timer(dashboard->loop, on_play, dashboard, &dashboard->play_timer);
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
	fleet_host_close(&dashboard.host);
	fleet_screen_close(&dashboard.screen);
	fleet_clear(&dashboard.fleet);
	return error;
}
