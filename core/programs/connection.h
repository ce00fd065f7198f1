/* SPDX-License-Identifier: BSD-2-Clause */
/* The connection over which the operator works here, so that a rule does not cut it unasked. */
#ifndef X0_PROGRAMS_CONNECTION_H
#define X0_PROGRAMS_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

struct connection {
	char address[64]; /* the operator's, in text */
	uint16_t port; /* the local port: sshd's */
};

/*
 * Finds SSH_CONNECTION in the environment of this process or, because sudo takes it out, of one of
 * its ancestors. Returns false if the operator does not work over SSH.
 */
bool connection_find(struct connection *connection);

#endif
