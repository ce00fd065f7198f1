/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples what is done to the packets of classes. */
#ifndef X0_PROGRAMS_CLASS_ACTS_SAMPLE_H
#define X0_PROGRAMS_CLASS_ACTS_SAMPLE_H

#include "kernel/netlink.h"
#include "programs/program.h"

/*
 * Fills now->qos, with rates since `before`, NULL: unknown. Does nothing where nothing is switched on. `netlink` is an
 * open socket.
 */
void collect_qos(const struct program_context *context, struct netlink *netlink,
	const struct snapshot *before, struct snapshot *now);

#endif
