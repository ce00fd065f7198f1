/* SPDX-License-Identifier: BSD-2-Clause */
/* Parses the command line of x0top peer. */
#ifndef X0_CLI_PEER_OPTIONS_H
#define X0_CLI_PEER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "peer/endpoint.h"

struct peer_options {
	struct endpoint_settings endpoint; /* its identity points into argv, like `trust` */
	const char *trust; /* directory */
	bool once;
	bool verbose;
	bool help;
};

/* Parses a command line. Returns 0, or -EINVAL with *failure set: exit status 2. */
int peer_options_parse(
	int argc, char **argv, struct peer_options *options, struct failure *failure);

extern const char peer_usage[];

#endif
