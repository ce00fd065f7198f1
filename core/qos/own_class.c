// SPDX-License-Identifier: BSD-2-Clause
#include "qos/own_class.h"

#include <linux/if_ether.h>
#include <netinet/in.h>

#define BY(dimension) (1 << (dimension))

/* How many of the packets of a connection a line matches. */
enum met { MET_NONE, MET_SOME, MET_ALL };

static enum met least(enum met a, enum met b)
{
	return a < b ? a : b;
}

/* A port without a source port is that of either end: the other end's may be any. */
static enum met ports(const struct mesh_rule *rule, uint16_t port)
{
	const struct mesh_range *range = &rule->destination_port;

	if (rule->conditions & BY(MESH_BY_SOURCE_PORT))
		return MET_SOME;
	if (!(rule->conditions & BY(MESH_BY_DESTINATION_PORT)))
		return MET_ALL;
	if (rule->sets[MESH_BY_DESTINATION_PORT] != 0)
		return MET_SOME;
	return port >= range->from && port <= range->to ? MET_ALL : MET_SOME;
}

static enum met matches(
	const struct mesh_rule *rule, enum traffic_direction direction, uint16_t port)
{
	const uint16_t understood = BY(MESH_BY_PROTOCOL) | BY(MESH_BY_READABLE) |
				    BY(MESH_BY_DESTINATION_PORT) | BY(MESH_BY_SOURCE_PORT);
	uint8_t kind = direction == DIRECTION_EGRESS ? CLASS_KIND_EGRESS : CLASS_KIND_INGRESS;

	if (rule->conditions & BY(MESH_BY_PROTOCOL) && rule->protocol != IPPROTO_TCP)
		return MET_NONE;
	if (rule->conditions & BY(MESH_BY_READABLE) && rule->kind != kind)
		return MET_NONE;
	if (rule->conditions & BY(MESH_BY_ETHERTYPE) && rule->ethertype != ETH_P_IP &&
		rule->ethertype != ETH_P_IPV6)
		return MET_NONE;
	return least(rule->conditions & ~understood ? MET_SOME : MET_ALL, ports(rule, port));
}

uint64_t own_classes(
	const struct class_lines *lines, enum traffic_direction direction, uint16_t port)
{
	uint64_t found = 0;

	for (uint32_t i = 0; i < lines->n; i++) {
		enum met met = matches(&lines->lines[i].rule, direction, port);
		if (met != MET_NONE)
			found |= UINT64_C(1) << lines->lines[i].class;
		if (met == MET_ALL)
			return found;
	}
	return found | UINT64_C(1) << CLASS_BEST_EFFORT;
}
