/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the files of plugins, whose code will run in the kernel: those alone that nobody but root could have
 * written, as base/trusted_file.h opens them.
 */
#ifndef X0_PLUGINS_PLUGIN_FILE_H
#define X0_PLUGINS_PLUGIN_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

#define PLUGIN_BYTES_MAX (16U << 20) /* of a file: more than any BPF object takes */

/* Reads a whole file. Returns 0 with *data to be freed by the caller, or a negative errno with *failure set:
 * -EACCES if another could have written it, -ELOOP for a symbolic link. */
int plugin_file_read(const char *path, uint8_t **data, size_t *size, struct failure *failure);

/* The same for a file of anybody's, which will not be run. */
int plugin_file_read_any(const char *path, uint8_t **data, size_t *size, struct failure *failure);

/* Counts the files of a folder, hidden ones aside. Returns their number, 0 if there is no such folder, or a
 * negative errno with *failure set: -EACCES as above. */
int plugin_file_count(const char *folder, struct failure *failure);

/*
 * Lists the files of a folder whose names end in PLUGIN_SUFFIX, sorted, at most `room`: each path has `size`
 * bytes, one after the other in `paths`. Returns their number, 0 if there is no such folder, or a negative errno
 * with *failure set: -EACCES as above, -E2BIG if there are more.
 */
int plugin_file_list(
	const char *folder, char *paths, size_t size, uint32_t room, struct failure *failure);

#endif
