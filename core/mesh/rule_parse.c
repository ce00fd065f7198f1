// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"
#include "base/words.h"
#include "mesh/rule.h"
#include "mesh/rule_notes.h"
#include "mesh/sets.h"
#include "model/names.h"

#define RATE_MAX 1000000000000u /* a second */

static int twice(struct failure *failure, const char *word)
{
	return failure_set(failure, -EINVAL, "The mesh rule has a second \"%s\"", word);
}

static int look_at(struct mesh_rule *rule, enum mesh_dimension dimension, const char *word,
	struct failure *failure)
{
	if (rule->conditions >> dimension & 1)
		return twice(failure, word);
	rule->conditions |= (uint16_t)(1 << dimension);
	return 0;
}

/* --- sets ---------------------------------------------------------------------------------------- */

static int name_set(struct mesh_rule *rule, enum mesh_dimension dimension, const char *name,
	struct failure *failure)
{
	if (!sets_name_valid(name))
		return failure_set(failure, -EINVAL, "\"%s\" cannot be the name of a set", name);
	for (uint8_t i = 0; i < MESH_RULE_SETS_MAX; i++) {
		if (rule->names[i][0] != '\0' && strcmp(rule->names[i], name) != 0)
			continue;
		snprintf(rule->names[i], sizeof(rule->names[i]), "%s", name);
		rule->sets[dimension] = (uint8_t)(1 + i);
		return 0;
	}
	return failure_set(
		failure, -EINVAL, "A mesh rule names %d sets at most", MESH_RULE_SETS_MAX);
}

/* --- conditions ---------------------------------------------------------------------------------- */

static int read_source(const char *text, struct mesh_rule *rule, struct failure *failure)
{
	return rule_parse_prefix(text, &rule->source, failure);
}

static int read_destination(const char *text, struct mesh_rule *rule, struct failure *failure)
{
	return rule_parse_prefix(text, &rule->destination, failure);
}

static int read_mac(const char *text, struct mesh_rule *rule, struct failure *failure)
{
	return rule_parse_mac(text, rule->mac, failure);
}

static int read_source_port(const char *text, struct mesh_rule *rule, struct failure *failure)
{
	return rule_parse_ports(text, &rule->source_port, failure);
}

static int read_port(const char *text, struct mesh_rule *rule, struct failure *failure)
{
	return rule_parse_ports(text, &rule->destination_port, failure);
}

static int read_number(const char *text, uint64_t maximum, const char *what, uint16_t *number,
	struct failure *failure)
{
	uint64_t value;

	if (words_number(text, 0, maximum, &value) != 0)
		return failure_set(failure, -EINVAL, "\"%s\" is not %s: that is a number up to %u",
			text, what, (unsigned)maximum);
	*number = (uint16_t)value;
	return 0;
}

static int read_protocol(const char *text, struct mesh_rule *rule, struct failure *failure)
{
	uint16_t number = 0;
	int error = 0;

	for (int i = 0; rule_protocols[i].name != NULL; i++)
		if (strcmp(text, rule_protocols[i].name) == 0)
			number = rule_protocols[i].number;
	if (number == 0)
		error = read_number(text, 255, "a protocol", &number, failure);
	rule->protocol = (uint8_t)number;
	return error;
}

static int read_ethertype(const char *text, struct mesh_rule *rule, struct failure *failure)
{
	return read_number(text, 0xffff, "an ethertype", &rule->ethertype, failure);
}

static int read_vlan(const char *text, struct mesh_rule *rule, struct failure *failure)
{
	return read_number(text, 4095, "a VLAN", &rule->vlan, failure);
}

static int read_interface(const char *text, struct mesh_rule *rule, struct failure *failure)
{
	if (strlen(text) >= sizeof(rule->interface) || strchr(text, '/') != NULL)
		return failure_set(
			failure, -EINVAL, "\"%s\" cannot be the name of an interface", text);
	strncpy(rule->interface, text, sizeof(rule->interface) - 1);
	return 0;
}

/* Conditions of a word and a value; `protocol`: of the port that follows. */
static const struct {
	const char *word;
	enum mesh_dimension dimension;
	int (*read)(const char *text, struct mesh_rule *rule, struct failure *failure);
	bool takes_set;
	uint8_t protocol;
} conditions[] = {
	{ "from", MESH_BY_SOURCE, read_source, true, 0 },
	{ "to", MESH_BY_DESTINATION, read_destination, true, 0 },
	{ "mac", MESH_BY_MAC, read_mac, true, 0 },
	{ "proto", MESH_BY_PROTOCOL, read_protocol, false, 0 },
	{ "tcp", MESH_BY_DESTINATION_PORT, read_port, true, IPPROTO_TCP },
	{ "udp", MESH_BY_DESTINATION_PORT, read_port, true, IPPROTO_UDP },
	{ "port", MESH_BY_DESTINATION_PORT, read_port, true, 0 },
	{ "sport", MESH_BY_SOURCE_PORT, read_source_port, true, 0 },
	{ "ethertype", MESH_BY_ETHERTYPE, read_ethertype, false, 0 },
	{ "vlan", MESH_BY_VLAN, read_vlan, false, 0 },
	{ "in", MESH_BY_INTERFACE, read_interface, false, 0 },
};

static int read_pair(size_t i, const char *value, struct mesh_rule *rule, struct failure *failure)
{
	int error = look_at(rule, conditions[i].dimension, conditions[i].word, failure);

	if (error == 0 && conditions[i].protocol != 0) {
		error = look_at(rule, MESH_BY_PROTOCOL, conditions[i].word, failure);
		rule->protocol = conditions[i].protocol;
	}
	if (error < 0)
		return error;
	if (value[0] == '@' && conditions[i].takes_set)
		return name_set(rule, conditions[i].dimension, value + 1, failure);
	return conditions[i].read(value, rule, failure);
}

static int nothing_follows(const char *word, struct failure *failure)
{
	rule_key_error(failure, word);
	return failure_set(failure, -EINVAL, "Nothing follows \"%s\"", word);
}

/* Returns whether a word was meant as an address, and is not a misspelt condition. */
static bool is_like_address(const char *word)
{
	return (word[0] >= '0' && word[0] <= '9') || strpbrk(word, ":/@") != NULL;
}

/* Reads the condition that begins at *word, and moves on behind it. */
static int read_condition(const char *const *words, uint32_t n, uint32_t *at,
	struct mesh_rule *rule, struct failure *failure)
{
	const char *word = words[(*at)++];

	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		if (strcmp(word, conditions[i].word) != 0)
			continue;
		if (*at == n)
			return nothing_follows(word, failure);
		return read_pair(i, words[(*at)++], rule, failure);
	}
	for (uint8_t kind = MESH_UNREADABLE; kind < MESH_KINDS; kind++) {
		if (strcmp(word, rule_kinds[kind]) != 0)
			continue;
		rule->kind = kind;
		return look_at(rule, MESH_BY_READABLE, word, failure);
	}
	if (rule->conditions >> MESH_BY_SOURCE & 1 || !is_like_address(word))
		return rule_key_error(failure, word);
	return read_pair(0, word, rule, failure);
}

/* Reads conditions up to the first note, and moves on behind them. */
static int read_conditions(const char *const *words, uint32_t n, uint32_t *at,
	struct mesh_rule *rule, struct failure *failure)
{
	int error = 0;

	if (*at == n || rule_note_begins(words[*at])) {
		rule_key_error(failure, "");
		return failure_set(failure, -EINVAL, "The mesh rule has no key");
	}
	if (strcmp(words[*at], "all") == 0) {
		(*at)++;
		return 0;
	}
	while (*at < n && error == 0 && !rule_note_begins(words[*at]))
		error = read_condition(words, n, at, rule, failure);
	return error;
}

/* --- rates --------------------------------------------------------------------------------------- */

static int read_rate(const char *text, struct mesh_rule *rule, struct failure *failure)
{
	const char *end;
	uint64_t rate;

	if (quantity_parse(text, RATE_MAX, &rate, &end) == 0) {
		rule->rate = rate;
		if (strcmp(end, "/s") == 0)
			return 0;
		rule->unit = MESH_BITS_PER_SECOND;
		if (strcmp(end, "bit/s") == 0)
			return 0;
	}
	failure_set(failure, -EINVAL, "\"%s\" is not a rate", text);
	return failure_remedy(failure, "Write packets, as 1000/s or 20k/s, or bits, as 10Mbit/s");
}

/* Reads "RATE [burst NUMBER]", and moves on behind it. A tenth of a second is the usual burst. */
static int read_limit(const char *const *words, uint32_t n, uint32_t *at, struct mesh_rule *rule,
	struct failure *failure)
{
	uint64_t least = 1;
	int error = read_rate(*at < n ? words[(*at)++] : "", rule, failure);

	if (error < 0)
		return error;
	rule->burst = rule->rate / 10;
	if (rule->unit == MESH_BITS_PER_SECOND) {
		rule->burst /= 8;
		least = 2000; /* bytes: a frame, with room */
	}
	rule->burst = rule->burst < least ? least : rule->burst;
	if (*at >= n || strcmp(words[*at], "burst") != 0)
		return 0;
	(*at)++;
	uint64_t burst;
	if (words_number(*at < n ? words[(*at)++] : "", least, UINT32_MAX, &burst) == 0) {
		rule->burst = burst;
		return 0;
	}
	return failure_set(failure, -EINVAL, "A burst is a number of %s from %u on",
		least > 1 ? "bytes" : "packets", (unsigned)least);
}

int rule_parse(const char *text, struct mesh_rule *rule, struct failure *failure)
{
	struct mesh_rule parsed;
	struct words words;
	uint32_t at = 1;

	int error = words_split(&words, text, "a mesh rule", failure);
	if (error)
		return error;
	int action = names_find(mesh_action_names, words.word[0]);
	if (action < 0) {
		failure_set(failure, -EINVAL, "Unknown action \"%s\"", words.word[0]);
		return failure_remedy(failure,
			"Begin the mesh rule with \"pass\", \"drop\", \"limit\" or \"count\"");
	}
	memset(&parsed, 0, sizeof(parsed)); /* the kernel sees every byte of it */
	parsed.enabled = 1;
	parsed.action = (uint8_t)action;
	if (action == MESH_LIMIT)
		error = read_limit(words.word, words.n, &at, &parsed, failure);
	if (error == 0)
		error = read_conditions(words.word, words.n, &at, &parsed, failure);
	if (error == 0)
		error = rule_notes_parse(text, &words, at, &parsed, failure);
	if (error)
		return error;
	parsed.match = (uint8_t)rule_match(&parsed);
	*rule = parsed;
	return 0;
}
