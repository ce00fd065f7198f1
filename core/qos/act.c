// SPDX-License-Identifier: BSD-2-Clause
#include "qos/act.h"

#include <stdio.h>
#include <string.h>

#define BITS_NS		UINT64_C(8000000000) /* of a byte a second */
#define USUAL_PART	5 /* of a second */
#define USUAL_JOINED	65536 /* what the kernel joins to one packet */
#define USUAL_BURST_MIN 3028 /* two frames of 1514 bytes */

const char *const act_ways[] = { "in", "out", NULL };

static const struct {
	uint32_t mode;
	const char *word;
} modes[] = {
	{ CLASS_ACT_MARK, "mark" },
	{ CLASS_ACT_POLICE, "police" },
	{ CLASS_ACT_SHAPE, "shape" },
};

#define MODES (sizeof(modes) / sizeof(modes[0]))

uint64_t act_usual_burst(uint64_t rate)
{
	uint64_t second = rate / 8, burst = second / USUAL_PART;
	uint64_t joined = second / 2 < USUAL_JOINED ? second / 2 : USUAL_JOINED;

	burst = burst < joined ? joined : burst;
	return burst < USUAL_BURST_MIN ? USUAL_BURST_MIN : burst;
}

void act_police(struct class_act *act, uint64_t rate, uint64_t burst)
{
	act->rate = rate;
	act->price = act->burst = 0;
	act->modes &= (__u8)~CLASS_ACT_POLICE;
	if (rate == 0)
		return;
	act->modes |= CLASS_ACT_POLICE;
	act->price = (BITS_NS << (GCRA_TIME_SHIFT + GCRA_PRICE_SHIFT)) / rate;
	/* Without doubles the product needs more than 64 bits. */
	act->burst = (uint64_t)((double)(burst > 0 ? burst : act_usual_burst(rate)) *
				(double)act->price / (1 << GCRA_PRICE_SHIFT));
}

uint64_t act_burst(const struct class_act *act)
{
	if (act->price == 0)
		return 0;
	return (uint64_t)((double)act->burst * (1 << GCRA_PRICE_SHIFT) / (double)act->price + 0.5);
}

void act_mark(struct class_act *act, int dscp)
{
	act->modes &= (__u8)~CLASS_ACT_MARK;
	act->dscp = 0;
	if (dscp < 0)
		return;
	act->modes |= CLASS_ACT_MARK;
	act->dscp = (__u8)dscp;
}

uint32_t act_modes(const struct class_acts *acts)
{
	uint32_t asked = 0;

	for (size_t i = 0; i < TRAFFIC_DIRECTIONS * CLASS_ACT_PLACES; i++)
		asked |= acts->classes[i].modes;
	return asked;
}

void act_modes_format(uint32_t on, char *text, size_t size)
{
	size_t length = 0;

	snprintf(text, size, "count");
	for (size_t i = 0; i < MODES && length < size; i++)
		if (on & modes[i].mode)
			length += (size_t)snprintf(text + length, size - length, "%s%s",
				length > 0 ? ", " : "", modes[i].word);
}

uint32_t act_mode_find(const char *word)
{
	for (size_t i = 0; i < MODES; i++)
		if (strcmp(modes[i].word, word) == 0)
			return modes[i].mode;
	return 0;
}
