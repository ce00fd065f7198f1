// SPDX-License-Identifier: BSD-2-Clause
#include "peer/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "xdp_pqc_verify.h"

#include "pqc/siphash.bpf.h"

struct peer_address address_any(uint16_t port)
{
	const struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct peer_address address = { .length = sizeof(any) };

	memcpy(&address.storage, &any, sizeof(any));
	return address;
}

bool address_is_any(const struct peer_address *address)
{
	const struct sockaddr_in6 *six = (const void *)&address->storage;
	const struct sockaddr_in *four = (const void *)&address->storage;

	return address->storage.ss_family == AF_INET ? four->sin_addr.s_addr == INADDR_ANY
						     : IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr);
}

bool address_equal(const struct peer_address *a, const struct peer_address *b)
{
	return a->length == b->length && memcmp(&a->storage, &b->storage, a->length) == 0;
}

bool address_is_on_other_link(const struct peer_address *a, const struct peer_address *b)
{
	const struct sockaddr_in6 *first = (const void *)&a->storage;
	const struct sockaddr_in6 *second = (const void *)&b->storage;

	return a->storage.ss_family == AF_INET6 && b->storage.ss_family == AF_INET6 &&
	       IN6_IS_ADDR_LINKLOCAL(&first->sin6_addr) &&
	       IN6_ARE_ADDR_EQUAL(&first->sin6_addr, &second->sin6_addr) &&
	       first->sin6_port == second->sin6_port &&
	       first->sin6_scope_id != second->sin6_scope_id;
}

void address_to_wire(
	const struct peer_address *address, uint8_t bytes[PQC_ADDRESS_LEN], __be16 *port)
{
	const struct sockaddr_in6 *six = (const void *)&address->storage;
	const struct sockaddr_in *four = (const void *)&address->storage;

	if (address->storage.ss_family == AF_INET) {
		memset(bytes, 0, 10);
		memset(bytes + 10, 0xff, 2);
		memcpy(bytes + 12, &four->sin_addr, sizeof(four->sin_addr));
		*port = four->sin_port;
	} else {
		memcpy(bytes, &six->sin6_addr, sizeof(six->sin6_addr));
		*port = six->sin6_port;
	}
}

uint64_t address_hash(const struct peer_address *address, const uint64_t key[2])
{
	const uint8_t *bytes = (const uint8_t *)&address->storage;
	__u64 tag[2] = { 0 };

	siphash_128((const __u64 *)key, bytes, bytes + sizeof(address->storage), address->length,
		sizeof(address->storage), tag);
	return tag[0];
}

char *address_format(const struct peer_address *address, char text[ADDRESS_TEXT_LEN])
{
	const struct sockaddr_in6 *six = (const void *)&address->storage;
	const struct sockaddr_in *four = (const void *)&address->storage;
	char host[INET6_ADDRSTRLEN] = "?";

	if (address->storage.ss_family == AF_INET) {
		inet_ntop(AF_INET, &four->sin_addr, host, sizeof(host));
		snprintf(text, ADDRESS_TEXT_LEN, "%s:%u", host, ntohs(four->sin_port));
	} else if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
		inet_ntop(AF_INET, six->sin6_addr.s6_addr + 12, host, sizeof(host));
		snprintf(text, ADDRESS_TEXT_LEN, "%s:%u", host, ntohs(six->sin6_port));
	} else {
		inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof(host));
		snprintf(text, ADDRESS_TEXT_LEN, "[%s]:%u", host, ntohs(six->sin6_port));
	}
	return text;
}
