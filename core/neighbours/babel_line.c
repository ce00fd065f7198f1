// SPDX-License-Identifier: BSD-2-Clause
#include "neighbours/babel_line.h"

#include <stdlib.h>
#include <string.h>

#include "neighbours/entry.h"
#include "neighbours/source.h"

enum { WORDS_OF_LINE = 40 };

#define COST_INFINITE 65535 /* RFC 8966, section 3.5.2 */

static int split(char *line, char *words[WORDS_OF_LINE])
{
	int n = 0;
	char *rest = NULL;

	for (char *word = strtok_r(line, " \t\r", &rest); word != NULL && n < WORDS_OF_LINE;
		word = strtok_r(NULL, " \t\r", &rest))
		words[n++] = word;
	return n;
}

/* --- the words after the id: names and values by turns ----------------------------------------- */

static bool read_number(const char *text, int base, uint64_t *value)
{
	char *end;

	if (text[0] == '-' || text[0] == '+')
		return false;
	*value = strtoull(text, &end, base);
	return end != text && *end == '\0';
}

static bool take_address(struct neighbour *neighbour, const char *value)
{
	uint8_t family, address[ADDRESS_LEN];

	if (!entry_read_address(value, &family, address))
		return false;
	neighbour_set_address(neighbour, family, address);
	return true;
}

static bool take_prefix(struct neighbour *neighbour, const char *value)
{
	return entry_read_prefix(value, &neighbour->key);
}

static bool take_via(struct neighbour *neighbour, const char *value)
{
	return entry_read_address(value, &neighbour->via_family, neighbour->via);
}

static bool take_interface(struct neighbour *neighbour, const char *value)
{
	source_copy_text(neighbour->interface, sizeof(neighbour->interface), value);
	return true;
}

/* The history of hellos, the latest in the highest bit: RFC 8966, appendix A. */
static bool take_reach(struct neighbour *neighbour, const char *value)
{
	uint64_t reach;

	if (!read_number(value, 16, &reach) || reach > UINT16_MAX)
		return false;
	neighbour->quality = __builtin_popcountll(reach) / 16.0;
	return true;
}

static bool take_metric(struct neighbour *neighbour, const char *value)
{
	uint64_t metric;

	if (!read_number(value, 10, &metric) || metric > UINT32_MAX)
		return false;
	neighbour->metric = (double)metric;
	return true;
}

static bool take_installed(struct neighbour *neighbour, const char *value)
{
	neighbour->state = strcmp(value, "yes") == 0 ? "installed" : "alternative";
	return true;
}

static const struct {
	uint8_t kind;
	const char *name;
	bool (*take)(struct neighbour *neighbour, const char *value);
} members[] = {
	{ NEIGHBOUR_NODE, "address", take_address },
	{ NEIGHBOUR_NODE, "if", take_interface },
	{ NEIGHBOUR_NODE, "reach", take_reach },
	{ NEIGHBOUR_NODE, "cost", take_metric },
	{ NEIGHBOUR_ROUTE, "prefix", take_prefix },
	{ NEIGHBOUR_ROUTE, "installed", take_installed },
	{ NEIGHBOUR_ROUTE, "metric", take_metric },
	{ NEIGHBOUR_ROUTE, "via", take_via },
	{ NEIGHBOUR_ROUTE, "if", take_interface },
};

static bool take_member(struct neighbour *neighbour, const char *name, const char *value)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (members[i].kind == neighbour->key.kind && strcmp(members[i].name, name) == 0)
			return members[i].take(neighbour, value);
	return true; /* later versions say more */
}

static enum babel_line read_entry(
	char *const words[], int n, bool there, struct neighbour *neighbour)
{
	uint64_t id;

	if (n < 3 || !read_number(words[2], 16, &id))
		return BABEL_BROKEN;
	neighbour_init(
		neighbour, strcmp(words[1], "route") == 0 ? NEIGHBOUR_ROUTE : NEIGHBOUR_NODE);
	for (int i = 3; i + 1 < n; i += 2)
		if (!take_member(neighbour, words[i], words[i + 1]))
			return BABEL_BROKEN;
	if (there && neighbour->key.family == 0)
		return BABEL_BROKEN;
	if (neighbour->key.kind == NEIGHBOUR_NODE)
		neighbour->state = neighbour->metric >= COST_INFINITE ? "unreachable" : "reachable";
	neighbour->key.id = id;
	return there ? BABEL_PUT : BABEL_FLUSH;
}

/* --- lines ------------------------------------------------------------------------------------ */

static const struct {
	const char *word;
	enum babel_line line;
} first_words[] = {
	{ "add", BABEL_PUT },
	{ "change", BABEL_PUT },
	{ "flush", BABEL_FLUSH },
	{ "ok", BABEL_OK },
	{ "no", BABEL_REFUSED },
	{ "bad", BABEL_REFUSED },
};

enum babel_line babel_line_read(char *line, struct neighbour *neighbour)
{
	char *words[WORDS_OF_LINE];
	int n = split(line, words);
	enum babel_line kind = BABEL_OTHER;

	for (size_t i = 0; n > 0 && i < sizeof(first_words) / sizeof(first_words[0]); i++)
		if (strcmp(words[0], first_words[i].word) == 0)
			kind = first_words[i].line;
	if (kind != BABEL_PUT && kind != BABEL_FLUSH)
		return kind;
	if (n < 2)
		return BABEL_BROKEN;
	if (strcmp(words[1], "neighbour") != 0 && strcmp(words[1], "route") != 0)
		return BABEL_OTHER; /* interfaces, and the prefixes that this host announces */
	return read_entry(words, n, kind == BABEL_PUT, neighbour);
}
