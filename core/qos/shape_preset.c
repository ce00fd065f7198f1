// SPDX-License-Identifier: BSD-2-Clause
#include "qos/shape_preset.h"

#include <stddef.h>

/* The number is that of the traffic class and one, as HTB has no class 0. */
static const struct {
	const char *name;
	uint16_t number, priority;
	uint32_t percent, share;
} parts[] = {
	{ "control", 2, 0, 10, 1 },
	{ "mesh", 3, 1, 20, 1 },
	{ "interactive", 4, 1, 20, 1 },
	{ "best effort", 1, 3, 30, 1 },
	{ "bulk", 5, 7, 10, 1 },
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

void shape_uplink(uint64_t rate, struct shape *shape)
{
	*shape = (struct shape) { .rate = rate, .fallback = 1, .n = PARTS };
	for (size_t i = 0; i < PARTS; i++)
		shape->classes[i] = (struct shape_class) {
			.number = parts[i].number,
			.priority = parts[i].priority,
			.share = parts[i].share,
			.rate = rate * parts[i].percent / 100,
			.ceiling = rate,
		};
}

const char *shape_class_name(uint16_t number)
{
	for (size_t i = 0; i < PARTS; i++)
		if (parts[i].number == number)
			return parts[i].name;
	return NULL;
}
