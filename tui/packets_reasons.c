// SPDX-License-Identifier: BSD-2-Clause
/* Why interfaces are not counted, or not watched: a line each below the table of packets. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "packets_reasons.h"

#define NAMED 3 /* interfaces with the same reason */

/* An interface, and why it is not watched, or not counted; an empty reason: it is. */
struct reason {
	const char *name, *why;
};

/* Interfaces by reason, in a line of the view. */
struct reasons {
	const char *title;
	enum style style;
	uint32_t n;
	struct reason (*at)(const struct snapshot_packets *packets, uint32_t i);
};

static struct reason reason_not_counted(const struct snapshot_packets *packets, uint32_t i)
{
	return (struct reason) { packets->interfaces[i].name, packets->interfaces[i].problem };
}

static struct reason reason_not_watched(const struct snapshot_packets *packets, uint32_t i)
{
	return (struct reason) { packets->left_out[i].name, packets->left_out[i].reason };
}

/* Writes "lo (loopback)", or of many with one reason "veth1, veth2 and 12 more (container)". */
static size_t write_reason(const struct snapshot_packets *packets, const struct reasons *reasons,
	uint32_t first, char *text, size_t size)
{
	const char *why = reasons->at(packets, first).why;
	size_t length = 0;
	uint32_t named = 0, more = 0;

	for (uint32_t i = first; i < reasons->n && length < size; i++) {
		const struct reason reason = reasons->at(packets, i);
		if (strcmp(reason.why, why) != 0)
			continue;
		if (named == NAMED) {
			more++;
			continue;
		}
		length += (size_t)snprintf(
			text + length, size - length, "%s%s", named++ > 0 ? ", " : "", reason.name);
	}
	if (more > 0 && length < size)
		length += (size_t)snprintf(text + length, size - length, " and %u more", more);
	if (length < size)
		length += (size_t)snprintf(text + length, size - length, " (%s)", why);
	return length;
}

static bool is_first_of_reason(
	const struct snapshot_packets *packets, const struct reasons *reasons, uint32_t i)
{
	const char *why = reasons->at(packets, i).why;

	for (uint32_t before = 0; before < i; before++)
		if (strcmp(reasons->at(packets, before).why, why) == 0)
			return false;
	return why[0] != '\0';
}

/* Writes them into a line; the details have the rest. Returns whether there are any. */
static bool write_reasons(const struct snapshot_packets *packets, const struct reasons *reasons,
	char *line, size_t size)
{
	size_t length = (size_t)snprintf(line, size, "%s: ", reasons->title), begin = length;

	for (uint32_t i = 0; i < reasons->n && length + 2 < size; i++) {
		if (!is_first_of_reason(packets, reasons, i))
			continue;
		if (length > begin)
			length += (size_t)snprintf(line + length, size - length, "; ");
		length += write_reason(packets, reasons, i, line + length, size - length);
	}
	return length > begin;
}

int packets_draw_reasons(const struct snapshot_packets *packets, struct area area)
{
	const struct reasons all[] = {
		{ "Not counted", STYLE_BAD, packets->n_interfaces, reason_not_counted },
		{ "Not watched", STYLE_DIM, packets->n_left_out, reason_not_watched },
	};
	char line[512];
	int used = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (write_reasons(packets, &all[i], line, sizeof(line)))
			draw_text(area.y + used++, area.x, area.width, all[i].style, line);
	return used > 0 ? used : 1;
}
