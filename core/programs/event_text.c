// SPDX-License-Identifier: BSD-2-Clause
#include "programs/event_text.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Finds IPv4 addresses of dual-stack sockets, ::ffff:0:0/96 (RFC 4291, 2.5.5.2). */
static bool is_mapped(uint16_t family, const uint8_t address[16])
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return family == AF_INET6 && memcmp(address, prefix, sizeof(prefix)) == 0;
}

static void format_end(
	char *text, size_t size, uint16_t family, const uint8_t address[16], uint16_t port)
{
	char host[INET6_ADDRSTRLEN];

	if (is_mapped(family, address)) {
		family = AF_INET;
		address += 12;
	}
	if (inet_ntop(family, address, host, sizeof(host)) == NULL)
		snprintf(host, sizeof(host), "?");
	if (port == 0)
		snprintf(text, size, "%s", host);
	else
		snprintf(text, size, family == AF_INET6 ? "[%s]:%u" : "%s:%u", host, ntohs(port));
}

static const char *protocol_name(uint16_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_ICMPV6:
		return "icmpv6";
	default:
		return "ip";
	}
}

void event_format_flow(char text[EVENT_FLOW_LEN], const struct event_flow *flow)
{
	char source[64], destination[64];

	if (flow->family != AF_INET && flow->family != AF_INET6) {
		snprintf(text, EVENT_FLOW_LEN, "(not IP)");
		return;
	}
	format_end(source, sizeof(source), flow->family, flow->source, flow->source_port);
	format_end(destination, sizeof(destination), flow->family, flow->destination,
		flow->destination_port);
	snprintf(text, EVENT_FLOW_LEN, "%s %s > %s", protocol_name(flow->protocol), source,
		destination);
}

void event_format_where(char text[EVENT_WHERE_LEN], uint32_t ifindex)
{
	char name[IF_NAMESIZE];

	text[0] = '\0';
	if (ifindex != 0 && if_indextoname(ifindex, name) != NULL)
		snprintf(text, EVENT_WHERE_LEN, " on %s", name);
}
