/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_MESH_SET_FILE_H
#define X0_MESH_SET_FILE_H

#include "mesh/set_text.h"

/* Reads a regular file of at most SET_TEXT_MAX bytes and adds its elements. Returns as set_add_file(), or
 * another negative errno with *failure naming the file. */
int set_read_file(struct set_elements *elements, const char *path, struct failure *failure);

#endif
