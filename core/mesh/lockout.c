// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/lockout.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include "mesh/rule.h"
#include "mesh/rule_notes.h"
#include "mesh/set_text.h"

/* A limit below these starves a connection: a login needs tens of packets, a screen some kilobytes. */
#define STARVES_PACKETS 100
#define STARVES_BITS	1000000

/* How a rule and the connection's packets meet; in this order, the least of all conditions holds. */
enum meeting {
	NEVER,
	PERHAPS,
	SURELY,
};

struct session {
	struct mesh_prefix from; /* the one host */
	struct mesh_range port;
	uint16_t ethertype;
};

static bool session_of(const char *address, uint16_t port, struct session *session)
{
	bool v4 = inet_pton(AF_INET, address, session->from.address) == 1;

	if (!v4 && inet_pton(AF_INET6, address, session->from.address) != 1)
		return false;
	session->from.family = v4 ? 4 : 6;
	session->from.length = v4 ? 32 : 128;
	session->port = (struct mesh_range) { port, port };
	session->ethertype = v4 ? ETH_P_IP : ETH_P_IPV6;
	return true;
}

static enum meeting meet_if(bool met)
{
	return met ? SURELY : NEVER;
}

static enum meeting in_set(const struct lockout_table *table, const struct mesh_rule *rule,
	enum mesh_dimension dimension, const struct mesh_element *element)
{
	uint8_t number = rule->sets[dimension];
	int place = table->sets != NULL && number <= MESH_RULE_SETS_MAX
			    ? sets_find(table->sets, rule->names[number - 1])
			    : -1;

	if (place < 0)
		return PERHAPS;
	struct mesh_elements set = sets_compiled_form(table->sets, (uint32_t)place);
	return meet_if(set_find(set.kind, set.elements, set.n, element) != NULL);
}

static enum meeting meet_source(const struct lockout_table *table, const struct mesh_rule *rule,
	const struct session *session)
{
	const struct mesh_prefix *source = &rule->source;
	struct mesh_element element = { .prefix = session->from };

	if (rule->sets[MESH_BY_SOURCE] > 0)
		return in_set(table, rule, MESH_BY_SOURCE, &element);
	return meet_if(source->family == session->from.family &&
		       rule_same_start(source->address, session->from.address, source->length));
}

static enum meeting meet_port(const struct lockout_table *table, const struct mesh_rule *rule,
	const struct session *session)
{
	const struct mesh_range *port = &rule->destination_port;
	struct mesh_element element = { .ports = session->port };

	if (rule->sets[MESH_BY_DESTINATION_PORT] > 0)
		return in_set(table, rule, MESH_BY_DESTINATION_PORT, &element);
	return meet_if(port->from <= session->port.from && port->to >= session->port.to);
}

static enum meeting meet_by(const struct lockout_table *table, const struct mesh_rule *rule,
	enum mesh_dimension dimension, const struct session *session)
{
	switch (dimension) {
	case MESH_BY_SOURCE:
		return meet_source(table, rule, session);
	case MESH_BY_DESTINATION_PORT:
		return meet_port(table, rule, session);
	case MESH_BY_PROTOCOL:
		return meet_if(rule->protocol == IPPROTO_TCP);
	case MESH_BY_ETHERTYPE:
		return meet_if(rule->ethertype == session->ethertype);
	case MESH_BY_DESTINATION:
		return rule->sets[MESH_BY_DESTINATION] > 0 ||
				       rule->destination.family == session->from.family
			       ? PERHAPS
			       : NEVER;
	case MESH_BY_READABLE:
		return NEVER;
	default:
		return PERHAPS;
	}
}

static enum meeting meet(const struct lockout_table *table, const struct mesh_rule *rule,
	const struct session *session)
{
	enum meeting least = SURELY;

	if (rule->match == MESH_MATCH_NONE || rule->match >= MESH_MATCHES || !rule->enabled ||
		rule_time_left(rule) == 0)
		return NEVER;
	for (int dimension = 0; dimension < MESH_DIMENSIONS; dimension++) {
		if (!(rule->conditions >> dimension & 1))
			continue;
		enum meeting met = meet_by(table, rule, dimension, session);
		least = met < least ? met : least;
	}
	return least;
}

/* Returns whether a rule takes packets away that a connection needs. */
static bool cuts(const struct mesh_rule *rule)
{
	if (rule->action == MESH_LIMIT)
		return rule->rate <
		       (rule->unit == MESH_BITS_PER_SECOND ? STARVES_BITS : STARVES_PACKETS);
	return rule->action == MESH_DROP;
}

int lockout_find(const struct lockout_table *table, const char *address, uint16_t port)
{
	struct session session = { 0 };

	if (!session_of(address, port, &session))
		return LOCKOUT_NONE;
	for (int i = 0; i < MESH_RULES_MAX; i++) {
		const struct mesh_rule *rule = &table->rules[i];
		enum meeting met = meet(table, rule, &session);
		if (met != NEVER && cuts(rule))
			return i;
		/* A rule that passes it for a time only does not keep it. */
		if (met == SURELY && rule->action != MESH_COUNT && rule->expires == 0)
			return LOCKOUT_NONE;
	}
	return table->policy == MESH_DROP ? LOCKOUT_POLICY : LOCKOUT_NONE;
}

int lockout_compare(const struct lockout_table *before, const struct lockout_table *after,
	const char *address, uint16_t port)
{
	int now = before != NULL ? lockout_find(before, address, port) : LOCKOUT_NONE;
	int then = lockout_find(after, address, port);

	if (then == LOCKOUT_NONE || now == LOCKOUT_NONE)
		return then;
	if (then == LOCKOUT_POLICY || now == LOCKOUT_POLICY)
		return then == now ? LOCKOUT_NONE : then;
	return rule_same_key(&before->rules[now], &after->rules[then]) ? LOCKOUT_NONE : then;
}
