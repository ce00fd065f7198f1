// SPDX-License-Identifier: BSD-2-Clause
/* The default lines, and the classes that they name. */
#include "qos/classes.h"

#include <stdio.h>
#include <string.h>

/*
 * Code points follow the service classes of RFC 4594 figure 3, merged into five. Streaming (CS3,
 * AF3x) needs bandwidth, not low delay, and stays best effort.
 */
static const struct default_line {
	const char *text;
	const char *packets; /* the traffic that it matches */
} defaults[] = {
	{ "ethertype 0x0806 control", "ARP" },
	{ "ethertype 0x88cc control", "LLDP" },
	{ "ethertype 0x4305 mesh", "batman-adv" },

	{ "tcp 179 control", "BGP" },
	{ "udp 3784 control", "BFD, RFC 5881" },
	{ "udp 698 mesh", "OLSR, RFC 3626" },
	{ "udp 6696 mesh", "Babel, RFC 8966" },
	{ "udp 26970 mesh", "signed messages and data" },
	{ "udp 51820 mesh", "WireGuard" },
	{ "tcp 22 interactive", "SSH" },
	{ "tcp 53 interactive", "DNS" },
	{ "udp 53 interactive", "DNS" },
	{ "udp 123 interactive", "NTP: delay is error" },

	{ "dscp cs7 control", "network control" },
	{ "dscp cs6 control", "network control" },
	{ "dscp cs2 control", "operation and management" },
	{ "dscp ef interactive", "telephony" },
	{ "dscp va interactive", "telephony with admission" },
	{ "dscp cs5 interactive", "signalling" },
	{ "dscp cs4 interactive", "real-time interactive" },
	{ "dscp af41 interactive", "conferencing" },
	{ "dscp af42 interactive", "conferencing" },
	{ "dscp af43 interactive", "conferencing" },
	{ "dscp af21 interactive", "low-latency data" },
	{ "dscp af22 interactive", "low-latency data" },
	{ "dscp af23 interactive", "low-latency data" },
	{ "dscp af11 bulk", "high-throughput data" },
	{ "dscp af12 bulk", "high-throughput data" },
	{ "dscp af13 bulk", "high-throughput data" },
	{ "dscp cs1 bulk", "low-priority data" },
	{ "dscp le bulk", "lower effort, RFC 8622" },

	{ "proto icmp control", "ICMP" },
	{ "proto igmp control", "IGMP" },
	{ "proto icmpv6 control", "ICMPv6" },
	{ "proto ospf control", "OSPF" },
	{ "proto pim control", "PIM" },
	{ "proto vrrp control", "VRRP" },
};

#define NONE_NAME "none"

static const char *const default_names[] = {
	[CLASS_NONE] = NONE_NAME,
	[CLASS_CONTROL] = "control",
	[CLASS_MESH] = "mesh",
	[CLASS_INTERACTIVE] = "interactive",
	[CLASS_BULK] = "bulk",
	[CLASS_BEST_EFFORT] = "best_effort",
};

enum {
	DEFAULTS = sizeof(defaults) / sizeof(defaults[0]),
	DEFAULT_NAMES = sizeof(default_names) / sizeof(default_names[0]),
};

static void default_class_names(struct class_names *names)
{
	memset(names, 0, sizeof(*names));
	for (uint32_t i = 0; i < DEFAULT_NAMES; i++)
		snprintf(names->names[i], sizeof(names->names[i]), "%s", default_names[i]);
}

void classes_default(struct class_lines *lines)
{
	struct failure ignored;

	_Static_assert(DEFAULTS <= CLASS_LINES_MAX, "the default lines fit");
	lines->n = lines->n_own = 0;
	default_class_names(&lines->names);
	for (uint32_t i = 0; i < DEFAULTS; i++)
		if (classes_parse(defaults[i].text, &lines->names, &lines->lines[lines->n],
			    &ignored) == 0)
			lines->n++;
}

/* Returns the default line with the same conditions, or NULL, and its class. */
static const struct default_line *find_default(const struct class_line *line, uint8_t *class)
{
	static struct class_lines known;

	if (known.n == 0)
		classes_default(&known);
	int place = classes_place(&known, line);
	if (place < 0)
		return NULL;
	*class = known.lines[place].class;
	return &defaults[place];
}

const char *classes_packets(const struct class_line *line)
{
	uint8_t class;
	const struct default_line *known = find_default(line, &class);

	return known != NULL ? known->packets : "";
}

bool classes_is_default(const struct class_lines *lines, const struct class_line *line)
{
	uint8_t class;

	return find_default(line, &class) != NULL && line->class < TRAFFIC_CLASSES &&
	       strcmp(default_names[class], lines->names.names[line->class]) == 0;
}
