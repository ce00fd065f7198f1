/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of x0top programs that have files of their own. */
#ifndef X0_CLI_PROGRAMS_H
#define X0_CLI_PROGRAMS_H

#include <stdbool.h>

/*
 * Verifies `n` files, or all built-in objects if there are none. What is good is reported on stdout,
 * with `verbose` also why the kernel refused a program, what is not on stderr. Returns an exit status:
 * EXIT_SOME_FAILED if one is not a sound object.
 */
int programs_verify(int n, char **files, bool verbose);

#endif
