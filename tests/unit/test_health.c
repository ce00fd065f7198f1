// SPDX-License-Identifier: BSD-2-Clause
/* What a service says of itself: its own sentence, and the alerts that last. */
#include "serve/health.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>

#include "model/names.h"

static struct snapshot now;
static struct health health;

static void add_alert(uint32_t severity, double end, const char *sentence, const char *remedy)
{
	struct snapshot_alert *alert = &now.alerts[now.n_alerts++];

	*alert = (struct snapshot_alert) { .severity = severity, .end = end };
	snprintf(alert->subject, sizeof(alert->subject), "eth0");
	snprintf(alert->sentence, sizeof(alert->sentence), "%s", sentence);
	snprintf(alert->remedy, sizeof(alert->remedy), "%s", remedy);
}

static void says(const char *sentence, const char *expected)
{
	health.failing = true;
	health_look(NULL, &now, sentence, &health);
	assert_string_equal(health.text, expected);
	assert_false(health.failing);
}

static void all_is_well(void **state)
{
	(void)state;
	snapshot_clear(&now);
	says("", "ok\n");
	says("The log is full", "warning: The log is full\n");
}

/* What is over, or is only a note, is no matter of health. */
static void alerts_that_last_are_said(void **state)
{
	char expected[256];

	(void)state;
	snapshot_clear(&now);
	add_alert(SEVERITY_NOTE, NAN, "It is dusk", "");
	add_alert(SEVERITY_BAD, 7, "It was down", "");
	says("", "ok\n");
	add_alert(SEVERITY_BAD, NAN, "It is down", "Plug it in");
	add_alert(SEVERITY_WARNING, NAN, "It drops", "");
	snprintf(expected, sizeof(expected),
		"%s: eth0: It is down. Plug it in\n%s: eth0: It drops\n",
		severity_names[SEVERITY_BAD], severity_names[SEVERITY_WARNING]);
	says("", expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_well),
		cmocka_unit_test(alerts_that_last_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
