// SPDX-License-Identifier: BSD-2-Clause
#include "cli/fleet_host.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/clock.h"

#define SPAN_FIRST 3600.0 /* s */
#define SPAN_MIN   300.0
#define SPAN_MAX   (32 * 86400.0)

int fleet_host_open(struct fleet_host_view *host, const char *instance, struct loop_source *timer,
	struct failure *failure)
{
	const struct ui_replay nothing = { .span = SPAN_FIRST };

	*host = (struct fleet_host_view) { .span = SPAN_FIRST, .asked = true };
	snprintf(host->instance, sizeof(host->instance), "%s", instance);
	host->past = past_open();
	host->now = snapshot_open();
	host->ui = ui_open(1);
	if (host->past == NULL || host->now == NULL || host->ui == NULL) {
		fleet_host_close(host);
		return failure_set(failure, -ENOMEM, "Not enough memory for the history");
	}
	host->player = (struct player) {
		.samples = past_samples(host->past),
		.now = host->now,
		.ui = host->ui,
		.timer = timer,
		.speed = 1,
	};
	ui_replay(host->ui, &nothing);
	return 0;
}

void fleet_host_close(struct fleet_host_view *host)
{
	ui_close(host->ui);
	snapshot_close(host->now);
	past_close(host->past);
	*host = (struct fleet_host_view) { 0 };
}

static bool at_end(const struct fleet_host_view *host)
{
	const struct samples *samples = &host->player.samples;

	return host->player.at + 1 >= samples->count(samples->source);
}

int fleet_host_begin(struct fleet_host_view *host, struct prometheus *prometheus,
	const struct fleet_request *request, struct failure *failure)
{
	double end = clock_realtime_seconds();

	host->wanted = at_end(host) ? INFINITY : host->now->time;
	end = fmin(end, host->wanted + host->span / 2);
	host->asked = false;
	return past_begin(
		host->past, prometheus, request, host->instance, end, host->span, failure);
}

void fleet_host_show(struct fleet_host_view *host)
{
	host->player.span = host->span;
	host->player.interval = past_interval(host->past);
	player_show(&host->player, host->wanted);
}

bool fleet_host_wants(const struct fleet_host_view *host)
{
	return host->asked || at_end(host);
}

static void set_span(struct fleet_host_view *host, int direction)
{
	const double span = direction > 0 ? host->span / 2 : host->span * 2;

	host->span = fmin(fmax(span, SPAN_MIN), SPAN_MAX);
	host->asked = true;
}

unsigned int fleet_host_key(struct fleet_host_view *host, int key)
{
	unsigned int result = ui_key(host->ui, key);

	if (!(result & UI_REPLAY))
		return result;
	if (ui_wish(host->ui)->kind == UI_WISH_SPAN)
		set_span(host, ui_wish(host->ui)->direction);
	else
		result |= player_wish(&host->player);
	return result;
}
