// SPDX-License-Identifier: BSD-2-Clause
#include "alerts_page.h"

#include <stdio.h>

#include "model/alert_log.h"
#include "model/format.h"
#include "model/names.h"

enum style alerts_style(uint32_t severity)
{
	static const enum style styles[SEVERITIES] = { STYLE_BAD, STYLE_WARN, STYLE_TEXT };

	return severity < SEVERITIES ? styles[severity] : STYLE_TEXT;
}

static void add_time(struct details *page, const struct snapshot_alert *alert)
{
	char begin[FORMAT_LEN], end[FORMAT_LEN], times[32] = "";

	format_clock(begin, alert->begin);
	if (alert->count > 1)
		snprintf(times, sizeof(times), ", %u times", alert->count);
	if (alert_lasts(alert))
		details_add(page, STYLE_DIM, "", "since %s%s", begin, times);
	else
		details_add(page, STYLE_DIM, "", "%s to %s%s", begin, format_clock(end, alert->end),
			times);
}

static void add_alert(struct details *page, const struct snapshot_alert *alert)
{
	bool lasts = alert_lasts(alert);

	details_add(page, lasts ? alerts_style(alert->severity) : STYLE_DIM,
		lasts && alert->severity < SEVERITIES ? severity_names[alert->severity] : "past",
		"%s", alert->sentence);
	if (lasts && alert->remedy[0] != '\0')
		details_add(page, STYLE_STRONG, "", "%s", alert->remedy);
	add_time(page, alert);
}

void alerts_page(const struct snapshot *snapshot, struct details *page)
{
	snprintf(page->title, sizeof(page->title), "Alerts");
	if (alerts_that_last(snapshot) == 0)
		details_add(page, STYLE_GOOD, "", "No problems");
	for (uint32_t i = 0; i < snapshot->n_alerts; i++)
		add_alert(page, &snapshot->alerts[i]);
}
