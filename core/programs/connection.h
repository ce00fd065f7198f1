/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the operator's own connection, so that x0top asks before it cuts it. */
#ifndef X0_PROGRAMS_CONNECTION_H
#define X0_PROGRAMS_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

struct connection {
	char address[64]; /* of the operator, in text */
	uint16_t port; /* the local port: sshd's */
};

/*
 * Reads SSH_CONNECTION of this process or, since sudo removes it, of its ancestors. Returns false if the
 * operator does not work over SSH.
 */
bool connection_find(struct connection *connection);

/* Reads "ADDRESS PORT"; anything else is no connection: an empty address. */
void connection_read(const char *text, struct connection *connection);

/* Lets connection_find() find that of another operator, whom this process acts for; NULL: its own again.
 * Keeps the pointer. */
void connection_act_for(const struct connection *connection);

#endif
