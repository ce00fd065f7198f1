/* SPDX-License-Identifier: BSD-2-Clause */
/* Puts, opens and removes single pins, by name in an open folder of bpffs. */
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

/* Returns whether a look at a pin failed, with this negative errno, for a cause that says nothing
 * about the pin, such as too few descriptors: it is believed to be there. */
bool pin_error_is_unknown(int error);

/* Returns whether `folder` has a pin of that name. */
bool pin_exists(int folder, const char *name);

/* Returns whether the object behind `fd` is pinned under that name. */
bool pin_is(int folder, int fd, const char *name);

/* Pins an object in a folder. Returns 0, also if the same object is already pinned there, or a
 * negative errno: -EEXIST if another one is. */
int pin_put(int folder, int fd, const char *name);

/* Pins a descriptor as `name` in a folder in the place of another pin, by one rename. Returns 0 or a negative errno. */
int pin_replace(int folder, int fd, const char *name);

/* Opens a pinned object. Returns a file descriptor to be closed by the caller, with its kind in
 * *kind, or a negative errno: -ENOENT without a pin of that name. */
int pin_get(int folder, const char *name, enum pin_kind *kind);

/* Removes one pin. Returns 0 or a negative errno. */
int pin_remove(int folder, const char *name);

/* Calls `each` with the name of every pin in the folder, in the folder's order, until it returns a
 * value other than 0, and returns that value. Returns a negative errno if the folder cannot be read. */
int pin_each(int folder, int (*each)(int folder, const char *name, void *data), void *data);

/* Returns whether the kernel's name of an object, cut to 15 characters, is that of `whole`. */
bool pin_kernel_name_is(const char *kernel, const char *whole);

#endif
