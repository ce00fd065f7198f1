// SPDX-License-Identifier: BSD-2-Clause
#include "serve/health.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "model/names.h"

static void add(struct health *health, size_t *length, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void add(struct health *health, size_t *length, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int n = vsnprintf(
		health->text + *length, sizeof(health->text) - *length, format, arguments);
	va_end(arguments);
	if (n > 0)
		*length += (size_t)n;
	if (*length >= sizeof(health->text))
		*length = sizeof(health->text) - 1;
}

static void add_unmet(
	const struct orchestrator *orchestrator, struct health *health, size_t *length)
{
	struct failure failure;

	for (uint32_t i = 0; orchestrator_unmet(orchestrator, i, &failure); i++) {
		health->failing = true;
		add(health, length, "failing: %s%s%s\n", failure.what,
			failure.remedy[0] != '\0' ? ". " : "", failure.remedy);
	}
}

void health_look(const struct orchestrator *orchestrator, const struct snapshot *now,
	const char *sentence, struct health *health)
{
	size_t length = 0;

	health->failing = false;
	health->text[0] = '\0';
	if (orchestrator != NULL)
		add_unmet(orchestrator, health, &length);
	if (sentence[0] != '\0')
		add(health, &length, "warning: %s\n", sentence);
	for (uint32_t i = 0; i < now->n_alerts; i++) {
		const struct snapshot_alert *alert = &now->alerts[i];
		if (isnan(alert->end) && alert->severity < SEVERITY_NOTE)
			add(health, &length, "%s: %s: %s%s%s\n", severity_names[alert->severity],
				alert->subject, alert->sentence,
				alert->remedy[0] != '\0' ? ". " : "", alert->remedy);
	}
	if (length == 0)
		add(health, &length, "ok\n");
}
