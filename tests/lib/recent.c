// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/recent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { HOUR_S = 3600 };

void assert_events_recent(const struct snapshot *now)
{
	for (uint32_t i = 0; i < now->net_events.n_events; i++) {
		const struct snapshot_event *event = &now->net_events.events[i];

		if (event->time < now->time - HOUR_S || event->time > now->time + 1)
			fail_msg("%.0f s before the sample: %s", now->time - event->time,
				event->text);
	}
}
