/* SPDX-License-Identifier: BSD-2-Clause */
/* The neighbour table's state, shared by the files that read it. */
#ifndef X0_NEIGHBOURS_TABLE_H
#define X0_NEIGHBOURS_TABLE_H

#include "neighbours/neighbours.h"

#define NEIGHBOUR_EXPIRED "expired" /* state of a node whose signature was verified long ago */

struct neighbours {
	struct neighbours_settings settings;
	struct loop *loop;
	struct neighbour_source sources[NEIGHBOUR_SOURCES]; /* type NULL: not wanted */
};

/* Asks the sources that must be asked and whose answers are old. */
void neighbours_ask(struct neighbours *neighbours);

#endif
