/* SPDX-License-Identifier: BSD-2-Clause */
/* The other end of the interface that is tested, in a namespace of its own, which sends to it. */
#ifndef X0_TESTS_LINK_BESIDE_H
#define X0_TESTS_LINK_BESIDE_H

#include <stdbool.h>

#include "tests/lib/link_state.h"

/* What comes in a short run. */
struct link_speed {
	double tcp; /* bytes a second */
	double udp; /* packets of 200 bytes a second */
	double gro; /* mean bytes of a packet of TCP, as the stack gets it */
};

/* Gives a type that link_make() has made its other end. Returns whether it has one. */
bool link_beside_begin(const struct link_type *type);

/* Measures for about a second. What does not come is 0. */
void link_beside_measure(struct link_speed *speed);

void link_beside_end(void);

#endif
