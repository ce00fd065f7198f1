// SPDX-License-Identifier: BSD-2-Clause
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "kernel/netlink.h"
#include "neighbours/entry.h"
#include "neighbours/kernel.h"

/* --- neighbours ------------------------------------------------------------------------------ */

static const struct {
	uint16_t bit;
	const char *name;
} states[] = {
	{ NUD_REACHABLE, "reachable" },
	{ NUD_STALE, "stale" },
	{ NUD_DELAY, "delay" },
	{ NUD_PROBE, "probe" },
	{ NUD_PERMANENT, "permanent" },
};

/* Returns the word for a state in which the neighbour is one, or NULL. */
static const char *state_name(uint16_t state)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (state & states[i].bit)
			return states[i].name;
	return NULL;
}

/*
 * The kernel says how long ago, in ticks of USER_HZ. A new neighbour counts as confirmed a minute or more before
 * it was heard (neigh_alloc() in net/core/neighbour.c): then the time of its state is the better one.
 */
static double seen_at(const struct nda_cacheinfo *times)
{
	uint32_t ago = times->ndm_confirmed < times->ndm_updated ? times->ndm_confirmed
								 : times->ndm_updated;

	return clock_realtime_seconds() - (double)ago / (double)sysconf(_SC_CLK_TCK);
}

static int read_neighbour_attribute(const struct nlattr *attribute, void *data)
{
	struct neighbour *neighbour = data;
	const void *payload = mnl_attr_get_payload(attribute);
	size_t length = mnl_attr_get_payload_len(attribute);

	switch (mnl_attr_get_type(attribute)) {
	case NDA_DST:
		if (length == neighbour_address_len(neighbour->key.family) && length > 0)
			neighbour_set_address(neighbour, neighbour->key.family, payload);
		break;
	case NDA_LLADDR:
		neighbour->has_mac = length == MAC_LEN;
		if (neighbour->has_mac)
			memcpy(neighbour->mac, payload, MAC_LEN);
		break;
	case NDA_CACHEINFO:
		if (length >= sizeof(struct nda_cacheinfo))
			neighbour->last_seen = seen_at(payload);
		break;
	}
	return MNL_CB_OK;
}

static bool is_multicast(const struct neighbour_key *key)
{
	return key->family == AF_INET ? key->address[0] >= 224 : key->address[0] == 0xff;
}

static void take_neighbour(const struct neighbour_source *source, const struct nlmsghdr *message,
	struct neighbour_set *set)
{
	const struct ndmsg *header = mnl_nlmsg_get_payload(message);
	struct neighbour neighbour;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*header) ||
		neighbour_address_len(header->ndm_family) == 0)
		return;
	neighbour_init(&neighbour, NEIGHBOUR_NODE);
	neighbour.key.family = header->ndm_family;
	mnl_attr_parse(message, sizeof(*header), read_neighbour_attribute, &neighbour);
	source_set_link(source, &neighbour, (uint32_t)header->ndm_ifindex);
	const struct interface *link = source_link(source, neighbour.key.ifindex);
	if (neighbour.key.bits == 0 || is_multicast(&neighbour.key) || (link && link->loopback))
		return;
	const char *state = state_name(header->ndm_state);
	if (message->nlmsg_type == RTM_DELNEIGH || state == NULL) {
		neighbour_set_remove(set, &neighbour.key);
		return;
	}
	neighbour.state = state;
	neighbour_set_put(set, &neighbour);
}

/* --- routes ---------------------------------------------------------------------------------- */

struct route {
	struct neighbour neighbour;
	uint32_t table, priority, ifindex;
	bool way; /* it has a gateway */
};

static void take_gateway(struct route *route, uint8_t family, const void *address, size_t length)
{
	if (length != neighbour_address_len(family) || length == 0)
		return;
	route->way = true;
	route->neighbour.via_family = family;
	memcpy(route->neighbour.via, address, length);
}

static void read_way(const struct nlattr *attribute, struct route *route)
{
	const void *payload = mnl_attr_get_payload(attribute);
	size_t length = mnl_attr_get_payload_len(attribute);

	if (mnl_attr_get_type(attribute) == RTA_GATEWAY)
		take_gateway(route, route->neighbour.key.family, payload, length);
	else if (mnl_attr_get_type(attribute) == RTA_VIA && length > sizeof(struct rtvia))
		take_gateway(route, (uint8_t)((const struct rtvia *)payload)->rtvia_family,
			((const struct rtvia *)payload)->rtvia_addr, length - sizeof(struct rtvia));
}

/* Of several next hops, the first is shown. */
static void read_multipath(const struct nlattr *attribute, struct route *route)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(attribute);
	const struct nlattr *attr;

	if (mnl_attr_get_payload_len(attribute) < sizeof(*hop) ||
		hop->rtnh_len > mnl_attr_get_payload_len(attribute) || hop->rtnh_len < sizeof(*hop))
		return;
	route->ifindex = (uint32_t)hop->rtnh_ifindex;
	mnl_attr_for_each_payload((const void *)(hop + 1), hop->rtnh_len - sizeof(*hop))
		read_way(attr, route);
}

static int read_route_attribute(const struct nlattr *attribute, void *data)
{
	struct route *route = data;
	const void *payload = mnl_attr_get_payload(attribute);
	size_t length = mnl_attr_get_payload_len(attribute);
	struct neighbour_key *key = &route->neighbour.key;

	switch (mnl_attr_get_type(attribute)) {
	case RTA_DST:
		if (length == neighbour_address_len(key->family))
			memcpy(key->address, payload, length);
		break;
	case RTA_OIF:
		netlink_read_u32(attribute, &route->ifindex);
		break;
	case RTA_TABLE:
		netlink_read_u32(attribute, &route->table);
		break;
	case RTA_PRIORITY:
		netlink_read_u32(attribute, &route->priority);
		break;
	case RTA_GATEWAY:
	case RTA_VIA:
		read_way(attribute, route);
		break;
	case RTA_MULTIPATH:
		read_multipath(attribute, route);
		break;
	}
	return MNL_CB_OK;
}

static const char *origin_name(uint8_t protocol)
{
	return protocol == RTPROT_BABEL	   ? "babel"
	       : protocol == RTPROT_STATIC ? "static"
	       : protocol == RTPROT_RA	   ? "RA"
	       : protocol == RTPROT_DHCP   ? "DHCP"
	       : protocol == RTPROT_BIRD   ? "bird"
	       : protocol == RTPROT_OSPF   ? "ospf"
	       : protocol == RTPROT_BGP	   ? "bgp"
	       : protocol == RTPROT_BOOT   ? "boot"
					   : "route";
}

/*
 * The kernel tells IPv4 routes apart by prefix and priority; of IPv6 there may be several, which interface
 * and next hop tell apart.
 */
static void set_route_key(const struct neighbour_source *source, struct route *route)
{
	struct neighbour *neighbour = &route->neighbour;
	uint64_t via = 0;

	source_set_link(source, neighbour, route->ifindex);
	if (neighbour->key.family == AF_INET)
		neighbour->key.ifindex = 0;
	else
		for (size_t i = 0; i < ADDRESS_LEN; i++)
			via = via * 31 + neighbour->via[i];
	neighbour->key.id = ((uint64_t)route->table << 32 | route->priority) ^ via << 16;
}

static bool take_route(const struct neighbour_source *source, const struct nlmsghdr *message,
	struct neighbour_set *set)
{
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);
	struct route route = { 0 };

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*header) ||
		neighbour_address_len(header->rtm_family) == 0 || header->rtm_type != RTN_UNICAST ||
		header->rtm_flags & RTM_F_CLONED)
		return false;
	neighbour_init(&route.neighbour, NEIGHBOUR_ROUTE);
	route.neighbour.key.family = header->rtm_family;
	route.neighbour.key.bits = header->rtm_dst_len;
	route.table = header->rtm_table;
	mnl_attr_parse(message, sizeof(*header), read_route_attribute, &route);
	/* A network of the host's own leads to no neighbour in particular. */
	if (route.table == RT_TABLE_LOCAL || (!route.way && header->rtm_protocol == RTPROT_KERNEL))
		return false;
	set_route_key(source, &route);
	route.neighbour.state = origin_name(header->rtm_protocol);
	route.neighbour.metric = route.priority;
	if (message->nlmsg_type == RTM_DELROUTE)
		neighbour_set_remove(set, &route.neighbour.key);
	else
		neighbour_set_put(set, &route.neighbour);
	/* What it replaced may have another interface or next hop. */
	return header->rtm_family == AF_INET6 && message->nlmsg_flags & NLM_F_REPLACE;
}

bool neighbours_kernel_take(const struct neighbour_source *source, const struct nlmsghdr *message,
	struct neighbour_set *set)
{
	switch (message->nlmsg_type) {
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		take_neighbour(source, message, set);
		return false;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return take_route(source, message, set);
	}
	return false;
}
