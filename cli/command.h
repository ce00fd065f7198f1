/* SPDX-License-Identifier: BSD-2-Clause */
/* The subcommands, a file each, and what they share. */
#ifndef X0_CLI_COMMAND_H
#define X0_CLI_COMMAND_H

#include <stdbool.h>

#include "base/failure.h"

/* Exit statuses, as man/x0top.8 has them. */
enum exit_status {
	EXIT_ALL_RAN = 0, /* all that was asked for */
	EXIT_SOME_FAILED = 1, /* a program; the rest is shown. Or the subcommand itself */
	EXIT_USAGE = 2,
	EXIT_NO_CAPABILITY = 3,
};

/* argv[0] is the subcommand's name, or the program's for command_top(). Return an exit status. */
int command_top(int argc, char **argv);
int command_lab(int argc, char **argv);
int command_rules(int argc, char **argv);
int command_keys(int argc, char **argv);
int command_programs(int argc, char **argv);
int command_probe(int argc, char **argv);
int command_peer(int argc, char **argv);
int command_bench(int argc, char **argv);

/*
 * Tells the operator on stderr: what is wrong, what to do, and with `verbose` the cause. Returns the
 * exit status that fits: EXIT_NO_CAPABILITY for -EPERM, EXIT_USAGE for -EINVAL, else
 * EXIT_SOME_FAILED.
 */
int command_failed(const struct failure *failure, bool verbose);

/* Asks on the terminal, whose default is No. Returns whether the answer was yes; false where standard
 * input or error is no terminal. */
bool command_confirm(const char *question);

#endif
