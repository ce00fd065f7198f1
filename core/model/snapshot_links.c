// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot_links.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "model/field_rows.h"
#include "model/format.h"
#include "model/names.h"
#include "model/rate.h"

const struct field link_fields[] = {
	TEXT(snapshot_link, name, "Name of the interface", .label = "interface"),
	NUMBER(snapshot_link, ifindex, FIELD_UINT32,
		"Index of the interface; null: it never had one", .nullable = true),
	ENUM(snapshot_link, state, link_state_names, "Whether it can carry packets, or why not"),
	NUMBER(snapshot_link, changed, FIELD_DOUBLE,
		"When the state changed; null: not since x0top watches it", .nullable = true,
		.unit = "s since 1970"),
	NUMBER(snapshot_link, speed, FIELD_DOUBLE,
		"Speed that its driver reports; null: it reports none", .nullable = true,
		.unit = "bit/s"),
	NUMBER(snapshot_link, mtu, FIELD_UINT64, "Largest packet that it sends; null: it is absent",
		.nullable = true, .unit = "bytes"),
	NUMBER(snapshot_link, carrier_losses, FIELD_UINT64,
		"How often its carrier went, since it exists; null: it is absent", .nullable = true,
		.unit = "times", .rises = true),
	TRAFFIC(snapshot_link, received, "What the kernel received on it, since it exists",
		.title = "received"),
	TRAFFIC(snapshot_link, sent, "What the kernel sent on it, since it exists",
		.title = "sent"),
	COUNTER(snapshot_link, receive_errors, "packets", "Received with errors",
		.title = "receive errors"),
	COUNTER(snapshot_link, send_errors, "packets", "Not sent for errors",
		.title = "send errors"),
	COUNTER(snapshot_link, receive_dropped, "packets", "Received, and dropped by the kernel",
		.title = "receive drops"),
	COUNTER(snapshot_link, send_dropped, "packets", "Dropped by the kernel instead of sent",
		.title = "send drops"),
	END,
};

const struct field links_fields[] = {
	LIST(snapshot_links, links, link_fields, "The interfaces watched"),
	END,
};

const char *link_why_down(uint32_t state)
{
	static const char *const why[LINK_STATES] = {
		[LINK_NO_CARRIER] = "no carrier",
		[LINK_LOWER_DOWN] = "its peer or lower device is down",
		[LINK_DORMANT] = "it is dormant",
		[LINK_TESTING] = "it is being tested",
	};

	return state < LINK_STATES ? why[state] : NULL;
}

bool link_is_down(const struct snapshot_link *link)
{
	return link_why_down(link->state) != NULL;
}

char *link_describe(const struct snapshot_link *link, char *text, size_t size)
{
	const char *state = link->state < LINK_STATES ? link_state_names[link->state] : "unknown";
	char bits[FORMAT_LEN], speed[FORMAT_LEN + 4] = "";

	if (!isnan(link->speed))
		snprintf(speed, sizeof(speed), ", %s/s", format_bits(bits, link->speed / 8));
	int length = snprintf(text, size, "%s%s", state, speed);
	if (link->mtu != COUNT_UNKNOWN && length >= 0 && (size_t)length < size)
		snprintf(text + length, size - (size_t)length, ", MTU %" PRIu64, link->mtu);
	return text;
}

/* From `received` on, the struct has counters and nothing else. */
enum {
	LINK_COUNTERS = (sizeof(struct snapshot_link) - offsetof(struct snapshot_link, received)) /
			sizeof(struct counter)
};

void links_sum(const struct snapshot_links *links, struct snapshot_link *sum)
{
	*sum = (struct snapshot_link) { 0 };
	for (uint32_t i = 0; i < links->n_links; i++) {
		const struct snapshot_link *link = &links->links[i];
		if (link->state == LINK_ABSENT) { /* it carries nothing */
			counters_add(&sum->received.packets, &link->received.packets, LINK_COUNTERS,
				false);
			continue;
		}
		traffic_add(&sum->received, &link->received);
		traffic_add(&sum->sent, &link->sent);
		counter_add(&sum->receive_errors, &link->receive_errors);
		counter_add(&sum->send_errors, &link->send_errors);
		counter_add(&sum->receive_dropped, &link->receive_dropped);
		counter_add(&sum->send_dropped, &link->send_dropped);
	}
}
