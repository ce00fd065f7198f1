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

#define NO_TWIN UINT16_MAX

struct session {
	struct mesh_prefix from; /* the one host */
	struct mesh_range port;
	uint16_t ethertype;
	uint8_t kind; /* enum mesh_kind: its own packets, or those by which the way to the operator is found */
};

/* Reads the session, and the session of what it needs: ARP, or neighbour discovery. */
static bool sessions_of(const char *address, uint16_t port, struct session sessions[2])
{
	struct session *session = &sessions[0];
	bool v4 = inet_pton(AF_INET, address, session->from.address) == 1;

	if (!v4 && inet_pton(AF_INET6, address, session->from.address) != 1)
		return false;
	session->from.family = v4 ? 4 : 6;
	session->from.length = v4 ? 32 : 128;
	session->port = (struct mesh_range) { port, port };
	session->ethertype = v4 ? ETH_P_IP : ETH_P_IPV6;
	session->kind = MESH_READABLE;
	sessions[1] = sessions[0];
	sessions[1].ethertype = v4 ? ETH_P_ARP : ETH_P_IPV6;
	sessions[1].kind = v4 ? MESH_ARP : MESH_NEIGHBOUR_DISCOVERY;
	return true;
}

static enum meeting meet_if(bool met)
{
	return met ? SURELY : NEVER;
}

/* --- sets ---------------------------------------------------------------------------------------- */

/* Returns the set that a rule names, or NULL. */
static const struct mesh_set *set_of(const struct lockout_table *table,
	const struct mesh_rule *rule, enum mesh_dimension dimension, uint32_t *place)
{
	uint8_t number = rule->sets[dimension];
	int found = table->sets != NULL && number > 0 && number <= MESH_RULE_SETS_MAX
			    ? sets_find(table->sets, rule->names[number - 1])
			    : -1;

	if (found < 0)
		return NULL;
	*place = (uint32_t)found;
	return &table->sets->sets[found];
}

/* Returns whether a set changes by itself: what it holds now says nothing of what it will. */
static bool is_live(const struct mesh_set *set)
{
	return set->origin == MESH_ORIGIN_FEED || set->kind == MESH_SET_NODES;
}

static enum meeting in_set(const struct lockout_table *table, const struct mesh_rule *rule,
	enum mesh_dimension dimension, const struct mesh_element *element)
{
	uint32_t place;
	const struct mesh_set *found = set_of(table, rule, dimension, &place);

	if (found == NULL || is_live(found))
		return PERHAPS;
	struct mesh_elements set = sets_compiled_form(table->sets, place);
	return meet_if(set_find(set.kind, set.elements, set.n, element) != NULL);
}

static bool same_set(const struct lockout_table *a, const struct lockout_table *b,
	const struct mesh_rule *rule, enum mesh_dimension dimension)
{
	uint32_t at_a = 0, at_b = 0;
	const struct mesh_set *of_a = set_of(a, rule, dimension, &at_a),
			      *of_b = set_of(b, rule, dimension, &at_b);

	if (a->sets == b->sets)
		return true;
	if (of_a == NULL || of_b == NULL)
		return of_a == of_b;
	if (of_a->kind != of_b->kind || of_a->feed != of_b->feed ||
		(of_a->origin == MESH_ORIGIN_FEED) != (of_b->origin == MESH_ORIGIN_FEED))
		return false;
	return of_a->origin == MESH_ORIGIN_FEED ||
	       (of_a->n == of_b->n &&
		       (of_a->n == 0 || memcmp(a->sets->elements[at_a], b->sets->elements[at_b],
						of_a->n * sizeof(struct mesh_element)) == 0));
}

/* --- a rule and a packet ------------------------------------------------------------------------- */

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

/* The same of ARP, which has no addresses for rules, or of neighbour discovery. */
static enum meeting meet_finding(
	const struct mesh_rule *rule, enum mesh_dimension dimension, const struct session *session)
{
	bool arp = session->kind == MESH_ARP;

	switch (dimension) {
	case MESH_BY_READABLE:
		return meet_if(rule->kind == session->kind);
	case MESH_BY_ETHERTYPE:
		return meet_if(rule->ethertype == session->ethertype);
	case MESH_BY_PROTOCOL:
		return meet_if(!arp && rule->protocol == IPPROTO_ICMPV6);
	case MESH_BY_SOURCE:
	case MESH_BY_DESTINATION:
		return arp ? NEVER : PERHAPS;
	case MESH_BY_SOURCE_PORT:
	case MESH_BY_DESTINATION_PORT:
		return NEVER;
	default:
		return PERHAPS;
	}
}

/* A rule that holds for a time only does so perhaps: then it is as if it were not there. */
static enum meeting meet(const struct lockout_table *table, const struct mesh_rule *rule,
	const struct session *session)
{
	enum meeting least = rule->expires == 0 ? SURELY : PERHAPS;

	if (rule->match == MESH_MATCH_NONE || rule->match >= MESH_MATCHES || !rule->enabled ||
		rule_time_left(rule) == 0 || !rule_is_for_kind(rule, session->kind))
		return NEVER;
	for (int dimension = 0; dimension < MESH_DIMENSIONS; dimension++) {
		if (!(rule->conditions >> dimension & 1))
			continue;
		enum meeting met = session->kind == MESH_READABLE
					   ? meet_by(table, rule, dimension, session)
					   : meet_finding(rule, dimension, session);
		least = met < least ? met : least;
	}
	return least;
}

/* Returns whether a rule takes packets away that a connection needs. A limit lets the way to it be found. */
static bool cuts(const struct mesh_rule *rule, const struct session *session)
{
	if (rule->action == MESH_LIMIT && session->kind == MESH_READABLE)
		return rule->rate <
		       (rule->unit == MESH_BITS_PER_SECOND ? STARVES_BITS : STARVES_PACKETS);
	return rule->action == MESH_DROP;
}

/* --- a table and a packet ------------------------------------------------------------------------ */

/* The rules that may decide about the packets, in order. */
struct course {
	const struct lockout_table *table;
	const struct session *session;
	uint32_t n;
	uint16_t places[MESH_RULES_MAX];
	bool ends; /* the last one surely decides: the policy does not */
	uint16_t twins
		[MESH_RULES_MAX]; /* where in another course the rule is that meets the same packets */
};

static void follow(
	const struct lockout_table *table, const struct session *session, struct course *course)
{
	course->table = table;
	course->session = session;
	course->n = 0;
	course->ends = false;
	for (uint16_t place = 0; place < MESH_RULES_MAX && !course->ends; place++) {
		enum meeting met = table->rules[place].action == MESH_COUNT
					   ? NEVER
					   : meet(table, &table->rules[place], session);
		if (met == NEVER)
			continue;
		course->places[course->n++] = place;
		course->ends = met == SURELY;
	}
}

static const struct mesh_rule *rule_at(const struct course *course, uint32_t at)
{
	return &course->table->rules[course->places[at]];
}

/* Returns whether the policy decides, by dropping or passing. What finds hosts it passes. */
static bool has_policy(const struct course *course, bool drops)
{
	return !course->ends && drops == (course->table->policy == MESH_DROP &&
						 course->session->kind == MESH_READABLE);
}

/* Returns whether the rule at a place, or behind all the policy, would take the packets. */
static bool cuts_at(const struct course *course, uint32_t at)
{
	return at < course->n ? cuts(rule_at(course, at), course->session)
			      : has_policy(course, true);
}

/* Returns the number of what cuts at a place. */
static int number_of(const struct course *course, uint32_t at)
{
	return at < course->n ? course->places[at] : LOCKOUT_POLICY;
}

static int find_cut(const struct course *course)
{
	for (uint32_t at = 0; at <= course->n; at++)
		if (cuts_at(course, at))
			return number_of(course, at);
	return LOCKOUT_NONE;
}

int lockout_find(const struct lockout_table *table, const char *address, uint16_t port)
{
	struct session sessions[2] = { 0 };
	struct course course;
	int cut = LOCKOUT_NONE;

	if (!sessions_of(address, port, sessions))
		return LOCKOUT_NONE;
	for (int i = 0; i < 2 && cut == LOCKOUT_NONE; i++) {
		follow(table, &sessions[i], &course);
		cut = find_cut(&course);
	}
	return cut;
}

/* --- before and after ---------------------------------------------------------------------------- */

/* Returns whether meet() knows of a set whether the session is in it. */
static bool is_known(
	const struct course *course, const struct mesh_rule *rule, enum mesh_dimension dimension)
{
	uint32_t place;
	const struct mesh_set *set = set_of(course->table, rule, dimension, &place);

	return course->session->kind == MESH_READABLE &&
	       (dimension == MESH_BY_SOURCE || dimension == MESH_BY_DESTINATION_PORT) &&
	       set != NULL && !is_live(set);
}

/* Returns whether two rules match the same packets of the session. */
static bool is_twin(const struct course *one, uint32_t i, const struct course *other, uint32_t j)
{
	const struct mesh_rule *rule = rule_at(one, i);

	if (rule->conditions != rule_at(other, j)->conditions ||
		!rule_same_key(rule, rule_at(other, j)))
		return false;
	for (int dimension = 0; dimension < MESH_DIMENSIONS; dimension++)
		if (rule->sets[dimension] > 0 &&
			!(is_known(one, rule, dimension) && is_known(other, rule, dimension)) &&
			!same_set(one->table, other->table, rule, dimension))
			return false;
	return true;
}

/* Most rules of a table that is changed are where they were, or one further. */
static void find_twins(struct course *course, const struct course *other)
{
	uint32_t next = 0;

	for (uint32_t i = 0; i < course->n; i++) {
		course->twins[i] = NO_TWIN;
		for (uint32_t tries = 0; tries < other->n; tries++) {
			uint32_t at = (next + tries) % other->n;
			if (!is_twin(course, i, other, at))
				continue;
			course->twins[i] = (uint16_t)at;
			next = at + 1;
			break;
		}
	}
}

static bool passes_at(const struct course *course, uint32_t at)
{
	if (at == course->n)
		return has_policy(course, false);
	return rule_at(course, at)->action != MESH_DROP;
}

/* A limit that is no narrower starves nothing that it has not. */
static bool is_no_narrower(const struct mesh_rule *before, const struct mesh_rule *after)
{
	return before->action == MESH_LIMIT && after->action == MESH_LIMIT &&
	       before->unit == after->unit && before->rate <= after->rate &&
	       before->burst <= after->burst;
}

/*
 * Returns whether the same packet can be passed by what is at `b` of the course before, and be taken by what is at `a`
 * of the one after: it meets both, and nothing that precedes one of them. A rule that is there in both it meets in
 * both, unless its time is over earlier.
 */
static bool is_possible(
	const struct course *before, uint32_t b, const struct course *after, uint32_t a)
{
	uint32_t b_after = b < before->n ? before->twins[b] : NO_TWIN,
		 a_before = a < after->n ? after->twins[a] : NO_TWIN;

	if (a_before != NO_TWIN && a_before < b)
		return false;
	if (b_after != NO_TWIN && b_after < a &&
		(rule_at(after, b_after)->expires == 0 ||
			rule_at(after, b_after)->expires == rule_at(before, b)->expires))
		return false;
	if (a == after->n || b == before->n)
		return true;
	if (a_before == b && is_no_narrower(rule_at(before, b), rule_at(after, a)))
		return false;
	return rule_may_meet(rule_at(before, b), rule_at(after, a));
}

/* Returns what cuts a connection that is there because the table before passes it. */
static int find_new_cut(const struct course *before, const struct course *after)
{
	for (uint32_t a = 0; a <= after->n; a++)
		for (uint32_t b = 0; b <= before->n && cuts_at(after, a); b++)
			if (passes_at(before, b) && is_possible(before, b, after, a))
				return number_of(after, a);
	return LOCKOUT_NONE;
}

/* One that the table before drops is there in spite of it, by a way that the filter does not see: it goes on unless
 * something else drops it. */
static int find_other_cut(const struct course *before, const struct course *after)
{
	int now = find_cut(before), then = find_cut(after);

	if (then == LOCKOUT_NONE || then == LOCKOUT_POLICY || now == LOCKOUT_POLICY)
		return then == now ? LOCKOUT_NONE : then;
	return now != LOCKOUT_NONE &&
			       rule_same_key(&before->table->rules[now], &after->table->rules[then])
		       ? LOCKOUT_NONE
		       : then;
}

static int compare(const struct lockout_table *before, const struct lockout_table *after,
	const struct session *session)
{
	struct course was, is;
	bool passed = false;

	follow(before, session, &was);
	follow(after, session, &is);
	for (uint32_t at = 0; at <= was.n; at++)
		passed |= passes_at(&was, at);
	if (!passed)
		return find_other_cut(&was, &is);
	find_twins(&was, &is);
	find_twins(&is, &was);
	return find_new_cut(&was, &is);
}

int lockout_compare(const struct lockout_table *before, const struct lockout_table *after,
	const char *address, uint16_t port)
{
	struct session sessions[2] = { 0 };
	int cut = LOCKOUT_NONE;

	if (before == NULL)
		return lockout_find(after, address, port);
	if (!sessions_of(address, port, sessions))
		return LOCKOUT_NONE;
	for (int i = 0; i < 2 && cut == LOCKOUT_NONE; i++)
		cut = compare(before, after, &sessions[i]);
	return cut;
}
