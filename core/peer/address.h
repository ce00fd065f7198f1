/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP addresses of nodes. */
#ifndef X0_PEER_ADDRESS_H
#define X0_PEER_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "pqc_wire.h"

#define ADDRESS_TEXT_LEN 80

struct peer_address {
	struct sockaddr_storage storage; /* zeros beyond `length` */
	socklen_t length; /* 0: none */
};

/* Every address of the host, IPv6 and IPv4, at a port in host byte order. */
struct peer_address address_any(uint16_t port);

/* Returns whether this is address_any() or its like of IPv4. */
bool address_is_any(const struct peer_address *address);

bool address_equal(const struct peer_address *a, const struct peer_address *b);

/* Returns whether these differ only in the link that a link-local address (RFC 4291) is on. */
bool address_is_on_other_link(const struct peer_address *a, const struct peer_address *b);

/* Writes an address in the 16 bytes and the port of the wire: IPv4 in its mapped form. */
void address_to_wire(
	const struct peer_address *address, uint8_t bytes[PQC_ADDRESS_LEN], __be16 *port);

/* Hashes an address with a secret key, so that nobody else can tell which addresses collide. */
uint64_t address_hash(const struct peer_address *address, const uint64_t key[2]);

/* Writes "10.0.0.1:26970" or "[fd00::1]:26970". Returns `text`. */
char *address_format(const struct peer_address *address, char text[ADDRESS_TEXT_LEN]);

#endif
