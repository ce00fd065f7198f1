/* SPDX-License-Identifier: BSD-2-Clause */
/* The subcommands, a file each, and their common helpers. */
#ifndef X0_CLI_COMMAND_H
#define X0_CLI_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"

struct orchestrator;
struct words;

/* Exit statuses; man/x0top.8 lists them. */
enum exit_status {
	EXIT_ALL_RAN = 0, /* everything requested ran */
	EXIT_SOME_FAILED = 1, /* a program failed, the rest is shown; or the subcommand failed */
	EXIT_USAGE = 2,
	EXIT_NO_CAPABILITY = 3,
};

/* Run a subcommand. argv[0] is its name, or x0top for command_top(). Return an exit status. */
int command_top(int argc, char **argv);
int command_mapek(int argc, char **argv);
int command_fleet(int argc, char **argv);
int command_serve(int argc, char **argv);
int command_lab(int argc, char **argv);
int command_classes(int argc, char **argv);
int command_qos(int argc, char **argv);
int command_rules(int argc, char **argv);
int command_sets(int argc, char **argv);
int command_keys(int argc, char **argv);
int command_plugins(int argc, char **argv);
int command_programs(int argc, char **argv);
int command_probe(int argc, char **argv);
int command_peer(int argc, char **argv);
int command_bench(int argc, char **argv);

/*
 * Prints a failure to stderr: problem, remedy, and with `verbose` the cause. Returns the exit
 * status: EXIT_NO_CAPABILITY for -EPERM, EXIT_USAGE for -EINVAL, else EXIT_SOME_FAILED.
 */
int command_failed(const struct failure *failure, bool verbose);

/* Says what is wrong with an option of a subcommand: `option` is what getopt_long() returned, '?', or ':' for letters
 * that begin with one. Returns -EINVAL with *failure set. */
int command_not_an_option(const char *command, int option, char **argv, struct failure *failure);
/* Prints that. Returns the exit status. */
int command_wrong_option(const char *command, int option, char **argv);

/* Prints what was asked for and is not in force, each as command_failed(). `orchestrator` may be NULL. */
void command_unmet(const struct orchestrator *orchestrator, bool verbose);

/* Prints that memory ran out. Returns the exit status. */
int command_no_memory(void);

/* Gives up what a short subcommand on BPF programs does not need. Returns 0, or a negative errno with
 * *failure set: end then. */
int command_confine(struct failure *failure);

/*
 * Reads `audit`, enum audit_policy, from a configuration file; without one (NULL) the policy is
 * AUDIT_BEST_EFFORT. Returns EXIT_ALL_RAN, or the exit status after it has printed why it failed.
 */
int command_audit_policy(const char *config, uint32_t *policy);

/* Adds n words to the text of an action, in `size` bytes, a space before each. Returns 0, or -EINVAL with *failure
 * set if there is no room for them. */
int command_add_words(char *text, size_t size, int n, char *const words[], struct failure *failure);

/* Takes the words of a packet for "x0top COMMAND check": as many as there are, or one that all are quoted in. Their
 * text lasts as long as `words` and *packet. Returns 0, or -EINVAL with *failure set. */
int command_packet(const char *command, int n, char *const words[], struct words *packet,
	struct failure *failure);

/*
 * Checks that argv[0] is a verb of `object`, with operands if it takes some, and without if it takes none.
 * `command` names the subcommand in sentences. Returns 0, or -EINVAL with *failure set.
 */
int command_check_verb(
	const char *object, const char *command, int argc, char **argv, struct failure *failure);

/* Say that a word's operands are too many, or that it lacks some. Return -EINVAL with *failure set. */
int command_too_many(const char *command, const char *word, struct failure *failure);
int command_lacks(
	const char *command, const char *word, const char *usage, struct failure *failure);

/* Asks on the terminal, whose default is No. Returns whether the answer was yes; false where standard
 * input or error is no terminal. */
bool command_confirm(const char *question);

/* Prints a sentence, without its full stop, as x0top's. */
void command_tell(const char *sentence);

#endif
