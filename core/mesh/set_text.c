// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/set_text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "mesh/rule.h"
#include "mesh/sets.h"

enum { MAC_TEXT_LEN = 17, NODE_TEXT_LEN = 16 };

/* Addresses as numbers, to cut ranges into prefixes. */
__extension__ typedef unsigned __int128 number;

/* --- elements -------------------------------------------------------------------------------- */

static int add(
	struct set_elements *elements, const struct mesh_element *element, struct failure *failure)
{
	int error = set_add(elements, element);

	if (error == -ENOSPC)
		return failure_set(
			failure, error, "A set holds at most %d elements", MESH_ELEMENTS_MAX);
	return error == 0 ? 0 : failure_set(failure, error, "Not enough memory for the set");
}

static number read_number(const struct mesh_prefix *prefix)
{
	number value = 0;

	for (int i = 0; i < (prefix->family == 4 ? 4 : 16); i++)
		value = value << 8 | prefix->address[i];
	return value;
}

static void write_number(number value, struct mesh_prefix *prefix)
{
	for (int i = prefix->family == 4 ? 3 : 15; i >= 0; i--, value >>= 8)
		prefix->address[i] = (__u8)value;
}

/* Adds the fewest prefixes that are all addresses from `first` to `last`. */
static int add_range(struct set_elements *elements, struct mesh_prefix first,
	const struct mesh_prefix *last, struct failure *failure)
{
	uint32_t bits = first.family == 4 ? 32 : 128;
	number from = read_number(&first), to = read_number(last);
	int error = 0;

	for (bool more = true; more && error == 0;) {
		number rest = 0; /* of the block: its addresses less one */
		uint32_t length = bits;
		while (length > 0 && (from & (rest << 1 | 1)) == 0 &&
			to - from >= (rest << 1 | 1)) {
			rest = rest << 1 | 1;
			length--;
		}
		struct mesh_element element = { .prefix = first };
		element.prefix.length = (__u8)length;
		write_number(from, &element.prefix);
		error = add(elements, &element, failure);
		more = to - from > rest;
		from += rest + 1;
	}
	return error;
}

static int read_prefix(struct set_elements *elements, const char *text, struct failure *failure)
{
	struct mesh_element element = { .prefix = { 0 } };
	struct mesh_prefix last;
	const char *dash = strchr(text, '-');
	char first[SET_ELEMENT_LEN];

	if (dash == NULL) {
		int error = rule_parse_prefix(text, &element.prefix, failure);
		return error < 0 ? error : add(elements, &element, failure);
	}
	snprintf(first, sizeof(first), "%.*s", (int)(dash - text), text);
	int error = rule_parse_prefix(first, &element.prefix, failure);
	if (error == 0)
		error = rule_parse_prefix(dash + 1, &last, failure);
	if (error < 0)
		return error;
	if (strchr(text, '/') != NULL || last.family != element.prefix.family ||
		memcmp(element.prefix.address, last.address, sizeof(last.address)) > 0)
		return failure_set(failure, -EINVAL, "\"%s\" is not a range of addresses", text);
	return add_range(elements, element.prefix, &last, failure);
}

static int read_mac(struct set_elements *elements, const char *text, struct failure *failure)
{
	struct mesh_element element = { .prefix = { 0 } };
	int error = rule_parse_mac(text, element.mac, failure);

	return error < 0 ? error : add(elements, &element, failure);
}

static int read_ports(struct set_elements *elements, const char *text, struct failure *failure)
{
	struct mesh_element element = { .prefix = { 0 } };
	int error = rule_parse_ports(text, &element.ports, failure);

	return error < 0 ? error : add(elements, &element, failure);
}

static int read_node(struct set_elements *elements, const char *text, struct failure *failure)
{
	struct mesh_element element = { .prefix = { 0 } };

	if (strlen(text) == NODE_TEXT_LEN &&
		hex_parse(text, element.node, sizeof(element.node)) >= 0)
		return add(elements, &element, failure);
	failure_set(failure, -EINVAL, "\"%s\" is not the id of a node", text);
	return failure_remedy(failure, "Write its 16 hexadecimal digits: x0top keys list");
}

/* --- text ------------------------------------------------------------------------------------ */

static uint32_t guess_kind(const char *text)
{
	size_t digits = strspn(text, "0123456789abcdefABCDEF");

	if (strlen(text) == MAC_TEXT_LEN && digits == 2 && text[2] == ':')
		return MESH_SET_MACS;
	if (strlen(text) == NODE_TEXT_LEN && digits == NODE_TEXT_LEN)
		return MESH_SET_NODES;
	return strpbrk(text, ".:") == NULL ? MESH_SET_PORTS : MESH_SET_PREFIXES;
}

int set_add_text(
	struct set_elements *elements, const char *text, size_t length, struct failure *failure)
{
	static int (*const readers[MESH_SET_KINDS])(
		struct set_elements * elements, const char *text, struct failure *failure) = {
		[MESH_SET_PREFIXES] = read_prefix,
		[MESH_SET_MACS] = read_mac,
		[MESH_SET_PORTS] = read_ports,
		[MESH_SET_NODES] = read_node,
	};
	char word[SET_ELEMENT_LEN];

	for (size_t i = 0; i < length; i++)
		if (text[i] < '!' || text[i] > '~')
			return failure_set(failure, -EINVAL,
				"Byte %zu of an element is no printable ASCII", i + 1);
	if (length == 0 || length >= sizeof(word))
		return failure_set(
			failure, -EINVAL, "An element has 1 to %d characters", SET_ELEMENT_LEN - 1);
	memcpy(word, text, length);
	word[length] = '\0';
	if (elements->kind == MESH_SET_KINDS)
		elements->kind = guess_kind(word);
	return readers[elements->kind](elements, word, failure);
}

static int wrong_line(const char *path, size_t line, size_t column, struct failure *failure)
{
	char what[FAILURE_SENTENCE_LEN];

	snprintf(what, sizeof(what), "%s", failure->what);
	snprintf(failure->what, sizeof(failure->what), "%.100s, line %zu, column %zu: %.120s", path,
		line, column, what);
	return failure->error;
}

/* Adds the element of a line, if there is one. Sets *column to where it begins, from 1 on. */
static int add_line(struct set_elements *elements, const char *line, size_t length, size_t *column,
	struct failure *failure)
{
	size_t begin = 0, end;

	while (begin < length && strchr(" \t\r", line[begin]) != NULL && line[begin] != '\0')
		begin++;
	*column = begin + 1;
	for (end = begin; end < length; end++)
		if (line[end] != '\0' && strchr(" \t\r#;,", line[end]) != NULL)
			break;
	return begin == end ? 0 : set_add_text(elements, line + begin, end - begin, failure);
}

int set_add_file(struct set_elements *elements, const char *path, const char *text, size_t size,
	struct failure *failure)
{
	static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8, before the first line */
	size_t at = size >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0, line = 1, column;

	for (; at < size; line++) {
		const char *end = memchr(text + at, '\n', size - at);
		size_t length = end != NULL ? (size_t)(end - text) - at : size - at;
		if (add_line(elements, text + at, length, &column, failure) < 0)
			return wrong_line(path, line, column, failure);
		at += length + 1;
	}
	return 0;
}

void set_format_element(
	uint32_t kind, const struct mesh_element *element, char text[SET_ELEMENT_LEN])
{
	if (kind == MESH_SET_PREFIXES)
		rule_format_prefix(&element->prefix, text, SET_ELEMENT_LEN);
	else if (kind == MESH_SET_MACS)
		hex_format_mac(element->mac, text, SET_ELEMENT_LEN);
	else if (kind == MESH_SET_PORTS)
		rule_format_ports(&element->ports, text, SET_ELEMENT_LEN);
	else
		hex_format(element->node, sizeof(element->node), text);
}
