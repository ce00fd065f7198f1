/* SPDX-License-Identifier: BSD-2-Clause */
/* Formats parts of events. */
#ifndef X0_PROGRAMS_EVENT_TEXT_H
#define X0_PROGRAMS_EVENT_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "events.h"

enum {
	EVENT_FLOW_LEN = 150,
	EVENT_WHERE_LEN = 24, /* " on " and the name of an interface */
};

/* Writes "tcp 10.0.0.1:22 > [fd00::1]:4000", or "(not IP)" for other address families. */
void event_format_flow(char text[EVENT_FLOW_LEN], const struct event_flow *flow);

/* Writes " on eth0"; nothing where the interface is unknown. */
void event_format_where(char text[EVENT_WHERE_LEN], uint32_t ifindex);

#endif
