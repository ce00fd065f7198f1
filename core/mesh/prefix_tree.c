// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/prefix_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mesh/short_table.h"

#define LENGTHS	  (128 + 1)
#define SHORT_MIN 2048 /* prefixes of a length that take a table of their own */

/* A prefix that contains the present one. */
struct around {
	uint64_t high, low;
	uint32_t length, class;
};

struct tree_builder {
	const struct mesh_order *order;
	struct mesh_classes *classes;
	struct mesh_line base;
	uint8_t nodes[MESH_TREE_NODES]; /* lengths, 0: none */
	struct around stack[LENGTHS]; /* by increasing length */
	uint32_t depth;
	struct mesh_key *keys;
	uint32_t n, room;
	int64_t last[LENGTHS]; /* the last key of each length, -1: none */
};

static void cut(uint64_t *high, uint64_t *low, uint32_t length)
{
	*low = length <= 64 ? 0 : *low & ~0ULL << (128 - length);
	if (length < 64)
		*high = length == 0 ? 0 : *high & ~0ULL << (64 - length);
}

static bool contains(const struct around *around, const struct mesh_item *item)
{
	uint64_t high = item->high, low = item->low;

	cut(&high, &low, around->length);
	return around->length <= item->length && high == around->high && low == around->low;
}

/* --- the tree of lengths ----------------------------------------------------------------------- */

/* Fills the nodes below `node` in order. Returns the next length to place. */
static const uint8_t *place(
	struct tree_builder *b, uint32_t node, const uint8_t *lengths, uint32_t n)
{
	if (node >= n)
		return lengths;
	lengths = place(b, 2 * node + 1, lengths, n);
	b->nodes[node] = *lengths++;
	return place(b, 2 * node + 2, lengths, n);
}

static void plan_tree(struct tree_builder *b, const struct mesh_items *items)
{
	bool used[LENGTHS] = { false };
	uint8_t lengths[LENGTHS];
	uint32_t n = 0;

	for (uint32_t i = 0; i < items->n; i++)
		used[items->items[i].length] = true;
	for (uint32_t length = 1; length < LENGTHS; length++)
		if (used[length])
			lengths[n++] = (uint8_t)length;
	place(b, 0, lengths, n);
}

/* --- keys ---------------------------------------------------------------------------------------- */

static uint32_t class_around(const struct tree_builder *b, uint32_t length)
{
	uint32_t i = b->depth;

	while (i > 0 && b->stack[i - 1].length > length)
		i--;
	return i > 0 ? b->stack[i - 1].class : 0;
}

/* Adds the first `length` bits of the innermost prefix, once: equal ones follow each other. */
static int add_key(struct tree_builder *b, const struct around *prefix, uint32_t length)
{
	struct mesh_key key = { prefix->high, prefix->low, length, class_around(b, length) };

	cut(&key.high, &key.low, length);
	int64_t last = b->last[length];
	if (last >= 0 && b->keys[last].high == key.high && b->keys[last].low == key.low)
		return 0;
	if (b->n == b->room) {
		uint32_t room = b->room == 0 ? 1024 : 2 * b->room;
		struct mesh_key *keys = realloc(b->keys, room * sizeof(*keys));
		if (keys == NULL)
			return -ENOMEM;
		b->keys = keys;
		b->room = room;
	}
	b->last[length] = b->n;
	b->keys[b->n++] = key;
	return 0;
}

/* Adds the prefix, and what leads to it in the tree. */
static int add_keys(struct tree_builder *b, const struct around *prefix)
{
	uint32_t node = 0;
	int error = 0;

	while (error == 0 && node < MESH_TREE_NODES && b->nodes[node] != 0) {
		uint32_t length = b->nodes[node];
		if (length > prefix->length) {
			node = 2 * node + 1;
			continue;
		}
		error = add_key(b, prefix, length);
		if (length == prefix->length)
			break;
		node = 2 * node + 2;
	}
	return error;
}

/* Finds the class of `n` equal items within what is around them, and adds their keys. */
static int add_prefix(struct tree_builder *b, const struct mesh_item *items, uint32_t n)
{
	while (b->depth > 0 && !contains(&b->stack[b->depth - 1], items))
		b->depth--;
	struct mesh_line line =
		b->depth > 0 ? b->classes->lines[b->stack[b->depth - 1].class] : b->base;
	for (uint32_t i = 0; i < n; i++)
		items_add_rules(b->order, &items[i], &line);
	int64_t class = classes_find(b->classes, &line);
	if (class < 0)
		return (int)class;
	struct around *top = &b->stack[b->depth++];
	*top = (struct around) { items->high, items->low, items->length, (uint32_t) class };
	return add_keys(b, top);
}

static int add_all(struct tree_builder *b, const struct mesh_items *items, struct mesh_table *table)
{
	const struct mesh_item *all = items->items;
	int error = 0;

	for (uint32_t i = 0, n; i < items->n && error == 0; i += n) {
		for (n = 1; i + n < items->n && all[i + n].high == all[i].high &&
			    all[i + n].low == all[i].low && all[i + n].length == all[i].length;)
			n++;
		error = add_prefix(b, &all[i], n);
		if (error == 0 && all[i].length == 0)
			table->shortest = b->stack[0].class;
	}
	return error;
}

/* --- tables -------------------------------------------------------------------------------------- */

static int add_tree(
	struct mesh_compiled *compiled, const void *nodes, size_t size, struct mesh_table *table)
{
	int64_t tree =
		lines_add(compiled, (uint32_t)((size + MESH_LINE_BYTES - 1) / MESH_LINE_BYTES));

	if (tree < 0)
		return (int)tree;
	memcpy(compiled->lines + tree, nodes, size);
	table->tree = (uint32_t)tree;
	return 0;
}

/* Moves the keys of a length to the end. Returns how many there are. */
static uint32_t part_length(struct tree_builder *b, uint32_t length)
{
	uint32_t others = 0;

	for (uint32_t i = 0; i < b->n; i++) {
		if (b->keys[i].length == length)
			continue;
		struct mesh_key key = b->keys[others];
		b->keys[others++] = b->keys[i];
		b->keys[i] = key;
	}
	return b->n - others;
}

/* Gives many keys of one length a short table, and takes them out of the others. */
static int add_node(struct tree_builder *b, struct mesh_compiled *compiled, struct mesh_node *node)
{
	uint32_t n = part_length(b, node->length);
	int error = 0;

	if (n >= SHORT_MIN && !b->order->source->no_shorts)
		error = short_table_add(compiled, b->keys + b->n - n, n, node);
	if (node->buckets > 0)
		b->n -= n;
	return error;
}

/* The nodes of IPv4. */
static int add_nodes(
	struct tree_builder *b, struct mesh_compiled *compiled, struct mesh_table *table)
{
	struct mesh_node nodes[MESH_TREE_NODES] = { { 0 } };
	uint32_t n = 0;
	int error = 0;

	while (error == 0 && n < MESH_TREE_NODES - 1 && b->nodes[n] != 0) {
		nodes[n].length = b->nodes[n];
		error = add_node(b, compiled, &nodes[n++]);
	}
	return error < 0 ? error : add_tree(compiled, nodes, (2 * n + 1) * sizeof(nodes[0]), table);
}

int prefix_tree_add(struct mesh_compiled *compiled, const struct mesh_order *order,
	enum mesh_dimension dimension, enum mesh_width width, const struct mesh_items *items,
	struct mesh_classes *classes, struct mesh_table *table)
{
	struct tree_builder *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return -ENOMEM;
	b->order = order;
	b->classes = classes;
	b->base = items_base(order, dimension);
	memset(b->last, -1, sizeof(b->last));
	plan_tree(b, items);
	int error = add_all(b, items, table);
	if (error == 0)
		error = width == MESH_WIDE ? add_tree(compiled, b->nodes, sizeof(b->nodes), table)
					   : add_nodes(b, compiled, table);
	if (error == 0)
		error = lines_add_table(compiled, width, b->keys, b->n, table);
	free(b->keys);
	free(b);
	return error;
}
