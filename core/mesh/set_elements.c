// SPDX-License-Identifier: BSD-2-Clause
/* Elements of a set: collected, put in order, searched. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "mesh/rule.h"
#include "mesh/set_text.h"

int set_add(struct set_elements *elements, const struct mesh_element *element)
{
	if (elements->n == MESH_ELEMENTS_MAX)
		return -ENOSPC;
	if (elements->n == elements->room) {
		uint32_t room = elements->room == 0 ? 64 : 2 * elements->room;
		struct mesh_element *list = realloc(elements->list, room * sizeof(*list));
		if (list == NULL)
			return -ENOMEM;
		elements->list = list;
		elements->room = room;
	}
	elements->list[elements->n++] = *element;
	return 0;
}

/* --- order ----------------------------------------------------------------------------------- */

/* Each family by address; of equal ones the shorter prefix first, which holds the longer. */
static int compare_prefixes(const void *a, const void *b)
{
	const struct mesh_prefix *left = a, *right = b;
	int order = left->family - right->family;

	if (order == 0)
		order = memcmp(left->address, right->address, sizeof(left->address));
	return order == 0 ? left->length - right->length : order;
}

static int compare_macs(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(((struct mesh_element *)0)->mac));
}

static int compare_nodes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(((struct mesh_element *)0)->node));
}

static int compare_ports(const void *a, const void *b)
{
	const struct mesh_range *left = a, *right = b;

	return left->from != right->from ? left->from - right->from : left->to - right->to;
}

/* --- overlaps: whether `element`, which comes behind `before`, is in it or makes it longer ---------- */

static bool in_prefix(struct mesh_element *before, const struct mesh_element *element)
{
	return before->prefix.family == element->prefix.family &&
	       before->prefix.length <= element->prefix.length &&
	       rule_same_start(
		       before->prefix.address, element->prefix.address, before->prefix.length);
}

static bool same_mac(struct mesh_element *before, const struct mesh_element *element)
{
	return compare_macs(before, element) == 0;
}

static bool same_node(struct mesh_element *before, const struct mesh_element *element)
{
	return compare_nodes(before, element) == 0;
}

static bool joins_ports(struct mesh_element *before, const struct mesh_element *element)
{
	if (element->ports.from > before->ports.to + 1)
		return false;
	if (element->ports.to > before->ports.to)
		before->ports.to = element->ports.to;
	return true;
}

static const struct {
	int (*compare)(const void *a, const void *b);
	bool (*joins)(struct mesh_element *before, const struct mesh_element *element);
} kinds[MESH_SET_KINDS] = {
	[MESH_SET_PREFIXES] = { compare_prefixes, in_prefix },
	[MESH_SET_MACS] = { compare_macs, same_mac },
	[MESH_SET_PORTS] = { compare_ports, joins_ports },
	[MESH_SET_NODES] = { compare_nodes, same_node },
};

void set_merge(struct set_elements *elements)
{
	uint32_t kind = elements->kind, kept = 0;

	if (elements->n == 0)
		return;
	qsort(elements->list, elements->n, sizeof(*elements->list), kinds[kind].compare);
	for (uint32_t i = 0; i < elements->n; i++)
		if (kept == 0 || !kinds[kind].joins(&elements->list[kept - 1], &elements->list[i]))
			elements->list[kept++] = elements->list[i];
	elements->n = kept;
}

const struct mesh_element *set_find(uint32_t kind, const struct mesh_element *list, uint32_t n,
	const struct mesh_element *element)
{
	uint32_t first = 0, behind = n;

	/* The last that is not behind the element: what holds it begins before it, and nothing overlaps. */
	while (first < behind) {
		uint32_t middle = first + (behind - first) / 2;
		if (kinds[kind].compare(&list[middle], element) <= 0)
			first = middle + 1;
		else
			behind = middle;
	}
	if (first == 0)
		return NULL;
	struct mesh_element before = list[first - 1];
	if (kind == MESH_SET_PORTS)
		return element->ports.to <= before.ports.to ? &list[first - 1] : NULL;
	return kinds[kind].joins(&before, element) ? &list[first - 1] : NULL;
}
