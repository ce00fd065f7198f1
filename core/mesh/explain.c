// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/explain.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "mesh/rule.h"
#include "mesh/set_text.h"
#include "xdp_chain.h"

/* The packet's value in a dimension, as an element of a set. */
struct value {
	uint32_t kind; /* enum mesh_set_kind; MESH_SET_KINDS: no set can hold it */
	struct mesh_element element;
	char text[EXPLAIN_LEN];
};

static void take_address(
	const struct packet_headers *headers, const __u32 *address, struct value *value)
{
	bool v4 = headers->network == NETWORK_IPV4;
	struct mesh_prefix *prefix = &value->element.prefix;

	value->kind = MESH_SET_PREFIXES;
	prefix->family = v4 ? 4 : 6;
	prefix->length = v4 ? 32 : 128;
	memcpy(prefix->address, address, v4 ? 4 : 16);
	inet_ntop(v4 ? AF_INET : AF_INET6, address, value->text, sizeof(value->text));
}

static void take_port(__be16 port, struct value *value)
{
	value->kind = MESH_SET_PORTS;
	value->element.ports = (struct mesh_range) { ntohs(port), ntohs(port) };
	snprintf(value->text, sizeof(value->text), "%u", ntohs(port));
}

static void take_mac(const struct packet_headers *headers, struct value *value)
{
	value->kind = MESH_SET_MACS;
	memcpy(value->element.mac, headers->source_mac, sizeof(value->element.mac));
	hex_format_mac(headers->source_mac, value->text, sizeof(value->text));
}

static void take_value(const struct packet_headers *headers, const char *interface,
	enum mesh_dimension dimension, struct value *value)
{
	size_t size = sizeof(value->text);

	*value = (struct value) { .kind = MESH_SET_KINDS };
	if (dimension == MESH_BY_SOURCE)
		take_address(headers, headers->source6, value);
	else if (dimension == MESH_BY_DESTINATION)
		take_address(headers, headers->destination6, value);
	else if (dimension == MESH_BY_MAC)
		take_mac(headers, value);
	else if (dimension == MESH_BY_SOURCE_PORT)
		take_port(headers->source_port, value);
	else if (dimension == MESH_BY_DESTINATION_PORT)
		take_port(headers->destination_port, value);
	else if (dimension == MESH_BY_PROTOCOL)
		snprintf(value->text, size, "%u", headers->protocol);
	else if (dimension == MESH_BY_ETHERTYPE)
		snprintf(value->text, size, "0x%04x", ntohs(headers->ethertype));
	else if (dimension == MESH_BY_VLAN)
		snprintf(value->text, size, "%u", headers->vlan & 0xfff);
	else if (dimension == MESH_BY_INTERFACE)
		snprintf(value->text, size, "%s", interface);
	else
		snprintf(value->text, size, "its headers hide from the rules");
}

/* Finds the element of the set that a rule names in a dimension, and writes it. */
static void find_element(const struct mesh_rule *rule, const struct mesh_sets *sets,
	enum mesh_dimension dimension, const struct value *value, char *text)
{
	uint32_t number = rule->sets[dimension];
	char element[SET_ELEMENT_LEN] = "";
	int place = number > 0 && number <= MESH_RULE_SETS_MAX
			    ? sets_find(sets, rule->names[number - 1])
			    : -1;

	if (place < 0 || value->kind == MESH_SET_KINDS)
		return;
	const struct mesh_elements list = sets_compiled_form(sets, (uint32_t)place);
	const struct mesh_element *found =
		set_find(value->kind, list.elements, list.n, &value->element);
	if (found != NULL)
		set_format_element(value->kind, found, element);
	snprintf(text, EXPLAIN_LEN, "%s", element);
}

uint32_t explain_rule(const struct mesh_rule *rule, const struct mesh_sets *sets,
	const struct packet_headers *headers, const char *interface, struct explained *list)
{
	uint32_t n = 0;

	for (uint32_t d = 0; d < MESH_DIMENSIONS; d++) {
		struct value value;
		if (!(rule->conditions >> d & 1))
			continue;
		struct explained *explained = &list[n++];
		take_value(headers, interface, d, &value);
		struct mesh_rule one = *rule; /* with this condition alone */
		one.conditions = (__u16)(1 << d);
		one.match = MESH_MATCH_SEVERAL;
		rule_format_key(&one, explained->condition, EXPLAIN_LEN);
		snprintf(explained->value, EXPLAIN_LEN, "%s", value.text);
		explained->element[0] = '\0';
		find_element(rule, sets, d, &value, explained->element);
	}
	return n;
}
