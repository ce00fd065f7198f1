/* SPDX-License-Identifier: BSD-2-Clause */
/* Where x0top pins what has to outlive it, and finding and removing that. */
#ifndef X0_CONTROL_PINS_H
#define X0_CONTROL_PINS_H

#include <stdbool.h>

#include "model/snapshot.h"

#define PINS_BPFFS "/sys/fs/bpf"
#define PINS_ROOT  PINS_BPFFS "/x0top"

/* The version of the map layouts in bpf/include. It rises when a pinned map changes its layout. */
#define PINS_LAYOUT "v2"
#define PINS_FOLDER PINS_ROOT "/" PINS_LAYOUT

struct pins_found {
	bool ours; /* there are pins of this layout */
	char other_layout[NAME_LEN]; /* a folder of another layout; empty if there is none */
};

/* Whether bpffs is mounted where pins go. */
bool pins_mounted(void);

void pins_look(struct pins_found *found);

/* Removes all pins of this layout, and what they kept alive with them. Returns how many. */
int pins_remove(void);

#endif
