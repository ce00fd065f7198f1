/* SPDX-License-Identifier: BSD-2-Clause */
/* What one number, the rate of a link, makes of the five traffic classes. */
#ifndef X0_QOS_SHAPE_PRESET_H
#define X0_QOS_SHAPE_PRESET_H

#include "qos/shape.h"

/* The least rate of a link in bit/s: its smallest class gets SHAPE_RATE_MIN. */
#define SHAPE_UPLINK_MIN (10 * SHAPE_RATE_MIN)

/* Gives each class a part of the rate, and all of it while the others send nothing. Packets without a class are
 * best effort. */
void shape_uplink(uint64_t rate, struct shape *shape);

/* Returns the name of a class of shape_uplink() by its number, or NULL. */
const char *shape_class_name(uint16_t number);

#endif
