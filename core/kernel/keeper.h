/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The keeper: a second process of x0top that stays root when this one becomes an ordinary user. It
 * is forked before anything is opened, holds no program, no map and no key, and makes calls for this
 * process on a fixed list of paths only: the folder of pins, and the files named at the start. It
 * ends when this process does.
 *
 * Each function makes its call itself until keeper_use(), and asks the keeper from then on. Returns
 * are those of the system call with a negative errno; -EOWNERDEAD: the keeper was killed, or has not
 * answered for KEEPER_SECONDS, and is never asked again.
 */
#ifndef X0_KERNEL_KEEPER_H
#define X0_KERNEL_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/failure.h"

#define KEEPER_SECONDS 10
#define KEEPER_KILLED  "x0top-keeper, which keeps root's rights, was killed"

/* A path that the keeper opens, with exactly these flags; in a `folder`, files are opened for
 * reading, too. */
#define KEPT_SOCKET (-1) /* `flags` of a local socket that the keeper connects to */

struct kept_path {
	const char *path; /* NULL or empty: none */
	int flags;
	mode_t mode; /* of a file that is created */
	bool folder;
};

/* Starts the keeper. Copies nothing: call it before `paths` go. Returns 0, or a negative errno with
 * *failure set. */
int keeper_start(const struct kept_path *paths, size_t n, struct failure *failure);

/* Asks the keeper from now on, if there is one: this process has given its rights up. */
void keeper_use(void);

/* Returns whether a keeper was in use, and is gone. Waits for nothing. */
bool keeper_lost(void);

/* Returns what a negative errno of these functions means, like strerror(3). */
const char *keeper_strerror(int error);

/* Ends the keeper and waits for its end; does nothing without one. */
void keeper_stop(void);

int keeper_open(const char *path, int flags, mode_t mode);

/* Opens as base/trusted_file.h does for the user that x0top began as; sets *failure. */
int keeper_open_trusted(const char *path, int flags, struct failure *failure);

int keeper_open_in(int folder, const char *name, int flags);
int keeper_make(int folder, const char *name);
int keeper_remove(int folder, const char *name, int flags);
int keeper_rename(int folder, const char *name, const char *other);
int keeper_status(int folder, const char *name, struct stat *status);
int keeper_pin(int folder, int object, const char *name);
int keeper_get(int folder, const char *name);
int keeper_mount_bpffs(void);

/* Connects to a local stream socket, whose path is among those with KEPT_SOCKET. Returns the descriptor,
 * which is non-blocking. */
int keeper_connect(const char *path);

#endif
