/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a class of a shaped interface gets what it was promised, by two samples. */
#ifndef X0_QOS_SHAPE_HELD_H
#define X0_QOS_SHAPE_HELD_H

#include "qos/shape.h"

struct shape_held {
	bool starved; /* packets wait, and none was sent */
	bool short_of_rate; /* so many wait that it could have had its rate, and it had less */
};

/* `waited` bytes did so in the sample before, `interval` seconds ago; since then it sent `rate` bit/s, NAN: unknown. */
struct shape_held shape_held(
	const struct shape_class_state *class, uint64_t waited, double rate, double interval);

#endif
