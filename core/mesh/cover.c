// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/cover.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "mesh/region.h"
#include "mesh/resolve.h"
#include "mesh/rule.h"

#define SPANS_MAX    65536 /* of one question */
#define WORK_MAX     (1 << 21) /* spans of all questions */
#define COMPARED_MAX 16384 /* elements of a set of which a rule's packets are made */
#define NO_PROTOCOL  256
#define NO_PORT	     65536

struct cover {
	const struct mesh_rule *rules;
	const struct mesh_sets *sets;
	struct region_room room;
	uint32_t work; /* spans made so far */
};

/* What packets a question is about. */
struct question {
	struct cover *cover;
	const struct mesh_rule *rule;
	uint8_t family; /* of the packets: 4, 6 or 0 */
	enum mesh_kind kind;
	struct region region; /* what the rule matches of them */
};

struct cover *cover_open(const struct mesh_rule *rules, const struct mesh_sets *sets)
{
	struct cover *cover = calloc(1, sizeof(*cover));

	if (cover == NULL)
		return NULL;
	*cover = (struct cover) { .rules = rules, .sets = sets };
	cover->room.max = SPANS_MAX;
	cover->room.spans = malloc(SPANS_MAX * sizeof(*cover->room.spans));
	if (cover->room.spans != NULL)
		return cover;
	free(cover);
	return NULL;
}

void cover_close(struct cover *cover)
{
	if (cover != NULL)
		free(cover->room.spans);
	free(cover);
}

/* --- values -------------------------------------------------------------------------------------- */

static struct region_point point_of(const uint8_t bytes[16])
{
	struct region_point point = { 0, 0 };

	for (int i = 0; i < 8; i++) {
		point.high = point.high << 8 | bytes[i];
		point.low = point.low << 8 | bytes[8 + i];
	}
	return point;
}

static struct region_span span_of_numbers(uint64_t from, uint64_t to)
{
	return (struct region_span) { { 0, from }, { 0, to } };
}

static struct region_span span_of_prefix(const struct mesh_prefix *prefix)
{
	struct region_span span = { .from = point_of(prefix->address) };
	uint32_t length = prefix->length;

	span.to = span.from;
	span.to.high |= length == 0 ? UINT64_MAX : length < 64 ? UINT64_MAX >> length : 0;
	span.to.low |= length <= 64 ? UINT64_MAX : length < 128 ? UINT64_MAX >> (length - 64) : 0;
	return span;
}

static struct region_span span_of_mac(const uint8_t mac[6])
{
	uint8_t bytes[16] = { 0 };

	memcpy(bytes + 10, mac, 6);
	return (struct region_span) { point_of(bytes), point_of(bytes) };
}

static struct region_span span_of_name(const char name[16])
{
	uint8_t bytes[16] = { 0 };

	memcpy(bytes, name, strnlen(name, sizeof(bytes)));
	return (struct region_span) { point_of(bytes), point_of(bytes) };
}

/* Returns the value of a condition that names no set. */
static struct region_span span_of_value(const struct mesh_rule *rule, enum mesh_dimension dimension)
{
	switch (dimension) {
	case MESH_BY_SOURCE:
		return span_of_prefix(&rule->source);
	case MESH_BY_DESTINATION:
		return span_of_prefix(&rule->destination);
	case MESH_BY_MAC:
		return span_of_mac(rule->mac);
	case MESH_BY_PROTOCOL:
		return span_of_numbers(rule->protocol, rule->protocol);
	case MESH_BY_SOURCE_PORT:
		return span_of_numbers(rule->source_port.from, rule->source_port.to);
	case MESH_BY_DESTINATION_PORT:
		return span_of_numbers(rule->destination_port.from, rule->destination_port.to);
	case MESH_BY_ETHERTYPE:
		return span_of_numbers(rule->ethertype, rule->ethertype);
	case MESH_BY_VLAN:
		return span_of_numbers(rule->vlan, rule->vlan);
	default:
		return span_of_name(rule->interface);
	}
}

/* --- sets ---------------------------------------------------------------------------------------- */

static bool is_address(enum mesh_dimension dimension)
{
	return dimension == MESH_BY_SOURCE || dimension == MESH_BY_DESTINATION;
}

/* Returns the elements that a rule looks for, none if they are not known. */
static struct mesh_elements elements_of(
	const struct cover *cover, const struct mesh_rule *rule, enum mesh_dimension dimension)
{
	const char *name = resolve_name(rule, dimension);
	int place = cover->sets != NULL && name != NULL ? sets_find(cover->sets, name) : -1;
	struct mesh_elements elements = { .n = 0 };

	if (place >= 0 && resolve_takes(dimension, cover->sets->sets[place].kind))
		elements = sets_compiled_form(cover->sets, (uint32_t)place);
	return elements;
}

static struct region_span span_of_element(
	enum mesh_dimension dimension, const struct mesh_element *element)
{
	if (is_address(dimension))
		return span_of_prefix(&element->prefix);
	if (dimension == MESH_BY_MAC)
		return span_of_mac(element->mac);
	return span_of_numbers(element->ports.from, element->ports.to);
}

/* Returns whether an element is before all packets of a family, or a span of theirs. */
static bool is_before(enum mesh_dimension dimension, const struct mesh_element *element,
	uint8_t family, struct region_point from)
{
	if (is_address(dimension) && element->prefix.family != family)
		return element->prefix.family < family;
	return region_is_before(span_of_element(dimension, element).to, from);
}

static bool is_behind(enum mesh_dimension dimension, const struct mesh_element *element,
	uint8_t family, struct region_point to)
{
	if (is_address(dimension) && element->prefix.family != family)
		return element->prefix.family > family;
	return region_is_before(to, span_of_element(dimension, element).from);
}

/* Leaves the elements that meet a span of a family's packets: they are in order. */
static struct mesh_elements meeting(struct mesh_elements set, enum mesh_dimension dimension,
	uint8_t family, struct region_span span)
{
	uint32_t first = 0, n = set.n;

	while (n > 0) {
		uint32_t half = n / 2;
		bool before = is_before(dimension, &set.elements[first + half], family, span.from);
		first += before ? half + 1 : 0;
		n = before ? n - half - 1 : half;
	}
	set.elements += first;
	set.n -= first;
	for (first = 0, n = set.n; n > 0;) {
		uint32_t half = n / 2;
		bool behind = is_behind(dimension, &set.elements[first + half], family, span.to);
		first += behind ? 0 : half + 1;
		n = behind ? half : n - half - 1;
	}
	set.n = first;
	return set;
}

/* --- rules --------------------------------------------------------------------------------------- */

static bool values_of_elements(struct region_room *room, enum mesh_dimension dimension,
	const struct mesh_elements *set, struct region_values *values)
{
	uint32_t first = room->n;

	for (uint32_t i = 0; i < set->n; i++)
		if (!region_add_span(room, span_of_element(dimension, &set->elements[i])))
			return false;
	*values = (struct region_values) { set->n, room->spans + first };
	return true;
}

/*
 * Writes what the rule in question looks for: of a large set all from its first to its last element, of one that
 * is not known, or empty and may be filled, all. So it is never less than the rule matches.
 */
static bool values_in_question(
	struct question *question, enum mesh_dimension dimension, struct region_values *values)
{
	struct region_room *room = &question->cover->room;
	struct mesh_elements all = elements_of(question->cover, question->rule, dimension);
	struct mesh_elements set = meeting(all, dimension, question->family, region_all.spans[0]);

	*values = region_all;
	if (all.n == 0)
		return true;
	if (set.n <= COMPARED_MAX)
		return values_of_elements(room, dimension, &set, values);
	struct region_span hull = span_of_element(dimension, &set.elements[0]);
	hull.to = span_of_element(dimension, &set.elements[set.n - 1]).to;
	return region_values_of(room, hull, values);
}

/* Writes what another rule looks for among the packets in question: never more than it matches. */
static bool values_of_other(struct question *question, const struct mesh_rule *rule,
	enum mesh_dimension dimension, struct region_values *values)
{
	const struct region_values *asked = &question->region.by[dimension];
	const char *name = resolve_name(question->rule, dimension),
		   *others = resolve_name(rule, dimension);
	const struct region_span hull = { asked->spans[0].from, asked->spans[asked->n - 1].to };

	if (name != NULL && others != NULL && strncmp(name, others, MESH_SET_NAME_LEN) == 0) {
		*values = region_all;
		return true;
	}
	struct mesh_elements set = meeting(
		elements_of(question->cover, rule, dimension), dimension, question->family, hull);
	return set.n <= COMPARED_MAX &&
	       values_of_elements(&question->cover->room, dimension, &set, values);
}

static bool is_of_family(
	const struct mesh_rule *rule, enum mesh_dimension dimension, uint8_t family)
{
	if (!is_address(dimension))
		return true;
	if (rule->sets[dimension] != 0)
		return family != 0;
	return family == (dimension == MESH_BY_SOURCE ? rule->source : rule->destination).family;
}

/* Writes the packets that a rule matches; `other`: not the one in question. Returns false if there are none, or
 * they are not to be known. */
static bool region_of(
	struct question *question, const struct mesh_rule *rule, bool other, struct region *region)
{
	struct region_room *room = &question->cover->room;
	bool fits = true;

	for (int d = 0; d < REGION_DIMENSIONS && fits; d++) {
		region->by[d] = region_all;
		if (!(rule->conditions >> d & 1))
			continue;
		if (!is_of_family(rule, d, question->family))
			return false;
		if (rule->sets[d] == 0)
			fits = region_values_of(room, span_of_value(rule, d), &region->by[d]);
		else
			fits = other ? values_of_other(question, rule, d, &region->by[d])
				     : values_in_question(question, d, &region->by[d]);
		if (region->by[d].n == 0)
			return false;
	}
	return fits;
}

/* --- kinds --------------------------------------------------------------------------------------- */

/*
 * What packets of a kind and family have in common, by mesh_kind() and packet_hides(): a value a line. Readable
 * ones have all that their family allows.
 */
static const struct limit {
	uint8_t family;
	uint8_t kinds; /* bits */
	uint8_t dimension;
	uint32_t from, to;
} limits[] = {
	{ 0, 0xff, MESH_BY_PROTOCOL, NO_PROTOCOL, NO_PROTOCOL },
	{ 0, 0xff, MESH_BY_SOURCE_PORT, NO_PORT, NO_PORT },
	{ 0, 0xff, MESH_BY_DESTINATION_PORT, NO_PORT, NO_PORT },
	{ 4, 0xff, MESH_BY_ETHERTYPE, ETH_P_IP, ETH_P_IP },
	{ 6, 0xff, MESH_BY_ETHERTYPE, ETH_P_IPV6, ETH_P_IPV6 },
	{ 0, 1 << MESH_ARP, MESH_BY_ETHERTYPE, ETH_P_ARP, ETH_P_ARP },
	{ 6, 1 << MESH_NEIGHBOUR_DISCOVERY, MESH_BY_PROTOCOL, IPPROTO_ICMPV6, IPPROTO_ICMPV6 },
	{ 6, 1 << MESH_NEIGHBOUR_DISCOVERY | 1 << MESH_UNREADABLE, MESH_BY_SOURCE_PORT, NO_PORT,
		NO_PORT },
	{ 6, 1 << MESH_NEIGHBOUR_DISCOVERY | 1 << MESH_UNREADABLE, MESH_BY_DESTINATION_PORT,
		NO_PORT, NO_PORT },
	{ 4, 1 << MESH_UNREADABLE, MESH_BY_PROTOCOL, IPPROTO_TCP, IPPROTO_UDP },
	{ 4, 1 << MESH_UNREADABLE, MESH_BY_SOURCE_PORT, NO_PORT, NO_PORT },
	{ 4, 1 << MESH_UNREADABLE, MESH_BY_DESTINATION_PORT, NO_PORT, NO_PORT },
	{ 4, 1 << MESH_DHCP, MESH_BY_PROTOCOL, IPPROTO_UDP, IPPROTO_UDP },
	{ 4, 1 << MESH_DHCP, MESH_BY_DESTINATION_PORT, 67, 68 },
	{ 6, 1 << MESH_DHCP, MESH_BY_PROTOCOL, IPPROTO_UDP, IPPROTO_UDP },
	{ 6, 1 << MESH_DHCP, MESH_BY_DESTINATION_PORT, 546, 547 },
};

/* Families that a kind has, as bits 1 << family. */
static const uint8_t families[MESH_KINDS] = {
	[MESH_READABLE] = 1 << 0 | 1 << 4 | 1 << 6,
	[MESH_UNREADABLE] = 1 << 0 | 1 << 4 | 1 << 6,
	[MESH_ARP] = 1 << 0,
	[MESH_NEIGHBOUR_DISCOVERY] = 1 << 6,
	[MESH_DHCP] = 1 << 4 | 1 << 6,
};

/* Writes all packets of a kind. */
static bool region_of_kind(struct question *question, enum mesh_kind kind, struct region *region)
{
	bool fits = true;

	for (int d = 0; d < REGION_DIMENSIONS; d++)
		region->by[d] = region_all;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]) && fits; i++)
		if (limits[i].family == question->family && limits[i].kinds >> kind & 1)
			fits = region_values_of(&question->cover->room,
				span_of_numbers(limits[i].from, limits[i].to),
				&region->by[limits[i].dimension]);
	return fits;
}

/* --- answers ------------------------------------------------------------------------------------- */

enum answer {
	NOTHING, /* the rule matches no such packet */
	COVERED,
	NOT_COVERED, /* or not known */
};

/* Takes away what is of another kind, as far as its place tells that. */
static int take_other_kinds(struct question *question, struct regions *pieces)
{
	static const uint8_t others[] = { MESH_ARP, MESH_DHCP };
	int error = 0;

	for (size_t i = 0; i < sizeof(others) && question->kind == MESH_READABLE && error >= 0;
		i++) {
		struct region other;
		if (!(families[others[i]] >> question->family & 1))
			continue;
		if (!region_of_kind(question, others[i], &other))
			return -1;
		error = region_subtract(&question->cover->room, pieces, &other);
	}
	return error;
}

/* Writes what the rule matches of packets of the kind and family. */
static enum answer begin(struct question *question, struct regions *pieces)
{
	struct region_room *room = &question->cover->room;
	struct region of_kind, *region = &question->region;

	pieces->n = 0;
	room->n = 0;
	if (!region_of(question, question->rule, false, region))
		return room->n < room->max ? NOTHING : NOT_COVERED;
	if (!region_of_kind(question, question->kind, &of_kind))
		return NOT_COVERED;
	for (int d = 0; d < REGION_DIMENSIONS; d++) {
		if (!region_meet(room, &region->by[d], &of_kind.by[d], &region->by[d]))
			return NOT_COVERED;
		if (region->by[d].n == 0)
			return NOTHING;
	}
	pieces->list[pieces->n++] = *region;
	if (take_other_kinds(question, pieces) < 0)
		return NOT_COVERED;
	return pieces->n == 0 ? NOTHING : NOT_COVERED;
}

static enum answer ask(struct question *question, const uint16_t *by, uint32_t n)
{
	struct region_room *room = &question->cover->room;
	struct regions pieces;
	enum answer answer = begin(question, &pieces);

	for (uint32_t i = 0; i < n && pieces.n > 0 && answer == NOT_COVERED; i++) {
		const struct mesh_rule *rule = &question->cover->rules[by[i]];
		struct region region;
		if (!rule_is_for_kind(rule, question->kind) ||
			!region_of(question, rule, true, &region))
			continue;
		if (region_subtract(room, &pieces, &region) < 0)
			break;
		if (pieces.n == 0)
			answer = COVERED;
	}
	question->cover->work += room->n;
	return answer;
}

/* Asks about all families of a kind. */
static enum answer ask_kind(struct cover *cover, const struct mesh_rule *rule, enum mesh_kind kind,
	const uint16_t *by, uint32_t n)
{
	static const uint8_t order[] = { 4, 6, 0 };
	enum answer answer = NOTHING;

	if (!rule_is_for_kind(rule, kind))
		return NOTHING;
	for (size_t i = 0; i < sizeof(order) && answer != NOT_COVERED; i++) {
		struct question question = {
			.cover = cover, .rule = rule, .family = order[i], .kind = kind
		};
		if (!(families[kind] >> order[i] & 1))
			continue;
		enum answer part = ask(&question, by, n);
		answer = part > answer ? part : answer;
	}
	return answer;
}

bool cover_by(struct cover *cover, uint32_t number, const uint16_t *by, uint32_t n, uint32_t *still)
{
	const struct mesh_rule *rule = &cover->rules[number];
	bool some = false;

	*still = 0;
	if (n == 0 || cover->work > WORK_MAX)
		return false;
	for (enum mesh_kind kind = MESH_READABLE; kind < MESH_KINDS; kind++) {
		enum answer answer = ask_kind(cover, rule, kind, by, n);
		if (answer == NOT_COVERED && (kind == MESH_READABLE || rule_names_kind(rule, kind)))
			return false;
		some |= answer == COVERED;
		*still |= (uint32_t)(answer == NOT_COVERED) << kind;
	}
	return some;
}
