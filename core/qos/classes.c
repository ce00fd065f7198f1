// SPDX-License-Identifier: BSD-2-Clause
#include "qos/classes.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "mesh/resolve.h"
#include "mesh/rule.h"
#include "mesh/rule_notes.h"

#define COUNT(array)  ((uint32_t)(sizeof(array) / sizeof((array)[0])))
#define BY(dimension) (1 << (dimension))
#define BY_DSCP	      BY(MESH_BY_MAC) /* in its place: tc_classifier.h */
#define BY_DIRECTION  BY(MESH_BY_READABLE)

_Static_assert((int)CLASS_KIND_INGRESS >= (int)MESH_ARP && (int)CLASS_KIND_EGRESS < (int)MESH_KINDS,
	"a line without a direction is for both: rule_is_for_kind()");
_Static_assert(CLASS_DECISION(CLASS_LINES_MAX - 1, TRAFFIC_CLASSES - 1) < MESH_NO_RULE, "an id");

/* Protocols that rules have no name for. */
static const struct rule_protocol more_protocols[] = {
	{ "igmp", IPPROTO_IGMP },
	{ "pim", 103 },
	{ "vrrp", 112 },
	{ "sctp", IPPROTO_SCTP },
	{ NULL, 0 },
};

/* --- names ------------------------------------------------------------------------------------- */

int class_names_number(struct class_names *names, const char *name)
{
	int unused = 0;

	for (int i = TRAFFIC_CLASSES - 1; i >= 0; i--) {
		if (strcmp(names->names[i], name) == 0)
			return i;
		if (names->names[i][0] == '\0')
			unused = i;
	}
	if (!sets_name_valid(name))
		return -EINVAL;
	if (unused == 0)
		return -ENOSPC;
	snprintf(names->names[unused], sizeof(names->names[unused]), "%s", name);
	return unused;
}

/* --- reading ----------------------------------------------------------------------------------- */

/* What a line is read into: the conditions that rules have go there as text. */
struct reading {
	const struct words *words;
	uint32_t n, at; /* words of conditions, and the next one */
	char rest[WORDS_TEXT_LEN + 16];
	size_t length;
	struct class_line *line;
	struct failure *failure;
};

static void pass_on(struct reading *r, const char *word)
{
	size_t room = sizeof(r->rest) - r->length;
	int length = snprintf(r->rest + r->length, room, " %s", word);

	r->length += (size_t)length < room ? (size_t)length : room - 1;
}

/* Returns the value behind a condition, or NULL with the failure set. */
static const char *value_of(struct reading *r, const char *word)
{
	if (r->at < r->n)
		return r->words->word[r->at++];
	failure_set(r->failure, -EINVAL, "Nothing follows \"%s\", or no class is named", word);
	return NULL;
}

static int look_at(struct reading *r, int condition, const char *word)
{
	if (r->line->rule.conditions & condition)
		return failure_set(r->failure, -EINVAL, "The line has a second \"%s\"", word);
	r->line->rule.conditions |= (uint16_t)condition;
	return 0;
}

static int read_dscp(struct reading *r, const char *word)
{
	const char *value = value_of(r, word);
	int dscp = value == NULL ? -EINVAL : classes_dscp_find(value);

	if (value == NULL)
		return dscp;
	if (dscp < 0)
		return failure_set(r->failure, -EINVAL,
			"\"%s\" is no value for \"%s\": use a code point such as ef, af41 or 0 to 63",
			value, word);
	r->line->rule.mac[4] = CLASS_DSCP_KEY;
	r->line->rule.mac[5] = (uint8_t)dscp;
	return look_at(r, BY_DSCP, word);
}

static int read_direction(struct reading *r, const char *word)
{
	r->line->rule.kind = strcmp(word, "egress") == 0 ? CLASS_KIND_EGRESS : CLASS_KIND_INGRESS;
	return look_at(r, BY_DIRECTION, "ingress\" or \"egress");
}

/* Reads the path of a cgroup, which is kept where rules have a comment: what is sent in it. */
static int read_cgroup(struct reading *r, const char *word)
{
	const char *path = value_of(r, word);
	uint32_t levels = 1;

	if (path == NULL)
		return -EINVAL;
	path += path[0] == '/';
	for (const char *at = path; *at != '\0'; at++)
		levels += *at == '/';
	if (path[0] == '\0' || strlen(path) >= MESH_COMMENT_LEN || strstr(path, "..") != NULL ||
		strstr(path, "//") != NULL || strpbrk(path, "\" ") != NULL ||
		!words_printable(path) || path[strlen(path) - 1] == '/' ||
		levels > CLASS_CGROUP_LEVELS)
		return failure_set(r->failure, -EINVAL,
			"\"%.80s\" cannot be a cgroup: write its path, as system.slice/ssh.service, of up to %d characters and %d levels",
			path, MESH_COMMENT_LEN - 1, CLASS_CGROUP_LEVELS);
	if (r->line->rule.comment[0] != '\0')
		return failure_set(r->failure, -EINVAL, "The line has a second \"%s\"", word);
	snprintf(r->line->rule.comment, sizeof(r->line->rule.comment), "%s", path);
	return 0;
}

/* A cgroup is that of a process, which sends. */
static int complete_cgroup(struct reading *r)
{
	struct mesh_rule *rule = &r->line->rule;

	if (rule->comment[0] == '\0')
		return 0;
	if (rule->conditions & BY_DIRECTION && rule->kind == CLASS_KIND_INGRESS)
		return failure_set(r->failure, -EINVAL,
			"What is received is of no cgroup yet: leave \"ingress\" away");
	rule->conditions |= BY_DIRECTION;
	rule->kind = CLASS_KIND_EGRESS;
	return 0;
}

static int read_protocol(struct reading *r, const char *word)
{
	const char *value = value_of(r, word);
	char number[8];

	if (value == NULL)
		return -EINVAL;
	pass_on(r, "proto");
	for (const struct rule_protocol *more = more_protocols; more->name != NULL; more++) {
		if (strcmp(more->name, value) != 0)
			continue;
		snprintf(number, sizeof(number), "%u", more->number);
		value = number;
		break;
	}
	pass_on(r, value);
	return 0;
}

/* A condition of rules, of a word and a value; "on" is "in". */
static int read_pair(struct reading *r, const char *word)
{
	const char *value = value_of(r, word);

	if (value == NULL)
		return -EINVAL;
	pass_on(r, strcmp(word, "on") == 0 ? "in" : word);
	pass_on(r, value);
	return 0;
}

static int refuse(struct reading *r, const char *word)
{
	if (word[0] == '\0')
		failure_set(
			r->failure, -EINVAL, "A line of the classes has conditions and a class");
	else
		failure_set(r->failure, -EINVAL, "A line of the classes cannot have \"%s\"", word);
	return failure_remedy(r->failure,
		"Write dscp, ethertype, proto, tcp, udp, port, sport, from, to, vlan, on, cgroup, "
		"ingress, egress or all, and then a class");
}

/* The first words of conditions; others are values, which rules know. */
static const struct {
	const char *word;
	int (*read)(struct reading *r, const char *word);
} conditions[] = {
	{ "dscp", read_dscp },
	{ "ingress", read_direction },
	{ "egress", read_direction },
	{ "cgroup", read_cgroup },
	{ "proto", read_protocol },
	{ "protocol", read_protocol },
	{ "from", read_pair },
	{ "to", read_pair },
	{ "tcp", read_pair },
	{ "udp", read_pair },
	{ "port", read_pair },
	{ "sport", read_pair },
	{ "ethertype", read_pair },
	{ "vlan", read_pair },
	{ "in", read_pair },
	{ "on", read_pair },
	{ "mac", refuse },
	{ "unreadable", refuse },
	{ "arp", refuse },
	{ "nd", refuse },
	{ "dhcp", refuse },
};

static int read_condition(struct reading *r)
{
	const char *word = r->words->word[r->at++];

	for (uint32_t i = 0; i < COUNT(conditions); i++)
		if (strcmp(conditions[i].word, word) == 0)
			return conditions[i].read(r, word);
	/* Else it is an address or a set. */
	if (rule_note_begins(word) || (strpbrk(word, ".:@") == NULL && strcmp(word, "all") != 0))
		return refuse(r, word);
	pass_on(r, word);
	return 0;
}

static int read_conditions(struct reading *r)
{
	static const char action[] = "pass";
	struct mesh_rule *rule = &r->line->rule, rest;
	int error = 0;

	r->length = (size_t)snprintf(r->rest, sizeof(r->rest), "%s", action);
	while (r->at < r->n && error == 0)
		error = read_condition(r);
	if (error == 0)
		error = complete_cgroup(r);
	if (error < 0)
		return error;
	if (r->n == 0)
		return refuse(r, "");
	if (r->length == sizeof(action) - 1)
		pass_on(r, "all");
	error = rule_parse(r->rest, &rest, r->failure);
	if (error < 0)
		return error;
	rest.conditions |= rule->conditions;
	memcpy(rest.mac, rule->mac, sizeof(rest.mac));
	memcpy(rest.comment, rule->comment, sizeof(rest.comment));
	rest.kind = rule->kind;
	rest.match = (uint8_t)rule_match(&rest);
	*rule = rest;
	return 0;
}

static int refuse_class(int error, const char *name, struct failure *failure)
{
	if (error == -ENOSPC)
		return failure_set(failure, error, "No room for the class \"%s\": there are %d",
			name, CLASSES_MAX);
	failure_set(failure, -EINVAL, "\"%s\" cannot be the name of a traffic class", name);
	return failure_remedy(failure,
		"A name has up to %d letters, digits, - and _; none removes a line",
		CLASS_NAME_LEN - 1);
}

/* Returns how many of the last words name a class. "best effort" is how that was written once. */
static uint32_t class_words(const struct words *words)
{
	return words->n > 2 && strcmp(words->word[words->n - 2], "best") == 0 &&
			       strcmp(words->word[words->n - 1], "effort") == 0
		       ? 2
		       : 1;
}

int classes_parse(const char *text, struct class_names *names, struct class_line *line,
	struct failure *failure)
{
	struct class_line read = { 0 };
	struct words words;

	int error = words_split(&words, text, "a line of the classes", failure);
	if (error)
		return error;
	uint32_t last = words.n - class_words(&words);
	struct reading reading = { .words = &words, .n = last, .line = &read, .failure = failure };
	error = read_conditions(&reading);
	if (error < 0)
		return error;
	const char *name = last + 1 < words.n ? names->names[CLASS_BEST_EFFORT] : words.word[last];
	int class = class_names_number(names, name);
	if (class < 0)
		return refuse_class(class, name, failure);
	read.class = (uint8_t) class;
	*line = read;
	return 0;
}

/* --- writing ----------------------------------------------------------------------------------- */

static const char *protocol_name(uint8_t protocol, char number[4])
{
	for (const struct rule_protocol *known = more_protocols; known->name != NULL; known++)
		if (known->number == protocol)
			return known->name;
	for (const struct rule_protocol *known = rule_protocols; known->name != NULL; known++)
		if (known->number == protocol)
			return known->name;
	snprintf(number, 4, "%u", protocol);
	return number;
}

static void append(char *text, size_t size, const char *word, const char *value)
{
	size_t length = strlen(text);

	snprintf(text + length, size - length, "%s%s%s%s", length > 0 ? " " : "", word,
		value[0] != '\0' ? " " : "", value);
}

/* Whether "tcp 22" says the protocol. */
static bool port_says_protocol(const struct mesh_rule *rule)
{
	return rule->conditions & BY(MESH_BY_DESTINATION_PORT) &&
	       (rule->protocol == IPPROTO_TCP || rule->protocol == IPPROTO_UDP);
}

void classes_format_conditions(const struct class_line *line, char *text, size_t size)
{
	struct mesh_rule rest = line->rule;
	char word[16], number[4];

	rest.conditions &= (uint16_t) ~(BY_DSCP | BY_DIRECTION);
	if (!port_says_protocol(&rest))
		rest.conditions &= (uint16_t)~BY(MESH_BY_PROTOCOL);
	rest.match = (uint8_t)rule_match(&rest);
	text[0] = '\0';
	if (rest.conditions != 0 || line->rule.conditions == 0)
		rule_format_key(&rest, text, size);
	if (line->rule.conditions & BY(MESH_BY_PROTOCOL) & ~rest.conditions)
		append(text, size, "proto", protocol_name(line->rule.protocol, number));
	if (line->rule.conditions & BY_DSCP) {
		classes_dscp_format(line->rule.mac[5], word, sizeof(word));
		append(text, size, "dscp", word);
	}
	if (line->rule.comment[0] != '\0')
		append(text, size, "cgroup", line->rule.comment);
	else if (line->rule.conditions & BY_DIRECTION)
		append(text, size, line->rule.kind == CLASS_KIND_EGRESS ? "egress" : "ingress", "");
}

void classes_format(
	const struct class_names *names, const struct class_line *line, char *text, size_t size)
{
	classes_format_conditions(line, text, size);
	append(text, size, line->class < TRAFFIC_CLASSES ? names->names[line->class] : "?", "");
}

/* --- lists ------------------------------------------------------------------------------------- */

bool classes_same(const struct class_line *a, const struct class_line *b)
{
	return strncmp(a->rule.comment, b->rule.comment, MESH_COMMENT_LEN) == 0 &&
	       rule_same_key(&a->rule, &b->rule);
}

int classes_cgroups(const struct class_lines *lines, const char *paths[CLASS_CGROUPS_MAX])
{
	int n = 0;

	for (uint32_t i = 0; i < lines->n; i++) {
		const char *path = lines->lines[i].rule.comment;
		int at = 0;
		while (at < n && strcmp(paths[at], path) != 0)
			at++;
		if (path[0] == '\0' || at < n)
			continue;
		if (n == CLASS_CGROUPS_MAX)
			return -ENOSPC;
		paths[n++] = path;
	}
	return n;
}

int classes_place(const struct class_lines *lines, const struct class_line *line)
{
	for (uint32_t i = 0; i < lines->n; i++)
		if (classes_same(&lines->lines[i], line))
			return (int)i;
	return -ENOENT;
}

uint32_t classes_used(const struct class_lines *lines, uint8_t used[CLASSES_MAX])
{
	bool seen[TRAFFIC_CLASSES] = { [CLASS_NONE] = true, [CLASS_BEST_EFFORT] = true };
	uint32_t count = 0;

	for (uint32_t i = 0; i < lines->n; i++) {
		uint8_t class = lines->lines[i].class;
		if (class >= TRAFFIC_CLASSES || seen[class])
			continue;
		seen[class] = true;
		used[count++] = class;
	}
	used[count++] = CLASS_BEST_EFFORT;
	return count;
}

int classes_name_set(const struct class_lines *lines, const char *set)
{
	for (uint32_t i = 0; i < lines->n; i++)
		for (uint32_t d = 0; d < MESH_DIMENSIONS; d++) {
			const char *name = resolve_name(&lines->lines[i].rule, d);
			if (name != NULL && strncmp(name, set, MESH_SET_NAME_LEN) == 0)
				return (int)i;
		}
	return -ENOENT;
}

bool classes_name_sets(const struct class_lines *lines)
{
	for (uint32_t i = 0; i < lines->n; i++)
		if (lines->lines[i].rule.names[0][0] != '\0')
			return true;
	return false;
}

bool classes_name_interfaces(const struct class_lines *lines)
{
	for (uint32_t i = 0; i < lines->n; i++)
		if (lines->lines[i].rule.conditions & BY(MESH_BY_INTERFACE))
			return true;
	return false;
}
