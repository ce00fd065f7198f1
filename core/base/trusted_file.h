/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opens files of which the kernel will run the contents, and those that say whom this host trusts: those alone that
 * nobody but root could have written or exchanged. Follows a path name by name from the root on, by descriptors of folders that it has checked: whoever
 * may write one of them could put another file in its place. Follows no symbolic link.
 */
#ifndef X0_BASE_TRUSTED_FILE_H
#define X0_BASE_TRUSTED_FILE_H

#include <fcntl.h>
#include <sys/types.h>

#include "base/failure.h"

/* For the flags of a folder that is to be listed. */
#define TRUSTED_FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/*
 * Opens a path; its last name with `flags` of open(2) and O_NOFOLLOW. Returns a descriptor to be closed by the caller,
 * or a negative errno with *failure set: -EACCES if the file or a folder of its path is not root's or may be written
 * by others, -ELOOP if one is a symbolic link.
 */
int trusted_open(const char *path, int flags, struct failure *failure);

/* The same of what may be another user's, too, as of the user who runs x0top. */
int trusted_open_of(const char *path, int flags, uid_t user, struct failure *failure);

#endif
