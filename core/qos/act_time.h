/* SPDX-License-Identifier: BSD-2-Clause */
/* Shaping by departure times, in the units of bpf/include/class_act.h. */
#ifndef X0_QOS_ACT_TIME_H
#define X0_QOS_ACT_TIME_H

#include "class_act.h"
#include "qos/shape.h"

/* Asks for the shaping of an interface with this MTU; NULL: for none. */
void act_time(struct class_acts *acts, const struct shape *shape, uint32_t mtu);

/* Fills in the link and the classes of a state from what is asked for: rates, ceilings, priorities and turns. */
void act_timed(const struct class_acts *acts, struct shape_state *state);

#endif
