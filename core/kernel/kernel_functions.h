/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the kernel's functions begin: /proc/kallsyms, read once for many of them. */
#ifndef X0_KERNEL_KERNEL_FUNCTIONS_H
#define X0_KERNEL_KERNEL_FUNCTIONS_H

#include <stdint.h>

struct kernel_functions;

/* Reads the functions of the kernel itself whose names begin with `prefix`, from a file like /proc/kallsyms. Returns
 * them, to be freed by free(), or NULL if they cannot be read. */
struct kernel_functions *kernel_functions_read(const char *path, const char *prefix);

/* Returns the address of a function, or 0 if it is not known, not shown to this user, or that of several. `functions`
 * may be NULL. */
uint64_t kernel_function_address(const struct kernel_functions *functions, const char *name);

#endif
