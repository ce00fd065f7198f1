/* SPDX-License-Identifier: BSD-2-Clause */
/* Says what native XDP changes on interfaces: tests/integration/attach-table.txt has it measured. */
#ifndef X0_PROGRAMS_NATIVE_H
#define X0_PROGRAMS_NATIVE_H

#include <stddef.h>

#include "kernel/interface.h"
#include "programs/program.h"

/* Returns what native XDP changes there, "its peer sends without segmentation offload". */
const char *native_effect(const struct interface *interface);

/* Appends to a question about enforcing: in which mode XDP is attached, and what native mode changes, or
 * would change, on each interface; of those for which there is no room, their number. */
void native_append(const struct program_context *context, char *sentence, size_t size);

/* Says which interfaces native XDP is about to change, and how, to who is to be told (settings.h), if it was
 * asked for and changes any. */
void native_tell(const struct program_context *context);

#endif
