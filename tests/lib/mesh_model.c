// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/mesh_model.h"

#include <string.h>

#include "xdp_counter.h"

static bool in_prefix(const struct mesh_prefix *prefix, int family, const uint8_t *address)
{
	if (prefix->family != family)
		return false;
	for (int bit = 0; bit < prefix->length; bit++)
		if ((prefix->address[bit / 8] ^ address[bit / 8]) >> (7 - bit % 8) & 1)
			return false;
	return true;
}

static bool in_range(const struct mesh_range *range, unsigned number)
{
	return range->from <= number && number <= range->to;
}

static bool address_matches(const struct packet_model *packet, const uint8_t *address,
	const struct mesh_prefix *prefix, const struct mesh_elements *set)
{
	int family = packet->network == NETWORK_IPV4 ? 4 : 6;

	if (!packet->has_address)
		return false;
	if (set == NULL)
		return in_prefix(prefix, family, address);
	for (uint32_t i = 0; i < set->n; i++)
		if (in_prefix(&set->elements[i].prefix, family, address))
			return true;
	return false;
}

static bool port_matches(const struct packet_model *packet, unsigned port,
	const struct mesh_range *range, const struct mesh_elements *set)
{
	if (!packet->has_ports)
		return false;
	if (set == NULL)
		return in_range(range, port);
	for (uint32_t i = 0; i < set->n; i++)
		if (in_range(&set->elements[i].ports, port))
			return true;
	return false;
}

static bool mac_matches(const struct packet_model *packet, const struct mesh_rule *rule,
	const struct mesh_elements *set)
{
	if (set == NULL)
		return memcmp(packet->source_mac, rule->mac, 6) == 0;
	for (uint32_t i = 0; i < set->n; i++)
		if (memcmp(packet->source_mac, set->elements[i].mac, 6) == 0)
			return true;
	return false;
}

static uint8_t kind_of(const struct packet_model *packet)
{
	unsigned to = packet->destination_port;
	bool v4 = packet->network == NETWORK_IPV4;

	if (packet->hiding)
		return MESH_UNREADABLE;
	if (packet->ethertype == 0x0806)
		return MESH_ARP;
	if (packet->discovery)
		return MESH_NEIGHBOUR_DISCOVERY;
	if (packet->has_ports && packet->protocol == 17 &&
		(v4 ? to == 67 || to == 68 : to == 546 || to == 547))
		return MESH_DHCP;
	return MESH_READABLE;
}

static bool matches(const struct mesh_rule *rule, int by, const struct mesh_elements *sets,
	const struct packet_model *packet, bool from_interface)
{
	const struct mesh_elements *set = rule->sets[by] > 0 ? &sets[rule->sets[by] - 1] : NULL;

	switch (by) {
	case MESH_BY_SOURCE:
		return address_matches(packet, packet->source, &rule->source, set);
	case MESH_BY_DESTINATION:
		return address_matches(packet, packet->destination, &rule->destination, set);
	case MESH_BY_MAC:
		return mac_matches(packet, rule, set);
	case MESH_BY_PROTOCOL:
		return packet->has_address && packet->protocol == rule->protocol;
	case MESH_BY_SOURCE_PORT:
		return port_matches(packet, packet->source_port, &rule->source_port, set);
	case MESH_BY_DESTINATION_PORT:
		return port_matches(packet, packet->destination_port, &rule->destination_port, set);
	case MESH_BY_ETHERTYPE:
		return packet->ethertype == rule->ethertype;
	case MESH_BY_VLAN:
		return packet->vlan && packet->vlan_id == rule->vlan;
	case MESH_BY_INTERFACE:
		return from_interface;
	}
	return rule->kind == kind_of(packet);
}

/* A rule that might let a packet around another one has no say about what hides; nor has one that drops
 * or limits about what hosts cannot do without, unless it names that. */
static bool has_a_say(const struct mesh_rule *rule, const struct packet_model *packet)
{
	const struct mesh_range *to = &rule->destination_port;
	bool to_port = rule->conditions & 1 << MESH_BY_DESTINATION_PORT &&
		       rule->sets[MESH_BY_DESTINATION_PORT] == 0;

	if (rule->conditions & 1 << MESH_BY_READABLE)
		return true;
	if (packet->hiding)
		return rule->action == MESH_DROP;
	if (rule->action == MESH_PASS || rule->action == MESH_COUNT ||
		rule->conditions & 1 << MESH_BY_MAC)
		return true;
	if (kind_of(packet) == MESH_ARP)
		return rule->conditions & 1 << MESH_BY_ETHERTYPE && rule->ethertype == 0x0806;
	if (kind_of(packet) == MESH_DHCP)
		return to_port &&
		       (in_range(&(struct mesh_range) { 67, 68 }, to->from) ||
			       in_range(&(struct mesh_range) { 546, 547 }, to->from)) &&
		       to->to - to->from < 2 && to->to != 69 && to->to != 548;
	return kind_of(packet) != MESH_NEIGHBOUR_DISCOVERY;
}

static bool holds(const struct mesh_rule *rule, uint64_t now)
{
	return rule->match != MESH_MATCH_NONE && rule->enabled &&
	       (rule->expires == 0 || rule->expires > now);
}

void mesh_model_decide(const struct mesh_rule *rules, const struct mesh_elements *sets,
	uint32_t policy, const struct packet_model *packet, uint32_t ifindex,
	uint32_t (*named)(const char *name), uint64_t now, struct mesh_verdict *verdict)
{
	*verdict = (struct mesh_verdict) { .rule = -1 };
	for (int place = 0; place < MESH_RULES_MAX; place++) {
		const struct mesh_rule *rule = &rules[place];
		bool all = holds(rule, now) && has_a_say(rule, packet);
		for (int by = 0; by < MESH_DIMENSIONS && all; by++)
			if (rule->conditions & 1 << by)
				all = matches(
					rule, by, sets, packet, named(rule->interface) == ifindex);
		if (!all)
			continue;
		if (rule->action == MESH_COUNT) {
			verdict->counted[verdict->n_counted++] = (uint32_t)place;
			continue;
		}
		verdict->rule = place;
		verdict->drop = rule->action == MESH_DROP;
		return;
	}
	verdict->unreadable = packet->hiding;
	verdict->drop = packet->hiding || (policy == MESH_DROP && kind_of(packet) == MESH_READABLE);
}
