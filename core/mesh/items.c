// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/items.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool looks_at(const struct mesh_rule *rule, enum mesh_dimension dimension)
{
	return rule->conditions >> dimension & 1;
}

struct mesh_line items_base(const struct mesh_order *order, enum mesh_dimension dimension)
{
	struct mesh_line line = { { 0 } };

	for (uint32_t bit = 0; bit < order->n; bit++)
		if (!looks_at(order->rules[bit], dimension))
			line_set(&line, bit);
	return line;
}

void items_add_rules(
	const struct mesh_order *order, const struct mesh_item *item, struct mesh_line *line)
{
	if (item->rules < MESH_RULES_MAX)
		line_set(line, item->rules);
	else
		line_or(line, &order->sets[item->rules - MESH_RULES_MAX]);
}

/* --- one item ---------------------------------------------------------------------------------- */

static bool prefix_item(const struct mesh_prefix *prefix, int family, struct mesh_item *item)
{
	uint64_t words[2];

	memcpy(words, prefix->address, sizeof(words));
	item->high = be64toh(words[0]);
	item->low = be64toh(words[1]);
	item->length = prefix->length;
	return prefix->family == family;
}

static bool mac_item(const __u8 *mac, struct mesh_item *item)
{
	for (int i = 0; i < 6; i++)
		item->high = item->high << 8 | mac[i];
	return true;
}

static bool range_item(const struct mesh_range *range, struct mesh_item *item)
{
	item->high = range->from;
	item->low = range->to;
	return true;
}

static bool number_item(uint16_t number, struct mesh_item *item)
{
	return range_item(&(struct mesh_range) { number, number }, item);
}

static bool interface_item(
	const struct mesh_order *order, const struct mesh_rule *rule, struct mesh_item *item)
{
	item->high = order->source->ifindex(rule->interface);
	return item->high != 0;
}

/* Returns false if the rule names nothing of that kind. */
static bool literal_item(const struct mesh_order *order, const struct mesh_rule *rule,
	enum mesh_dimension dimension, int family, struct mesh_item *item)
{
	switch (dimension) {
	case MESH_BY_SOURCE:
		return prefix_item(&rule->source, family, item);
	case MESH_BY_DESTINATION:
		return prefix_item(&rule->destination, family, item);
	case MESH_BY_MAC:
		return mac_item(rule->mac, item);
	case MESH_BY_PROTOCOL:
		return number_item(rule->protocol, item);
	case MESH_BY_SOURCE_PORT:
		return range_item(&rule->source_port, item);
	case MESH_BY_DESTINATION_PORT:
		return range_item(&rule->destination_port, item);
	case MESH_BY_ETHERTYPE:
		return number_item(rule->ethertype, item);
	case MESH_BY_VLAN:
		return number_item(rule->vlan, item);
	case MESH_BY_INTERFACE:
		return interface_item(order, rule, item);
	default:
		return false;
	}
}

static bool set_item(
	uint32_t kind, const struct mesh_element *element, int family, struct mesh_item *item)
{
	if (kind == MESH_SET_PREFIXES)
		return prefix_item(&element->prefix, family, item);
	if (kind == MESH_SET_MACS)
		return mac_item(element->mac, item);
	return range_item(&element->ports, item);
}

/* --- all items ---------------------------------------------------------------------------------- */

/* Marks which rules name each set. Returns an upper limit of the items. */
static size_t mark_sets(struct mesh_order *order, enum mesh_dimension dimension)
{
	size_t most = 0;

	memset(order->sets, 0, order->source->n_sets * sizeof(*order->sets));
	for (uint32_t bit = 0; bit < order->n; bit++) {
		uint32_t set = order->rules[bit]->sets[dimension];
		if (!looks_at(order->rules[bit], dimension))
			continue;
		if (set == 0) {
			most++;
		} else if (set <= order->source->n_sets) {
			line_set(&order->sets[set - 1], bit);
			most += order->source->sets[set - 1].n;
		}
	}
	return most;
}

static bool is_named(const struct mesh_line *line)
{
	static const struct mesh_line none;

	return memcmp(line, &none, sizeof(none)) != 0;
}

static void collect_set(
	const struct mesh_order *order, uint32_t set, int family, struct mesh_items *items)
{
	const struct mesh_elements *elements = &order->source->sets[set];

	for (uint32_t i = 0; i < elements->n; i++) {
		struct mesh_item item = { .rules = MESH_RULES_MAX + set };
		if (set_item(elements->kind, &elements->elements[i], family, &item))
			items->items[items->n++] = item;
	}
}

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int in_order(const void *a, const void *b)
{
	const struct mesh_item *left = a, *right = b;
	int order = compare_u64(left->high, right->high);

	if (order == 0)
		order = compare_u64(left->low, right->low);
	return order == 0 ? compare_u64(left->length, right->length) : order;
}

int items_collect(struct mesh_order *order, enum mesh_dimension dimension, int family,
	struct mesh_items *items)
{
	size_t most = mark_sets(order, dimension);

	items->n = 0;
	items->items = calloc(most + 1, sizeof(*items->items));
	if (items->items == NULL)
		return -ENOMEM;
	for (uint32_t bit = 0; bit < order->n; bit++) {
		const struct mesh_rule *rule = order->rules[bit];
		struct mesh_item item = { .rules = bit };
		if (looks_at(rule, dimension) && rule->sets[dimension] == 0 &&
			literal_item(order, rule, dimension, family, &item))
			items->items[items->n++] = item;
	}
	for (uint32_t set = 0; set < order->source->n_sets; set++)
		if (is_named(&order->sets[set]))
			collect_set(order, set, family, items);
	qsort(items->items, items->n, sizeof(*items->items), in_order);
	return 0;
}
