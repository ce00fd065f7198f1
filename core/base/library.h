/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opens libraries at the moment when they are needed: as libraries of the whole program they would make each
 * start longer, and each process larger. A static x0top cannot open any.
 */
#ifndef X0_BASE_LIBRARY_H
#define X0_BASE_LIBRARY_H

#include <stddef.h>

struct library_function {
	const char *name;
	size_t offset; /* of its pointer in the struct of functions */
};

/*
 * Opens a library for as long as the process lives, and writes its functions into `functions`. Returns 0,
 * -ENOENT if it is not there, or -ENOSYS if it lacks one of them; dlerror() has the cause.
 */
int library_open(
	const char *file, const struct library_function *wanted, size_t n, void *functions);

#endif
