// SPDX-License-Identifier: BSD-2-Clause
#include "programs/tracepoint_net_drops.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/map_value.h"
#include "kernel/object.h"
#include "model/rate.h"

int net_drops_open(
	struct net_drops *drops, const struct bpf_object *object, const struct btf_names *names)
{
	drops->names = names;
	drops->n = 0;
	drops->drops = object_map_fd(object, "net_drops");
	drops->functions = object_map_fd(object, "net_functions");
	return drops->drops < 0 ? drops->drops : drops->functions < 0 ? drops->functions : 0;
}

/* --- the kernel's counts ---------------------------------------------------------------------- */

static struct net_place *find_place(struct net_drops *drops, const struct net_drop *key)
{
	for (uint32_t i = 0; i < drops->n; i++)
		if (memcmp(&drops->places[i].key, key, sizeof(*key)) == 0)
			return &drops->places[i];
	return NULL;
}

static void add_place(struct net_drops *drops, const struct net_drop *key)
{
	if (drops->n == NET_DROPS_MAX)
		return;
	struct net_place *place = &drops->places[drops->n++];
	*place = (struct net_place) { .key = *key };
	map_value_read(drops->functions, &key->location, &place->function, sizeof(place->function));
	place->function.name[NET_FUNCTION_LEN - 1] = '\0';
}

static int compare_places(const void *a, const void *b)
{
	const struct net_place *one = a, *other = b;

	if (one->key.reason != other->key.reason)
		return one->key.reason < other->key.reason ? -1 : 1;
	return strcmp(one->function.name, other->function.name);
}

/* Adds the places that are new since the last sample; the kernel removes none. */
static void find_new_places(struct net_drops *drops)
{
	uint32_t n = drops->n;
	struct net_drop key, next;
	bool more = bpf_map_get_next_key(drops->drops, NULL, &next) == 0;

	while (more && drops->n < NET_DROPS_MAX) {
		key = next;
		if (find_place(drops, &key) == NULL)
			add_place(drops, &key);
		more = bpf_map_get_next_key(drops->drops, &key, &next) == 0;
	}
	if (drops->n > n)
		qsort(drops->places, drops->n, sizeof(drops->places[0]), compare_places);
}

static int read_places(struct net_drops *drops, struct percpu *percpu)
{
	int error = 0;

	for (uint32_t i = 0; i < drops->n && error == 0; i++) {
		struct net_place *place = &drops->places[i];
		error = percpu_sum(
			percpu, drops->drops, &place->key, &place->packets, sizeof(place->packets));
	}
	return error;
}

/* --- rows ------------------------------------------------------------------------------------- */

static const struct snapshot_drop *find_row(
	const struct snapshot *snapshot, const struct snapshot_drop *row)
{
	const struct snapshot_net_events *events = &snapshot->net_events;

	for (uint32_t i = 0; i < events->n_drops; i++)
		if (strcmp(events->drops[i].reason, row->reason) == 0 &&
			strcmp(events->drops[i].function, row->function) == 0)
			return &events->drops[i];
	return NULL;
}

/* Adds packets to the row of a reason and a function: several places may be in one. */
static void add_packets(const struct net_drops *drops, uint32_t reason, const char *function,
	uint64_t packets, struct snapshot *now)
{
	struct snapshot_drop row = { .packets.total = packets };

	if (drops->names->drop_reasons[reason][0] != '\0')
		snprintf(row.reason, sizeof(row.reason), "%s", drops->names->drop_reasons[reason]);
	else
		snprintf(row.reason, sizeof(row.reason), "%u", reason);
	snprintf(row.function, sizeof(row.function), "%s", function);
	now->net_events.dropped.total += packets;
	struct snapshot_drop *same = (struct snapshot_drop *)find_row(now, &row);
	if (same == NULL)
		same = SNAPSHOT_ADD(now, &now->net_events, drops);
	if (same == NULL)
		return;
	row.packets.total += same->packets.total;
	*same = row;
}

/* A row that is new since the last sample counts from zero. */
static void set_rates(const struct snapshot *before, struct snapshot *now)
{
	static const struct counter none;
	struct snapshot_net_events *events = &now->net_events;
	const struct snapshot *known =
		before != NULL && before->net_events.available ? before : NULL;

	for (uint32_t i = 0; i < events->n_drops; i++) {
		struct snapshot_drop *row = &events->drops[i];
		const struct snapshot_drop *old = known ? find_row(known, row) : NULL;
		counter_update(&row->packets,
			old	? &old->packets
			: known ? &none
				: NULL,
			row->packets.total, now->interval);
	}
	counter_update(&events->dropped, known ? &known->net_events.dropped : NULL,
		events->dropped.total, now->interval);
}

int net_drops_collect(struct net_drops *drops, struct percpu *percpu,
	const struct net_counts *counts, const struct snapshot *before, struct snapshot *now)
{
	find_new_places(drops);
	int error = read_places(drops, percpu);
	if (error < 0)
		return error;
	for (uint32_t i = 0; i < drops->n; i++)
		add_packets(drops, drops->places[i].key.reason % DROP_REASONS_MAX,
			drops->places[i].function.name, drops->places[i].packets, now);
	for (uint32_t reason = 0; reason < DROP_REASONS_MAX; reason++)
		if (counts->drops_elsewhere[reason] > 0)
			add_packets(drops, reason, "", counts->drops_elsewhere[reason], now);
	set_rates(before, now);
	return 0;
}
