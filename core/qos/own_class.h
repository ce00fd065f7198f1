/* SPDX-License-Identifier: BSD-2-Clause */
/* Which classes the operator's own connection may be in. */
#ifndef X0_QOS_OWN_CLASS_H
#define X0_QOS_OWN_CLASS_H

#include "qos/classes.h"

/*
 * Returns the numbers of the classes that packets of a TCP connection may be in, as bits: of its packets, only their
 * direction and the port of this host are known. A class that is missing holds none of them.
 */
uint64_t own_classes(
	const struct class_lines *lines, enum traffic_direction direction, uint16_t port);

#endif
