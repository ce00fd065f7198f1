/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of x0top keys, and its verbs in files of their own. */
#ifndef X0_CLI_COMMAND_KEYS_H
#define X0_CLI_COMMAND_KEYS_H

#include <stdbool.h>

struct keys_options {
	const char *trust; /* directory */
	const char *directory; /* of a new key */
	const char *set;
	const char *key; /* file, like `signature` */
	const char *signature;
	const char *context; /* TEXT or hex:BYTES */
	bool json;
	bool native;
	bool verbose;
};

/* Implements x0top keys verify FILE. Returns an exit status. */
int keys_verify(const struct keys_options *options, int argc, char **argv);

#endif
