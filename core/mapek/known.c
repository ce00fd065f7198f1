// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/known.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/mix.h"

enum { PLACES = 4 }; /* of one hash */

#define PART 0.25 /* of a new value */

static uint64_t hash_of(const char *address)
{
	uint64_t hash = mix64(mix_bytes(MIX_BEGIN, address, strlen(address)));

	return hash != 0 ? hash : 1;
}

/* Returns the place of a hash: its own, or the one to replace. */
static uint32_t place_of(const struct known *known, uint64_t hash)
{
	uint32_t place = (uint32_t)(hash % KNOWN_SOURCES);

	for (uint32_t i = 0; i < PLACES; i++) {
		const uint32_t at = (uint32_t)((hash + i) % KNOWN_SOURCES);
		if (known->list[at].hash == hash)
			return at;
		if (known->list[at].seen < known->list[place].seen)
			place = at;
	}
	return place;
}

void known_learn(struct known *known, const struct snapshot_talkers *talkers, double now)
{
	for (uint32_t i = 0; i < talkers->n_sources; i++) {
		const double rate = talkers->sources[i].traffic.packets.rate;
		const uint64_t hash = hash_of(talkers->sources[i].address);
		struct known_source *source = &known->list[place_of(known, hash)];
		if (isnan(rate))
			continue;
		if (source->hash != hash)
			*source = (struct known_source) { .hash = hash, .rate = rate };
		source->rate += PART * (rate - source->rate);
		source->seen = now;
	}
}

double known_usual(const struct known *known, const char *address)
{
	const uint64_t hash = hash_of(address);
	const struct known_source *source = &known->list[place_of(known, hash)];

	return source->hash == hash ? source->rate : 0;
}
