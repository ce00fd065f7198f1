/* SPDX-License-Identifier: BSD-2-Clause */
/* Single pins: objects by their names in a folder of bpffs, whose descriptor the caller has. */
#ifndef X0_KERNEL_PIN_H
#define X0_KERNEL_PIN_H

#include <stdbool.h>

enum pin_kind {
	PIN_UNKNOWN,
	PIN_MAP,
	PIN_PROGRAM,
	PIN_LINK,
};

extern const char *const pin_kind_names[]; /* enum pin_kind: "map", ... */

/* Whether there is a pin of that name in `folder`. */
bool pin_exists(int folder, const char *name);

/* Whether the object that `fd` stands for is pinned under that name. */
bool pin_is(int folder, int fd, const char *name);

/* Pins an object under a folder's descriptor. A name that is taken is success only if the same
 * object is pinned there. Returns 0 or a negative errno. */
int pin_put(int folder, int fd, const char *name);

/* Opens what is pinned. Returns a file descriptor to be closed by the caller, with its kind in *kind,
 * or a negative errno: -ENOENT if nothing of that name is. */
int pin_get(int folder, const char *name, enum pin_kind *kind);

/* Removes one pin. Returns 0 or a negative errno. */
int pin_remove(int folder, const char *name);

/* Calls `each` with the name of every pin in the folder, in the folder's order, until it returns
 * something other than 0, and returns that. */
int pin_each(int folder, int (*each)(int folder, const char *name, void *data), void *data);

/* Whether a name as the kernel keeps it, of 15 characters at most, is that of the whole name. */
bool pin_kernel_name_is(const char *kernel, const char *whole);

#endif
