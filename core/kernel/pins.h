/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opens, creates and removes the folder of pins, which outlives x0top. Works through descriptors of
 * checked folders: on bpffs, owned by root or this process's user, and writable for the owner
 * alone. Resolves no path twice, so no other user can put a link or folder of theirs in between.
 *
 * bpffs reserves names with dots: no name here has one.
 */
#ifndef X0_KERNEL_PINS_H
#define X0_KERNEL_PINS_H

#include <fcntl.h>
#include <stdbool.h>

#include "base/failure.h"
#include "base/text.h"

#define PINS_BPFFS     "/sys/fs/bpf"
#define PINS_ROOT_NAME "x0top"
#define PINS_ROOT      PINS_BPFFS "/" PINS_ROOT_NAME
/* How PINS_BPFFS is opened. O_PATH: an x0top that is not root may lack read access. */
#define PINS_BPFFS_FLAGS (O_PATH | O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* The version of the map layouts in bpf/include. Raise it when a pinned map changes its layout. */
#define PINS_LAYOUT "v14"
#define PINS_FOLDER PINS_ROOT "/" PINS_LAYOUT

/* Names a folder being filled: "new-" and the process id. A dead x0top may leave one. */
#define PINS_NEW "new-"

struct pins {
	int root; /* PINS_ROOT; -1: none */
	int folder; /* the folder in force, PINS_FOLDER; -1: none */
	int fresh; /* the folder being filled; -1: none */
	char other_layout[NAME_LEN]; /* a folder of another layout; empty: none */
};

/* Returns whether bpffs is mounted on PINS_BPFFS. */
bool pins_mounted(void);

/* Sets up pins without an open folder. Call it first. */
void pins_init(struct pins *pins);

/* Closes the folders; leaves the pins. */
void pins_close(struct pins *pins);

/* Opens the existing folders. Returns 0, also without any; or -ENOTDIR, -EPERM or -EACCES with
 * *failure set if one is not safe to use: a link, of another owner, or writable for others. */
int pins_open(struct pins *pins, struct failure *failure);

/* Returns whether PINS_FOLDER still names the folder in force, neither removed nor replaced. */
bool pins_in_force(const struct pins *pins);

/*
 * Creates pins->fresh, a folder to pin into. Mounts bpffs and creates PINS_ROOT if needed, and
 * removes folders that a dead x0top left half-filled. Call it with the change lock held. Returns 0,
 * or a negative errno with *failure set.
 */
int pins_begin(struct pins *pins, struct failure *failure);

/* Puts the fresh folder in force by one rename. Returns 0, or a negative errno: -EEXIST if another
 * is in force. */
int pins_commit(struct pins *pins);

/* Removes the fresh folder, if any. */
void pins_abandon(struct pins *pins);

/*
 * Removes the folder in force with its pins: links first, then the rest. With `detach`, detaches
 * the links, so that interfaces are free on return; without, a link stays attached while another
 * process holds it. Returns the number of pins removed, or a negative errno if the folder is still there.
 */
int pins_empty(struct pins *pins, bool detach);

/* Removes half-filled folders of a dead x0top. Call it with the change lock held. Returns their
 * number. */
int pins_clean(struct pins *pins, bool detach);

/* Opens the folders, removes them like pins_empty() and pins_clean(), and closes. Returns the
 * number of pins removed from the folder in force. */
int pins_remove(void);

#endif
