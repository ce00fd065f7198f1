/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of x0top programs that have files of their own. */
#ifndef X0_CLI_PROGRAMS_H
#define X0_CLI_PROGRAMS_H

/*
 * Verifies the files that are named, or all built-in objects. What is good is reported on stdout,
 * what is not on stderr. Returns an exit status: EXIT_SOME_FAILED if one is not a sound object.
 */
int programs_verify(int argc, char **argv);

#endif
