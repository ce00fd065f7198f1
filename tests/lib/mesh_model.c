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
	return packet->hiding;
}

/* A rule that might let a packet around another one has no say about what hides. */
static bool has_a_say(const struct mesh_rule *rule, const struct packet_model *packet)
{
	return !packet->hiding || rule->action == MESH_DROP ||
	       (rule->conditions & 1 << MESH_BY_READABLE) != 0;
}

void mesh_model_decide(const struct mesh_rule *rules, const struct mesh_elements *sets,
	uint32_t policy, const struct packet_model *packet, uint32_t ifindex,
	uint32_t (*named)(const char *name), struct mesh_verdict *verdict)
{
	*verdict = (struct mesh_verdict) { .rule = -1 };
	for (int place = 0; place < MESH_RULES_MAX; place++) {
		const struct mesh_rule *rule = &rules[place];
		bool all =
			rule->match != MESH_MATCH_NONE && rule->enabled && has_a_say(rule, packet);
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
	verdict->drop = packet->hiding || policy == MESH_DROP;
}
