/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The folder of pins: finding, making and removing what outlives x0top. Everything goes through
 * descriptors of folders that were checked: on bpffs, owned by root or by this process's user, and
 * writable for the owner alone. No path is resolved again, so nobody else can put a link or a folder
 * of their own in between.
 *
 * bpffs reserves names with dots, so no name here has one.
 */
#ifndef X0_KERNEL_PINS_H
#define X0_KERNEL_PINS_H

#include <stdbool.h>

#include "base/failure.h"
#include "base/text.h"

#define PINS_BPFFS "/sys/fs/bpf"
#define PINS_ROOT  PINS_BPFFS "/x0top"

/* The version of the map layouts in bpf/include. It rises when a pinned map changes its layout. */
#define PINS_LAYOUT "v3"
#define PINS_FOLDER PINS_ROOT "/" PINS_LAYOUT

/* Folders in the making: "new-" and the process id. One that is left was of an x0top that died. */
#define PINS_NEW "new-"

struct pins {
	int root; /* PINS_ROOT; -1 where there is none */
	int folder; /* the folder in force, PINS_FOLDER as it was opened or made; -1: none */
	int fresh; /* the folder in the making; -1: none */
	char other_layout[NAME_LEN]; /* a folder of another layout; empty if there is none */
};

/* Whether bpffs is mounted where pins go. */
bool pins_mounted(void);

/* To be called first: nothing is open. */
void pins_init(struct pins *pins);
void pins_close(struct pins *pins);

/*
 * Opens what is there; nothing there is no error. Returns 0, or a negative errno with *failure set
 * when a folder on the way is not x0top's to use (a link, another owner, writable for others), which
 * is then left alone: -ENOTDIR, -EPERM, -EACCES.
 */
int pins_open(struct pins *pins, struct failure *failure);

/* Whether the folder in force is still what PINS_FOLDER names: nobody removed or replaced it. */
bool pins_in_force(const struct pins *pins);

/*
 * Makes a folder, pins->fresh, to pin into: mounts bpffs if nothing is mounted, makes PINS_ROOT,
 * removes what was left in the making. To be called with the change lock held. Returns 0 or a
 * negative errno with *failure set.
 */
int pins_begin(struct pins *pins, struct failure *failure);

/* Puts the fresh folder in force, by one rename. Returns 0, or a negative errno: -EEXIST if there is
 * one in force already. */
int pins_commit(struct pins *pins);

/* Removes the fresh folder, if there is one. */
void pins_abandon(struct pins *pins);

/* Removes the folder in force and what is pinned there: links first, then the rest. With `detach`,
 * links are detached first, so that interfaces are free when this returns; else what still holds a
 * link keeps it attached. Returns how many pins were removed. */
int pins_empty(struct pins *pins, bool detach);

/* Removes folders that were left in the making. Needs the change lock. Returns how many. */
int pins_clean(struct pins *pins, bool detach);

/* Opens, empties as above, and closes. Returns how many pins were removed. */
int pins_remove(void);

#endif
