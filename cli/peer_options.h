/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of x0top peer, and addresses as people write them. */
#ifndef X0_CLI_PEER_OPTIONS_H
#define X0_CLI_PEER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "peer/peer.h"

#define ADDRESS_TEXT_LEN 80

struct peer_options {
	const char *identity; /* file; points into argv, like `trust` */
	const char *trust; /* directory */
	struct peer_address listen;
	struct peer_settings settings; /* all but the identity */
	bool once;
	bool verbose;
	bool help;
};

/* Reads a command line. Returns 0, or -EINVAL with *failure set: the exit status is 2. */
int peer_options_parse(
	int argc, char **argv, struct peer_options *options, struct failure *failure);

extern const char peer_usage[];

/* Writes "10.0.0.1:26970" or "[fd00::1]:26970". Returns `text`. */
char *address_format(const struct peer_address *address, char text[ADDRESS_TEXT_LEN]);

#endif
