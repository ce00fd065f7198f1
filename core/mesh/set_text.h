/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sets as text: an element a line, as public blocklists have them. Elements are prefixes (10.1.0.0/16), addresses,
 * or ranges of them (10.1.0.1-10.1.0.9); MAC addresses; ports and ranges of them (20-25); ids of nodes, 16
 * hexadecimal digits. What follows a blank, "#" or ";" is a comment.
 */
#ifndef X0_MESH_SET_TEXT_H
#define X0_MESH_SET_TEXT_H

#include <stddef.h>

#include "base/failure.h"
#include "mesh/elements.h"

enum {
	SET_TEXT_MAX = 1 << 24, /* bytes of a file */
	SET_ELEMENT_LEN = 96, /* of an element as text, with its NUL */
};

/* Elements that are being collected. Zeroed: empty. */
struct set_elements {
	uint32_t kind; /* enum mesh_set_kind; MESH_SET_KINDS: that of the first element */
	uint32_t n, room;
	struct mesh_element *list; /* to be freed by the caller */
};

/* Adds one element of `length` bytes. Returns 0, -ENOMEM, -ENOSPC beyond MESH_ELEMENTS_MAX, or -EINVAL, with
 * *failure set. */
int set_add_text(
	struct set_elements *elements, const char *text, size_t length, struct failure *failure);

/* Adds one element. Returns 0, -ENOMEM or -ENOSPC. */
int set_add(struct set_elements *elements, const struct mesh_element *element);

/* Adds the elements of a whole file, `path` for messages. Returns as set_add_text(), with file, line and
 * column in *failure. */
int set_add_file(struct set_elements *elements, const char *path, const char *text, size_t size,
	struct failure *failure);

/* Puts elements in order, and keeps of those that overlap what holds them all. */
void set_merge(struct set_elements *elements);

/* Writes an element as set_add_text() reads it. */
void set_format_element(
	uint32_t kind, const struct mesh_element *element, char text[SET_ELEMENT_LEN]);

/*
 * Finds the element that holds another one, in a list as of set_merge(). Returns it or NULL.
 */
const struct mesh_element *set_find(uint32_t kind, const struct mesh_element *list, uint32_t n,
	const struct mesh_element *element);

#endif
