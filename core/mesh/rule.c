// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/rule.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/hex.h"
#include "base/quantity.h"
#include "base/text.h"
#include "mesh/rule_notes.h"
#include "model/names.h"

#define BY(dimension) (1 << (dimension))

const struct rule_protocol rule_protocols[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "icmp", IPPROTO_ICMP },
	{ "icmpv6", IPPROTO_ICMPV6 },
	{ "gre", IPPROTO_GRE },
	{ "esp", IPPROTO_ESP },
	{ "ospf", 89 },
	{ NULL, 0 },
};

/* --- kinds --------------------------------------------------------------------------------------- */

const char *const rule_kinds[MESH_KINDS] = {
	[MESH_READABLE] = "?", /* no rule's */
	[MESH_UNREADABLE] = "unreadable",
	[MESH_ARP] = "arp",
	[MESH_NEIGHBOUR_DISCOVERY] = "nd",
	[MESH_DHCP] = "dhcp",
};

/* Returns whether every packet of a rule goes to ports of DHCP. */
static bool is_for_dhcp(const struct mesh_rule *rule)
{
	const struct mesh_range *ports = &rule->destination_port;

	return rule->conditions & BY(MESH_BY_DESTINATION_PORT) &&
	       rule->sets[MESH_BY_DESTINATION_PORT] == 0 &&
	       ((ports->from >= 67 && ports->to <= 68) || (ports->from >= 546 && ports->to <= 547));
}

bool rule_names_kind(const struct mesh_rule *rule, enum mesh_kind kind)
{
	if (rule->conditions & BY(MESH_BY_READABLE))
		return rule->kind == kind;
	if (kind >= MESH_ARP && rule->conditions & BY(MESH_BY_MAC))
		return true;
	if (kind == MESH_ARP)
		return rule->conditions & BY(MESH_BY_ETHERTYPE) && rule->ethertype == ETH_P_ARP;
	return kind == MESH_DHCP && is_for_dhcp(rule);
}

bool rule_is_for_kind(const struct mesh_rule *rule, enum mesh_kind kind)
{
	if (rule_names_kind(rule, kind))
		return true;
	if (rule->conditions & BY(MESH_BY_READABLE))
		return false;
	if (kind == MESH_UNREADABLE)
		return rule->action == MESH_DROP;
	return kind == MESH_READABLE || rule->action == MESH_PASS || rule->action == MESH_COUNT;
}

enum mesh_rule_match rule_match(const struct mesh_rule *rule)
{
	uint32_t conditions = rule->conditions;

	if (conditions == 0)
		return MESH_MATCH_ALL;
	if (conditions == BY(MESH_BY_SOURCE) && rule->sets[MESH_BY_SOURCE] == 0)
		return rule->source.family == 4 ? MESH_MATCH_PREFIX4 : MESH_MATCH_PREFIX6;
	if (conditions == BY(MESH_BY_MAC) && rule->sets[MESH_BY_MAC] == 0)
		return MESH_MATCH_MAC;
	if (conditions == (BY(MESH_BY_PROTOCOL) | BY(MESH_BY_DESTINATION_PORT)) &&
		rule->sets[MESH_BY_DESTINATION_PORT] == 0)
		return MESH_MATCH_PORT;
	return MESH_MATCH_SEVERAL;
}

/* --- text ---------------------------------------------------------------------------------------- */

struct writer {
	char *text;
	size_t size, length;
};

static void write_text(struct writer *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void write_text(struct writer *w, const char *format, ...)
{
	va_list arguments;

	if (w->length >= w->size)
		return;
	if (w->length > 0 && w->length + 1 < w->size)
		w->text[w->length++] = ' ';
	va_start(arguments, format);
	w->length += (size_t)vsnprintf(w->text + w->length, w->size - w->length, format, arguments);
	va_end(arguments);
}

void rule_format_prefix(const struct mesh_prefix *prefix, char *text, size_t size)
{
	char address[INET6_ADDRSTRLEN];

	inet_ntop(prefix->family == 6 ? AF_INET6 : AF_INET, prefix->address, address,
		sizeof(address));
	snprintf(text, size, "%s/%u", address, prefix->length);
}

void rule_format_ports(const struct mesh_range *range, char *text, size_t size)
{
	if (range->from == range->to)
		snprintf(text, size, "%u", range->from);
	else
		snprintf(text, size, "%u-%u", range->from, range->to);
}

static const char *protocol_name(uint8_t protocol)
{
	static char number[4];

	for (int i = 0; rule_protocols[i].name != NULL; i++)
		if (rule_protocols[i].number == protocol)
			return rule_protocols[i].name;
	snprintf(number, sizeof(number), "%u", protocol);
	return number;
}

/* Writes the value of a condition: a set's name, or what it is. */
static void format_value(
	const struct mesh_rule *rule, enum mesh_dimension dimension, char *text, size_t size)
{
	uint8_t set = rule->sets[dimension];

	if (set > 0 && set <= MESH_RULE_SETS_MAX)
		snprintf(text, size, "@%.*s", MESH_SET_NAME_LEN - 1, rule->names[set - 1]);
	else if (dimension == MESH_BY_SOURCE)
		rule_format_prefix(&rule->source, text, size);
	else if (dimension == MESH_BY_DESTINATION)
		rule_format_prefix(&rule->destination, text, size);
	else if (dimension == MESH_BY_MAC)
		hex_format_mac(rule->mac, text, size);
	else if (dimension == MESH_BY_SOURCE_PORT)
		rule_format_ports(&rule->source_port, text, size);
	else if (dimension == MESH_BY_DESTINATION_PORT)
		rule_format_ports(&rule->destination_port, text, size);
	else if (dimension == MESH_BY_PROTOCOL)
		snprintf(text, size, "%s", protocol_name(rule->protocol));
	else if (dimension == MESH_BY_ETHERTYPE)
		snprintf(text, size, "0x%04x", rule->ethertype);
	else if (dimension == MESH_BY_VLAN)
		snprintf(text, size, "%u", rule->vlan);
	else
		snprintf(text, size, "%.15s", rule->interface);
}

/* Returns the word before a value; "tcp 22" is one condition of two dimensions. */
static const char *word_of(const struct mesh_rule *rule, enum mesh_dimension dimension)
{
	static const char *const words[MESH_DIMENSIONS] = { "from", "to", "mac", "proto", "sport",
		"port", "ethertype", "vlan", "in", "" };
	bool port = rule->conditions & BY(MESH_BY_DESTINATION_PORT);
	bool joined = port && rule->conditions & BY(MESH_BY_PROTOCOL) &&
		      (rule->protocol == IPPROTO_TCP || rule->protocol == IPPROTO_UDP);

	if (joined && dimension == MESH_BY_PROTOCOL)
		return NULL;
	if (joined && dimension == MESH_BY_DESTINATION_PORT)
		return protocol_name(rule->protocol);
	return words[dimension];
}

static void write_conditions(struct writer *w, const struct mesh_rule *rule)
{
	char value[INET6_ADDRSTRLEN + 8];

	for (int dimension = 0; dimension < MESH_DIMENSIONS; dimension++) {
		const char *word = word_of(rule, dimension);
		if (!(rule->conditions & BY(dimension)) || word == NULL)
			continue;
		format_value(rule, dimension, value, sizeof(value));
		if (dimension == MESH_BY_READABLE)
			write_text(w, "%s", rule_kinds[rule->kind % MESH_KINDS]);
		else if (dimension == MESH_BY_SOURCE && rule->sets[dimension] == 0)
			write_text(w, "%s", value);
		else
			write_text(w, "%s %s", word, value);
	}
	if (rule->conditions == 0)
		write_text(w, "all");
}

void rule_format_key(const struct mesh_rule *rule, char *text, size_t size)
{
	struct writer w = { .text = text, .size = size };

	if (size > 0)
		text[0] = '\0';
	if (rule->match == MESH_MATCH_NONE)
		write_text(&w, "%s", mesh_match_names[MESH_MATCH_NONE]);
	else if (rule->match == MESH_MATCH_MAC)
		hex_format_mac(rule->mac, text, size);
	else
		write_conditions(&w, rule);
}

static void write_rate(struct writer *w, const struct mesh_rule *rule)
{
	char rate[QUANTITY_LEN];

	write_text(w, "%s%s burst %llu", quantity_format(rate, rule->rate),
		rule->unit == MESH_BITS_PER_SECOND ? "bit/s" : "/s",
		(unsigned long long)rule->burst);
}

void rule_format_limit(const struct mesh_rule *rule, char *text, size_t size)
{
	struct writer w = { .text = text, .size = size };

	if (size > 0)
		text[0] = '\0';
	if (rule->action == MESH_LIMIT)
		write_rate(&w, rule);
}

void rule_format_comment(const struct mesh_rule *rule, char text[MESH_COMMENT_LEN])
{
	memset(text, 0, MESH_COMMENT_LEN);
	for (int i = 0; i < MESH_COMMENT_LEN - 1 && rule->comment[i] != '\0'; i++) {
		unsigned char byte = (unsigned char)rule->comment[i];
		text[i] = (char)(byte < ' ' || byte > '~' || byte == '"' ? '?' : byte);
	}
}

/* What has expired says when. */
static void write_expiry(struct writer *w, const struct mesh_rule *rule, bool as_date)
{
	char date[RULE_DATE_LEN], left[DURATION_LEN];
	uint64_t seconds = rule_time_left(rule);

	if (seconds == UINT64_MAX)
		return;
	if (as_date || seconds == 0) {
		rule_format_date(rule, date);
		write_text(w, "until %s", date);
	} else {
		write_text(w, "for %s", duration_format(left, seconds));
	}
}

static void write_rule(const struct mesh_rule *rule, bool saved, char *text, size_t size)
{
	struct writer w = { .text = text, .size = size };
	char comment[MESH_COMMENT_LEN];

	if (size > 0)
		text[0] = '\0';
	if (saved && !rule->enabled)
		write_text(&w, "off");
	write_text(&w, "%s", rule->action < MESH_ACTIONS ? mesh_action_names[rule->action] : "?");
	if (rule->action == MESH_LIMIT)
		write_rate(&w, rule);
	write_conditions(&w, rule);
	write_expiry(&w, rule, saved);
	if (saved && rule->origin != MESH_ORIGIN_FILE && rule->origin != MESH_ORIGIN_NONE &&
		rule->origin < MESH_ORIGINS)
		write_text(&w, "origin %s", mesh_origin_names[rule->origin]);
	rule_format_comment(rule, comment);
	if (comment[0] != '\0')
		write_text(&w, "comment \"%s\"", comment);
}

void rule_format(const struct mesh_rule *rule, char *text, size_t size)
{
	write_rule(rule, false, text, size);
}

void rule_format_saved(const struct mesh_rule *rule, char *text, size_t size)
{
	write_rule(rule, true, text, size);
}

/* --- comparing ----------------------------------------------------------------------------------- */

/* Returns whether the first `bits` of two addresses are equal. */
bool rule_same_start(const uint8_t *a, const uint8_t *b, uint32_t bits)
{
	uint32_t bytes = bits / 8;

	return memcmp(a, b, bytes) == 0 &&
	       (bits % 8 == 0 || (a[bytes] ^ b[bytes]) >> (8 - bits % 8) == 0);
}

static bool prefix_covers(const struct mesh_prefix *wide, const struct mesh_prefix *narrow)
{
	return wide->family == narrow->family && wide->length <= narrow->length &&
	       rule_same_start(wide->address, narrow->address, wide->length);
}

static bool range_covers(const struct mesh_range *wide, const struct mesh_range *narrow)
{
	return wide->from <= narrow->from && wide->to >= narrow->to;
}

static const char *set_of(const struct mesh_rule *rule, enum mesh_dimension dimension)
{
	uint8_t set = rule->sets[dimension];

	return set > 0 && set <= MESH_RULE_SETS_MAX ? rule->names[set - 1] : NULL;
}

static bool same_set(
	const struct mesh_rule *rule, const struct mesh_rule *other, enum mesh_dimension dimension)
{
	const char *a = set_of(rule, dimension), *b = set_of(other, dimension);

	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Both look at the dimension. */
static bool value_covers(
	const struct mesh_rule *wide, const struct mesh_rule *narrow, enum mesh_dimension dimension)
{
	if (set_of(wide, dimension) != NULL || set_of(narrow, dimension) != NULL)
		return same_set(wide, narrow, dimension);
	switch (dimension) {
	case MESH_BY_SOURCE:
		return prefix_covers(&wide->source, &narrow->source);
	case MESH_BY_DESTINATION:
		return prefix_covers(&wide->destination, &narrow->destination);
	case MESH_BY_MAC:
		return memcmp(wide->mac, narrow->mac, sizeof(wide->mac)) == 0;
	case MESH_BY_PROTOCOL:
		return wide->protocol == narrow->protocol;
	case MESH_BY_SOURCE_PORT:
		return range_covers(&wide->source_port, &narrow->source_port);
	case MESH_BY_DESTINATION_PORT:
		return range_covers(&wide->destination_port, &narrow->destination_port);
	case MESH_BY_ETHERTYPE:
		return wide->ethertype == narrow->ethertype;
	case MESH_BY_VLAN:
		return wide->vlan == narrow->vlan;
	case MESH_BY_INTERFACE:
		return strcmp(wide->interface, narrow->interface) == 0;
	case MESH_BY_READABLE:
		return wide->kind == narrow->kind;
	default:
		return true;
	}
}

bool rule_covers(const struct mesh_rule *wide, const struct mesh_rule *narrow)
{
	if (wide->match == MESH_MATCH_NONE || narrow->match == MESH_MATCH_NONE)
		return false;
	for (int dimension = 0; dimension < MESH_DIMENSIONS; dimension++)
		if (wide->conditions & BY(dimension) &&
			!(narrow->conditions & BY(dimension) &&
				value_covers(wide, narrow, dimension)))
			return false;
	for (int kind = MESH_UNREADABLE; kind < MESH_KINDS; kind++)
		if (rule_names_kind(narrow, kind) && !rule_is_for_kind(wide, kind))
			return false;
	return true;
}

bool rule_same_key(const struct mesh_rule *a, const struct mesh_rule *b)
{
	return rule_covers(a, b) && rule_covers(b, a);
}

static bool ranges_meet(const struct mesh_range *a, const struct mesh_range *b)
{
	return a->from <= b->to && b->from <= a->to;
}

bool rule_may_meet(const struct mesh_rule *a, const struct mesh_rule *b)
{
	for (int dimension = 0; dimension < MESH_DIMENSIONS; dimension++) {
		if (!(a->conditions & b->conditions & BY(dimension)) ||
			set_of(a, dimension) != NULL || set_of(b, dimension) != NULL)
			continue;
		if (dimension == MESH_BY_SOURCE_PORT) {
			if (!ranges_meet(&a->source_port, &b->source_port))
				return false;
		} else if (dimension == MESH_BY_DESTINATION_PORT) {
			if (!ranges_meet(&a->destination_port, &b->destination_port))
				return false;
		} else if (!value_covers(a, b, dimension) && !value_covers(b, a, dimension)) {
			return false;
		}
	}
	return true;
}
