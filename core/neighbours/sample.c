// SPDX-License-Identifier: BSD-2-Clause
/* The neighbour table's part of the snapshot. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "neighbours/entry.h"
#include "neighbours/table.h"

/* --- nodes whose signature was verified -------------------------------------------------------- */

static const char authenticated[] = "authenticated", expired[] = NEIGHBOUR_EXPIRED;

static void put_node(struct neighbour_set *set, const struct snapshot_pqc_node *node, double now)
{
	struct neighbour neighbour;
	uint8_t family, address[ADDRESS_LEN];

	if (!(node->last_time > 0))
		return;
	neighbour_init(&neighbour, NEIGHBOUR_NODE);
	neighbour.state = node->authenticated_until > now ? authenticated : expired;
	neighbour.last_seen = node->last_time;
	snprintf(neighbour.name, sizeof(neighbour.name), "%.*s", NAME_LEN - 1,
		node->name[0] != '\0' ? node->name : node->node);
	if (entry_read_address(node->address, &family, address))
		neighbour_set_address(&neighbour, family, address);
	hex_parse(node->node, (uint8_t *)&neighbour.key.id, sizeof(neighbour.key.id));
	neighbour_set_put(set, &neighbour);
}

static void take_nodes(struct neighbour_source *source, const struct snapshot *now)
{
	struct neighbour_set next = { 0 };

	if (source->type == NULL)
		return;
	if (!now->pqc.available) {
		source_gone(source, "The signature verifier does not run");
		return;
	}
	for (uint32_t i = 0; i < now->pqc.n_nodes; i++)
		put_node(&next, &now->pqc.nodes[i], now->time);
	source_replace(source, &next);
}

/* --- rows --------------------------------------------------------------------------------------- */

static void show_via(const struct neighbour *neighbour, struct snapshot_neighbour *row)
{
	if (neighbour->via_family != 0)
		entry_format(row->via, neighbour->via_family, neighbour->via, UINT8_MAX);
	else if (neighbour->has_via_mac && memcmp(neighbour->via_mac, neighbour->mac, MAC_LEN) != 0)
		hex_format_mac(neighbour->via_mac, row->via, sizeof(row->via));
	else if (neighbour->key.kind == NEIGHBOUR_ROUTE)
		snprintf(row->via, sizeof(row->via), "%s", neighbour->name);
}

static void show(const struct neighbour *neighbour, struct snapshot_neighbour *row)
{
	row->kind = neighbour->key.kind;
	entry_format(
		row->address, neighbour->key.family, neighbour->key.address, neighbour->key.bits);
	if (neighbour->has_mac)
		hex_format_mac(neighbour->mac, row->mac, sizeof(row->mac));
	snprintf(row->interface, sizeof(row->interface), "%s", neighbour->interface);
	snprintf(row->name, sizeof(row->name), "%s", neighbour->name);
	show_via(neighbour, row);
	snprintf(row->state, sizeof(row->state), "%s", neighbour->state);
	row->quality = neighbour->quality;
	row->metric = neighbour->metric;
	row->throughput = neighbour->throughput;
	row->last_seen = neighbour->last_seen;
	row->received_bytes = neighbour->received_bytes;
	row->sent_bytes = neighbour->sent_bytes;
	fields_set_unknown(traffic_fields, &row->traffic);
}

static uint32_t find_ifindex(const struct neighbour_source *source, const char *name)
{
	for (size_t i = 0; i < source->n_links && name[0] != '\0'; i++)
		if (interface_is_called(&source->links[i], name))
			return source->links[i].ifindex;
	return 0;
}

/* Other sources name a neighbour's address alone: the kernel knows the MAC behind it. */
static void add_mac(const struct neighbour_source *kernel, const struct neighbour *neighbour,
	struct snapshot_neighbour *row)
{
	struct neighbour_key key = neighbour->key;

	key.id = 0;
	key.ifindex = find_ifindex(kernel, neighbour->interface);
	const struct neighbour *known = neighbour_set_find(&kernel->set, &key);
	if (known != NULL && known->has_mac)
		hex_format_mac(known->mac, row->mac, sizeof(row->mac));
}

static bool same_address(const struct neighbour_key *a, const struct neighbour_key *b)
{
	return a->family != 0 && a->family == b->family && a->bits == b->bits &&
	       memcmp(a->address, b->address, ADDRESS_LEN) == 0;
}

/* Finds the node of a signature: the neighbour itself, or the one at its address. */
static uint32_t signature_of(const struct neighbour_set *nodes, const struct neighbour *neighbour)
{
	for (uint32_t i = 0; i < nodes->n; i++)
		if (&nodes->list[i] == neighbour ||
			same_address(&nodes->list[i].key, &neighbour->key))
			return nodes->list[i].state == expired ? SIGNATURE_EXPIRED
							       : SIGNATURE_VERIFIED;
	return SIGNATURE_UNKNOWN;
}

static void add_rows(const struct neighbours *neighbours, uint32_t name, uint32_t kind,
	struct snapshot_neighbours *shown)
{
	const struct neighbour_set *set = &neighbours->sources[name].set;

	for (uint32_t i = 0; i < set->n && shown->n_neighbours < NEIGHBOURS_SHOWN; i++) {
		const struct neighbour *neighbour = &set->list[i];
		if (neighbour->key.kind != kind)
			continue;
		struct snapshot_neighbour *row = &shown->neighbours[shown->n_neighbours++];
		memset(row, 0, sizeof(*row));
		row->source = name;
		show(neighbour, row);
		if (kind == NEIGHBOUR_NODE && !neighbour->has_mac && neighbour->key.family != 0)
			add_mac(&neighbours->sources[NEIGHBOURS_KERNEL], neighbour, row);
		row->signature =
			signature_of(&neighbours->sources[NEIGHBOURS_SIGNED].set, neighbour);
	}
}

static void add_source(
	const struct neighbour_source *source, uint32_t name, struct snapshot_neighbours *shown)
{
	struct snapshot_neighbour_source *row = &shown->sources[shown->n_sources++];

	row->name = name;
	row->state = source->state;
	row->as_of = source->as_of;
	row->left_out = source->set.left_out;
	snprintf(row->reason, sizeof(row->reason), "%s", source->reason);
	if (isnan(source->as_of)) {
		row->nodes = row->routes = COUNT_UNKNOWN;
		return;
	}
	for (uint32_t i = 0; i < source->set.n; i++)
		if (source->set.list[i].key.kind == NEIGHBOUR_NODE)
			row->nodes++;
	row->routes = source->set.n - row->nodes;
}

void neighbours_sample(struct neighbours *neighbours, struct snapshot *now)
{
	if (neighbours == NULL)
		return;
	neighbours_ask(neighbours);
	take_nodes(&neighbours->sources[NEIGHBOURS_SIGNED], now);
	for (uint32_t name = 0; name < NEIGHBOUR_SOURCES; name++)
		add_source(&neighbours->sources[name], name, &now->neighbours);
	for (uint32_t kind = NEIGHBOUR_NODE; kind <= NEIGHBOUR_ROUTE; kind++)
		for (uint32_t name = 0; name < NEIGHBOUR_SOURCES; name++)
			add_rows(neighbours, name, kind, &now->neighbours);
}
