// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/region.h"

#include <errno.h>
#include <stddef.h>

static const struct region_span everything = { { 0, 0 }, { UINT64_MAX, UINT64_MAX } };

const struct region_values region_all = { 1, &everything };

/* --- points -------------------------------------------------------------------------------------- */

bool region_is_before(struct region_point a, struct region_point b)
{
	return a.high < b.high || (a.high == b.high && a.low < b.low);
}

static struct region_point earlier(struct region_point a, struct region_point b)
{
	return region_is_before(b, a) ? b : a;
}

static struct region_point later(struct region_point a, struct region_point b)
{
	return region_is_before(a, b) ? b : a;
}

static struct region_point next(struct region_point point)
{
	point.low++;
	point.high += point.low == 0;
	return point;
}

static struct region_point previous(struct region_point point)
{
	point.high -= point.low == 0;
	point.low--;
	return point;
}

/* --- values -------------------------------------------------------------------------------------- */

bool region_add_span(struct region_room *room, struct region_span span)
{
	if (room->n == room->max)
		return false;
	room->spans[room->n++] = span;
	return true;
}

bool region_values_of(
	struct region_room *room, struct region_span span, struct region_values *values)
{
	*values = (struct region_values) { 1, room->spans + room->n };
	return region_add_span(room, span);
}

/* Returns whether one span holds all values. */
static bool is_within(const struct region_values *values, const struct region_values *one)
{
	return one->n == 1 && values->n > 0 &&
	       !region_is_before(values->spans[0].from, one->spans[0].from) &&
	       !region_is_before(one->spans[0].to, values->spans[values->n - 1].to);
}

bool region_meet(struct region_room *room, const struct region_values *a,
	const struct region_values *b, struct region_values *both)
{
	uint32_t first = room->n;

	if (is_within(a, b) || is_within(b, a)) {
		*both = is_within(a, b) ? *a : *b;
		return true;
	}
	for (uint32_t i = 0, j = 0; i < a->n && j < b->n;) {
		struct region_span meeting = { later(a->spans[i].from, b->spans[j].from),
			earlier(a->spans[i].to, b->spans[j].to) };
		if (!region_is_before(meeting.to, meeting.from) && !region_add_span(room, meeting))
			return false;
		if (region_is_before(a->spans[i].to, b->spans[j].to))
			i++;
		else
			j++;
	}
	*both = (struct region_values) { room->n - first, room->spans + first };
	return true;
}

/* Adds what is left of a span without values from `*at` on, which moves on to those behind it. */
static bool add_rest(struct region_room *room, struct region_span span,
	const struct region_values *without, uint32_t *at)
{
	while (*at < without->n && !region_is_before(span.to, without->spans[*at].from)) {
		const struct region_span *hole = &without->spans[*at];
		if (region_is_before(hole->to, span.from)) {
			(*at)++;
			continue;
		}
		if (region_is_before(span.from, hole->from) &&
			!region_add_span(
				room, (struct region_span) { span.from, previous(hole->from) }))
			return false;
		if (!region_is_before(hole->to, span.to))
			return true; /* the hole may reach into the next span */
		span.from = next(hole->to);
		(*at)++;
	}
	return region_add_span(room, span);
}

static bool subtract_values(struct region_room *room, const struct region_values *values,
	const struct region_values *without, struct region_values *rest)
{
	uint32_t first = room->n, at = 0;

	*rest = (struct region_values) { 0, NULL };
	if (is_within(values, without))
		return true;
	for (uint32_t i = 0; i < values->n; i++)
		if (!add_rest(room, values->spans[i], without, &at))
			return false;
	*rest = (struct region_values) { room->n - first, room->spans + first };
	return true;
}

/* --- regions ------------------------------------------------------------------------------------- */

/* Returns 1 if the region and the cut meet, with what they have in common, 0 if not, or -ENOSPC. */
static int meet(struct region_room *room, const struct region *region, const struct region *cut,
	struct region *both)
{
	for (int d = 0; d < REGION_DIMENSIONS; d++) {
		if (!region_meet(room, &region->by[d], &cut->by[d], &both->by[d]))
			return -ENOSPC;
		if (both->by[d].n == 0)
			return 0;
	}
	return 1;
}

static int add_piece(struct regions *pieces, const struct region *piece)
{
	if (pieces->n == REGIONS_MAX)
		return -ENOSPC;
	pieces->list[pieces->n++] = *piece;
	return 0;
}

/* Adds the parts of a region that are outside the cut: a part a dimension, within the cut in those before. */
static int add_parts(struct region_room *room, struct region rest, const struct region *cut,
	const struct region *both, struct regions *parts)
{
	int error = 0;

	for (int d = 0; d < REGION_DIMENSIONS && error == 0; d++) {
		struct region part = rest;
		if (!subtract_values(room, &rest.by[d], &cut->by[d], &part.by[d]))
			return -ENOSPC;
		if (part.by[d].n > 0)
			error = add_piece(parts, &part);
		rest.by[d] = both->by[d];
	}
	return error;
}

int region_subtract(struct region_room *room, struct regions *pieces, const struct region *cut)
{
	struct regions parts = { .n = 0 };
	int changed = 0;

	for (uint32_t i = 0; i < pieces->n; i++) {
		struct region both;
		int met = meet(room, &pieces->list[i], cut, &both);
		int error = met == 1   ? add_parts(room, pieces->list[i], cut, &both, &parts)
			    : met == 0 ? add_piece(&parts, &pieces->list[i])
				       : met;
		if (error < 0)
			return error;
		changed |= met;
	}
	if (changed)
		*pieces = parts;
	return changed;
}
