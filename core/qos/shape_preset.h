/* SPDX-License-Identifier: BSD-2-Clause */
/* What one number, the rate of a link, makes of the traffic classes. */
#ifndef X0_QOS_SHAPE_PRESET_H
#define X0_QOS_SHAPE_PRESET_H

#include "class_act.h"
#include "qos/shape.h"

enum shape_preset {
	SHAPE_UPLINK, /* first: all get a part */
	SHAPE_MESH_FIRST,
	SHAPE_BULK_LAST,
	SHAPE_PRESETS,
};

extern const char *const shape_preset_names[]; /* enum shape_preset; ended by NULL */

/* What each does, to follow "eth0 will send at most 10Mbit/s: " */
extern const char *const shape_preset_sentences[SHAPE_PRESETS];

/* The least rate of a link in bit/s: its smallest class gets SHAPE_RATE_MIN. */
#define SHAPE_UPLINK_MIN (10 * SHAPE_RATE_MIN)

/* The names of classes by number, as class_control has them. */
typedef const char (*shape_labels)[CLASS_NAME_LEN];

/*
 * Gives each class a part of the rate, and all of it while the others send nothing. Classes of other names than
 * those of the default table divide what it leaves. Packets without a class are best effort. Each has SHAPE_RATE_MIN at
 * least: of a rate that is less than that for all, the classes have more together, and shape_check() says so.
 */
void shape_preset(
	enum shape_preset preset, uint64_t rate, shape_labels labels, struct shape *shape);

#endif
