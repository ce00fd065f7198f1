// SPDX-License-Identifier: BSD-2-Clause
#include "qos/act_time.h"

#include <string.h>

#include "base/clock.h"
#include "qos/shape_message.h"

_Static_assert(CLASS_SHARE_MAX == SHAPE_SHARE_MAX && CLASS_RANKS == SHAPE_PRIORITIES,
	"the program counts as HTB does");

#define NS_PER_MS (NS_PER_SECOND / 1000)
#define BITS_NS	  UINT64_C(8000000000) /* of a byte a second */

/* What HTB's buckets hold: a tick of the clock, so that the same rate lets the same bursts through. */
#define CREDIT_NS (4 * NS_PER_MS)

/*
 * What may wait for a gap of the link: 20 ms, which a connection over a few hops fills, and frames of an initial window
 * (RFC 6928); classes that go first wait for more, so that those behind find no gap while they do.
 */
#define LINK_NS	    (20 * NS_PER_MS)
#define FRAMES	    16
#define RANK_PARTS  4 /* of it for each priority above the lowest */
#define WAIT_NS	    (100 * NS_PER_MS)
#define WAIT_MAX_NS (4 * NS_PER_SECOND) /* fq drops what leaves in 10 s */

static uint64_t price_of(uint64_t rate)
{
	return (BITS_NS << (GCRA_TIME_SHIFT + GCRA_PRICE_SHIFT)) / rate;
}

/* Returns the nanoseconds that frames take at a rate. */
static uint64_t frames_ns(uint64_t frames, uint64_t rate, uint32_t mtu)
{
	return frames * shape_frame(mtu) * BITS_NS / rate;
}

static uint64_t wait_of(uint64_t least_ns, uint64_t rate, uint32_t mtu)
{
	uint64_t ns = frames_ns(FRAMES, rate, mtu);

	ns = ns > least_ns ? ns : least_ns;
	return (ns < WAIT_MAX_NS ? ns : WAIT_MAX_NS) << GCRA_TIME_SHIFT;
}

static struct class_timing timing_of(
	const struct shape_class *class, uint64_t link_wait, uint32_t mtu)
{
	uint64_t longest = link_wait + link_wait * (SHAPE_PRIORITIES - 1) / RANK_PARTS;
	uint64_t wait = wait_of(WAIT_NS, class->ceiling, mtu);

	return (struct class_timing) {
		.rate = class->rate,
		.ceiling = class->ceiling,
		.price = price_of(class->rate),
		.ceiling_price = price_of(class->ceiling),
		.credit = (CREDIT_NS + frames_ns(1, class->rate, mtu)) << GCRA_TIME_SHIFT,
		.link_wait = link_wait +
			     link_wait * (SHAPE_PRIORITIES - 1 - class->priority) / RANK_PARTS,
		.wait = wait > longest ? wait : longest,
		.rank = class->priority,
		.share = class->share,
	};
}

/* What may wait for the link: who is let in again after so long finds packets of others there still. */
static uint32_t turn_us(uint64_t rate, uint32_t mtu)
{
	return (uint32_t)((wait_of(LINK_NS, rate, mtu) >> GCRA_TIME_SHIFT) / 1000);
}

void act_time(struct class_acts *acts, const struct shape *shape, uint32_t mtu)
{
	memset(acts->timings, 0, sizeof(acts->timings));
	acts->link_rate = acts->link_price = acts->fallback = acts->turn_us = 0;
	if (shape == NULL)
		return;
	acts->link_rate = shape->rate;
	acts->link_price = price_of(shape->rate);
	acts->fallback = shape->fallback;
	acts->turn_us = turn_us(shape->rate, mtu);
	for (uint16_t i = 0; i < shape->n; i++)
		acts->timings[shape->classes[i].number % CLASS_ACT_PLACES] =
			timing_of(&shape->classes[i], wait_of(LINK_NS, shape->rate, mtu), mtu);
}

void act_timed(const struct class_acts *acts, struct shape_state *state)
{
	state->fallback = (uint16_t)acts->fallback;
	state->whole = acts->link_price != 0;
	state->link =
		(struct shape_class_state) { .rate = acts->link_rate, .ceiling = acts->link_rate };
	state->n = 0;
	for (uint16_t i = 1; i < TRAFFIC_CLASSES; i++) {
		const struct class_timing *timing = &acts->timings[i];
		if (timing->rate == 0)
			continue;
		state->classes[state->n++] = (struct shape_class_state) {
			.number = i,
			.priority = (uint16_t)timing->rank,
			.quantum = timing->share * shape_frame(0), /* for shape_asked() */
			.rate = timing->rate,
			.ceiling = timing->ceiling,
		};
	}
}
