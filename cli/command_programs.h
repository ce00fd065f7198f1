/* SPDX-License-Identifier: BSD-2-Clause */
/* Verbs of x0top programs in files of their own. */
#ifndef X0_CLI_COMMAND_PROGRAMS_H
#define X0_CLI_COMMAND_PROGRAMS_H

#include <stdbool.h>

/*
 * Verifies `n` files, or all built-in objects if n is 0. Reports sound objects on stdout, with
 * `verbose` also the kernel's reason for refusing a program, and unsound ones on stderr. Returns an
 * exit status: EXIT_SOME_FAILED if an object is unsound.
 */
int programs_verify(int n, char **files, bool verbose);

#endif
