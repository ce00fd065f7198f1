// SPDX-License-Identifier: BSD-2-Clause
#include "qos/shape_preset.h"

#include <stddef.h>
#include <string.h>

#include "tc_classifier.h"

const char *const shape_preset_names[] = { "uplink", "mesh-first", "bulk-last", NULL };

const char *const shape_preset_sentences[SHAPE_PRESETS] = {
	"10% of it are kept for control, 20% for mesh, 20% for interactive, 10% for bulk",
	"20% of it are kept for control and 40% for mesh, which go before all others",
	"5% of it are kept for bulk, which goes after all others",
};

/* Of a class: percent of the link, and which borrow first. */
struct part {
	const char *name; /* NULL: each of the others */
	uint16_t priority;
	uint32_t percent;
};

enum { PARTS = 6 };

static const struct part presets[SHAPE_PRESETS][PARTS] = {
	[SHAPE_UPLINK] = {
		{ "control", 0, 10 },
		{ "mesh", 1, 20 },
		{ "interactive", 1, 20 },
		{ "best_effort", 3, 30 },
		{ "bulk", 7, 10 },
		{ NULL, 3, 10 },
	},
	[SHAPE_MESH_FIRST] = {
		{ "control", 0, 20 },
		{ "mesh", 0, 40 },
		{ "interactive", 2, 10 },
		{ "best_effort", 3, 10 },
		{ "bulk", 7, 10 },
		{ NULL, 3, 10 },
	},
	[SHAPE_BULK_LAST] = {
		{ "control", 0, 15 },
		{ "mesh", 1, 20 },
		{ "interactive", 1, 20 },
		{ "best_effort", 2, 30 },
		{ "bulk", 7, 5 },
		{ NULL, 2, 10 },
	},
};

static const struct part *part_of(enum shape_preset preset, const char *label)
{
	size_t i = 0;

	while (i < PARTS - 1 && strcmp(label, presets[preset][i].name) != 0)
		i++;
	return &presets[preset][i];
}

/* Many classes of a slow link have more than their parts, the least that there is: what the others have above that, they
 * give. */
static void fit(struct shape *shape)
{
	uint64_t least = shape->n * SHAPE_RATE_MIN, sum = 0;

	for (uint16_t i = 0; i < shape->n; i++)
		sum += shape->classes[i].rate;
	if (sum <= shape->rate || shape->rate < least)
		return;
	for (uint16_t i = 0; i < shape->n; i++) {
		uint64_t above = shape->classes[i].rate - SHAPE_RATE_MIN;
		shape->classes[i].rate =
			SHAPE_RATE_MIN + above * (shape->rate - least) / (sum - least);
	}
}

void shape_preset(enum shape_preset preset, uint64_t rate, shape_labels labels, struct shape *shape)
{
	uint32_t others = 0;

	*shape = (struct shape) { .rate = rate, .fallback = CLASS_BEST_EFFORT };
	for (uint16_t i = 1; i < TRAFFIC_CLASSES; i++)
		others += labels[i][0] != '\0' && part_of(preset, labels[i])->name == NULL;
	for (uint16_t i = 1; i < TRAFFIC_CLASSES; i++) {
		const struct part *part = part_of(preset, labels[i]);
		if (labels[i][0] == '\0')
			continue;
		uint64_t own = rate * part->percent / 100 / (part->name == NULL ? others : 1);
		shape->classes[shape->n++] = (struct shape_class) {
			.number = i,
			.priority = part->priority,
			.share = 1,
			.rate = own < SHAPE_RATE_MIN ? SHAPE_RATE_MIN : own,
			.ceiling = rate,
		};
	}
	fit(shape);
}
