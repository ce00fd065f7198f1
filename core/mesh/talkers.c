// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/talkers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/mix.h"
#include "mesh/flow_key.h"
#include "model/entropy.h"
#include "xdp_chain.h"

enum { WAYS = 8 };

/* A place of the flow table as the last sample saw it. */
struct seen {
	struct traffic_count count;
	uint32_t taken;
};

struct talkers {
	uint32_t room, n_places;
	uint32_t sample; /* number of the present one, from 1 on */
	uint64_t multipliers[MESH_FLOW_WORDS]; /* secret: senders choose the keys */
	struct traffic_count known; /* replaced, and seen before that, or before all samples */
	struct traffic_count lost, unlisted; /* unlisted: for lack of room */
	struct seen *places;
	struct talker *talkers; /* buckets of WAYS; flows first, then sources: `room` each */
};

int talkers_open(uint32_t places, uint32_t room, struct talkers **talkers)
{
	struct talkers *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return -ENOMEM;
	t->room = room;
	t->n_places = places;
	t->places = calloc(places, sizeof(*t->places));
	t->talkers = calloc(2 * (size_t)room, sizeof(*t->talkers));
	if (t->places == NULL || t->talkers == NULL ||
		getrandom(t->multipliers, sizeof(t->multipliers), 0) != sizeof(t->multipliers)) {
		talkers_close(t);
		return -ENOMEM;
	}
	*talkers = t;
	return 0;
}

void talkers_close(struct talkers *talkers)
{
	if (talkers == NULL)
		return;
	free(talkers->places);
	free(talkers->talkers);
	free(talkers);
}

/* --- the table ----------------------------------------------------------------------------------- */

static struct talker *bucket_of(const struct talkers *t, enum talker_kind kind, const __u64 *key)
{
	uint32_t buckets = t->room / WAYS;
	uint64_t sum = kind;

	for (int i = 0; i < MESH_FLOW_WORDS; i++)
		sum += (key[i] ^ key[i] >> 32) * (t->multipliers[i] | 1);
	/* Mixed: of addresses one after another, some multipliers alone leave half of the buckets empty. */
	return t->talkers + (kind == TALKER_FLOW ? 0 : t->room) +
	       (mix64(sum) >> 32) * buckets / (UINT64_C(1) << 32) * WAYS;
}

static struct talker *find(const struct talkers *t, enum talker_kind kind, const __u64 *key)
{
	struct talker *bucket = bucket_of(t, kind, key);

	for (int i = 0; i < WAYS; i++)
		if (bucket[i].kind == kind &&
			memcmp(bucket[i].key, key, sizeof(bucket[i].key)) == 0)
			return &bucket[i];
	return NULL;
}

/* Gives a new talker a free place, or that of the one that was quiet the longest; NULL if all in the bucket
 * talk in this sample. */
static struct talker *make(const struct talkers *t, enum talker_kind kind, const __u64 *key)
{
	struct talker *bucket = bucket_of(t, kind, key), *oldest = bucket;

	for (int i = 1; i < WAYS && oldest->kind != TALKER_NONE; i++)
		if (bucket[i].kind == TALKER_NONE || bucket[i].sample < oldest->sample)
			oldest = &bucket[i];
	if (oldest->kind != TALKER_NONE && oldest->sample == t->sample)
		return NULL;
	memset(oldest, 0, sizeof(*oldest));
	memcpy(oldest->key, key, sizeof(oldest->key));
	oldest->kind = (uint8_t)kind;
	return oldest;
}

static void add(struct traffic_count *sum, const struct traffic_count *count)
{
	sum->packets += count->packets;
	sum->bytes += count->bytes;
}

static struct talker *credit(struct talkers *t, enum talker_kind kind, const __u64 *key,
	const struct traffic_count *more)
{
	struct talker *talker = find(t, kind, key);

	if (talker == NULL)
		talker = make(t, kind, key);
	if (talker == NULL)
		return NULL;
	if (talker->sample != t->sample)
		talker->now = (struct traffic_count) { 0 };
	talker->sample = t->sample;
	add(&talker->now, more);
	add(&talker->total, more);
	return talker;
}

/* --- samples ------------------------------------------------------------------------------------- */

/* Keys of sources: an address of a network protocol, or a MAC. */
static void address_key(uint32_t network, const void *address, __u64 key[MESH_FLOW_WORDS])
{
	memset(key, 0, MESH_FLOW_WORDS * sizeof(*key));
	memcpy(key, address, network == NETWORK_IPV4 ? 4 : 16);
	key[2] = network;
}

static void mac_key(const uint8_t mac[ETH_ALEN], __u64 key[MESH_FLOW_WORDS])
{
	memset(key, 0, MESH_FLOW_WORDS * sizeof(*key));
	memcpy(&key[3], mac, ETH_ALEN);
}

static void credit_source(
	struct talkers *t, const struct packet_headers *headers, const struct traffic_count *more)
{
	__u64 mac[MESH_FLOW_WORDS], address[MESH_FLOW_WORDS];
	bool has_address = headers->flags & PACKET_ADDRESS;

	mac_key(headers->source_mac, mac);
	address_key(headers->network, headers->source6, address);
	credit(t, TALKER_SOURCE, has_address ? address : mac, more);
	if (headers->flags & PACKET_MAC)
		credit(t, TALKER_MAC, mac, more);
}

void talkers_begin(struct talkers *talkers)
{
	talkers->sample++;
}

/* Another flow has the place: what was seen of the one before is no loss. */
static void take_place(struct talkers *t, struct seen *seen, uint32_t taken)
{
	add(&t->known, &seen->count);
	*seen = (struct seen) { .taken = taken };
}

/* Of the places that a flow has on several CPUs, the latest rules decide. Generations wrap. */
static void note_decision(
	struct talker *talker, const struct mesh_flow *flow, const struct traffic_count *more)
{
	bool first = talker->now.packets == more->packets; /* of this sample */

	if (!first && (int32_t)(flow->generation - talker->generation) < 0)
		return;
	talker->generation = flow->generation;
	talker->id = flow->id;
	talker->action = flow->action;
}

void talkers_add(struct talkers *talkers, uint32_t place, const struct mesh_flow *flow)
{
	struct seen *seen = &talkers->places[place % talkers->n_places];
	__u64 key[MESH_FLOW_WORDS];
	struct flow_key read;

	if (seen->taken != flow->taken)
		take_place(talkers, seen, flow->taken);
	if (!flow_key_is_whole(flow->key))
		return;
	struct traffic_count more = { flow->packets - seen->count.packets,
		flow->bytes - seen->count.bytes };
	seen->count = (struct traffic_count) { flow->packets, flow->bytes };
	if (more.packets == 0 || talkers->sample == 1)
		return;
	memcpy(key, flow->key, sizeof(key));
	flow_key_simplify(key);
	struct talker *talker = credit(talkers, TALKER_FLOW, key, &more);
	if (talker != NULL)
		note_decision(talker, flow, &more);
	else
		add(&talkers->unlisted, &more);
	flow_key_read(key, &read);
	credit_source(talkers, &read.headers, &more);
}

static uint64_t beyond(uint64_t all, uint64_t known)
{
	return all > known ? all - known : 0;
}

void talkers_end(struct talkers *talkers, const struct traffic_count *replaced)
{
	struct talkers *t = talkers;

	if (t->sample == 1)
		t->known = *replaced;
	uint64_t packets = beyond(replaced->packets, t->known.packets) + t->unlisted.packets;
	uint64_t bytes = beyond(replaced->bytes, t->known.bytes) + t->unlisted.bytes;
	/* A place that was replaced while the table was read makes it fall for one sample. */
	t->lost.packets = packets > t->lost.packets ? packets : t->lost.packets;
	t->lost.bytes = bytes > t->lost.bytes ? bytes : t->lost.bytes;
}

const struct traffic_count *talkers_lost(const struct talkers *talkers)
{
	return &talkers->lost;
}

/* --- listing ------------------------------------------------------------------------------------- */

struct traffic_count talkers_now(const struct talkers *talkers, const struct talker *talker)
{
	return talker->sample == talkers->sample ? talker->now : (struct traffic_count) { 0 };
}

static bool is_busier(const struct talkers *t, const struct talker *a, const struct talker *b)
{
	uint64_t now_a = talkers_now(t, a).packets, now_b = talkers_now(t, b).packets;

	return now_a != now_b ? now_a > now_b : a->total.packets > b->total.packets;
}

uint32_t talkers_busiest(const struct talkers *talkers, enum talker_kind kind, uint32_t room,
	const struct talker *list[])
{
	const struct talker *first = talkers->talkers + (kind == TALKER_FLOW ? 0 : talkers->room);
	uint32_t n = 0;

	for (const struct talker *talker = first; talker < first + talkers->room; talker++) {
		if (talker->kind != kind || (n == room && !is_busier(talkers, talker, list[n - 1])))
			continue;
		uint32_t at = n < room ? n++ : n - 1;
		for (; at > 0 && is_busier(talkers, talker, list[at - 1]); at--)
			list[at] = list[at - 1];
		list[at] = talker;
	}
	return n;
}

/* --- entropy ------------------------------------------------------------------------------------- */

static uint64_t thing_of_source(const struct talker *talker)
{
	uint64_t thing = 0;

	for (unsigned int i = 0; i < MESH_FLOW_WORDS; i++)
		thing = mix64(thing ^ talker->key[i]);
	return thing;
}

static uint64_t thing_of_port(const struct talker *talker)
{
	struct flow_key key;

	flow_key_read(talker->key, &key);
	return key.headers.flags & PACKET_PORTS ? 1 + (uint64_t)key.headers.destination_port : 0;
}

/* A thing of 0 is none, and is left out. */
static double entropy(const struct talkers *t, const struct talker *first, enum talker_kind kind,
	uint64_t (*thing_of)(const struct talker *talker))
{
	struct spread spread;

	spread_open(&spread, t->multipliers[0]);
	for (const struct talker *talker = first; talker < first + t->room; talker++) {
		const uint64_t packets = talker->kind == kind ? talkers_now(t, talker).packets : 0;
		const uint64_t thing = packets > 0 ? thing_of(talker) : 0;
		if (thing != 0)
			spread_add(&spread, thing, (uint32_t)packets);
	}
	return spread_entropy(&spread);
}

double talkers_source_entropy(const struct talkers *talkers)
{
	return entropy(talkers, talkers->talkers + talkers->room, TALKER_SOURCE, thing_of_source);
}

double talkers_port_entropy(const struct talkers *talkers)
{
	return entropy(talkers, talkers->talkers, TALKER_FLOW, thing_of_port);
}

const struct talker *talkers_by_address(
	const struct talkers *talkers, uint32_t network, const uint8_t *address)
{
	__u64 key[MESH_FLOW_WORDS];

	address_key(network, address, key);
	return find(talkers, TALKER_SOURCE, key);
}

const struct talker *talkers_by_mac(const struct talkers *talkers, const uint8_t mac[ETH_ALEN])
{
	__u64 key[MESH_FLOW_WORDS];

	mac_key(mac, key);
	return find(talkers, TALKER_MAC, key);
}

uint32_t talkers_source(const struct talker *talker, uint8_t source[16])
{
	memcpy(source, talker->key[2] != 0 ? &talker->key[0] : &talker->key[3], 16);
	return (uint32_t)talker->key[2];
}
