// SPDX-License-Identifier: BSD-2-Clause
#include "peer/reassembly.h"

#include <string.h>

static bool belongs(const struct reassembly_place *place, const struct arrival *arrival,
	const struct slice *slice)
{
	return place->began_ns != 0 && place->source == arrival->source &&
	       place->sequence == slice->sequence;
}

/* A message times out; a newer one displaces it only from a known address. */
static bool is_over(const struct reassembly_place *place, const struct arrival *arrival,
	const struct slice *slice)
{
	return arrival->now_ns - place->began_ns >= REASSEMBLY_TIMEOUT_NS ||
	       (arrival->known >= 0 && slice->sequence > place->sequence);
}

/*
 * Finds the place of the slice's message, or takes a free one for it. Returns NULL if all are
 * taken.
 */
static struct reassembly_place *find_place(struct reassembly *reassembly,
	const struct arrival *arrival, const struct slice *slice, bool *timed_out)
{
	bool known = arrival->known >= 0;
	unsigned first = known ? (unsigned)arrival->known : PQC_SOURCES;
	unsigned end = known ? first + 1 : PQC_PLACES;

	for (unsigned i = 0; i < PQC_PLACES; i++)
		if (belongs(&reassembly->places[i], arrival, slice))
			return &reassembly->places[i];
	for (unsigned i = first; i < end; i++) {
		struct reassembly_place *place = &reassembly->places[i];

		if (place->began_ns != 0 && !is_over(place, arrival, slice))
			continue;
		*timed_out = place->began_ns != 0;
		place->began_ns = arrival->now_ns;
		place->source = arrival->source;
		place->sequence = slice->sequence;
		place->total = slice->total;
		place->received = 0;
		return place;
	}
	return NULL;
}

int reassembly_take(struct reassembly *reassembly, const struct arrival *arrival,
	const struct slice *slice, struct span *message, bool *timed_out)
{
	*timed_out = false;
	struct reassembly_place *place = find_place(reassembly, arrival, slice, timed_out);

	if (place == NULL)
		return PQC_REASSEMBLY_OVERFLOW;
	if (place->total != slice->total)
		return PQC_BAD_LENGTH;
	memcpy(place->bytes + (size_t)slice->index * PQC_SLICE, slice->bytes.data,
		slice->bytes.size);
	place->received |= 1u << slice->index;
	if (place->received != (1u << slice->count) - 1)
		return PQC_FRAGMENT_BUFFERED;
	place->began_ns = 0;
	*message = (struct span) { place->bytes, place->total };
	return PQC_MESSAGE_ACCEPTED;
}
