// SPDX-License-Identifier: BSD-2-Clause
/* Values of conditions, and elements of sets, from text. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/words.h"
#include "mesh/rule.h"

#define KEY_FORMS "an IPv4 or IPv6 prefix, \"mac 02:00:00:00:00:01\", \"tcp 22\" or \"udp 6696\""

int rule_key_error(struct failure *failure, const char *key)
{
	failure_set(failure, -EINVAL, "\"%s\" is not a key for a mesh rule", key);
	return failure_remedy(failure, "Write " KEY_FORMS);
}

/* Returns how many whole numbers up to 255 begin a text, with dots between them and perhaps behind: "10.8", "10.8.";
 * 0 if it is anything else. */
static int count_octets(const char *text)
{
	int n = 0;

	for (; n < 4 && *text != '\0' && *text != '/'; n++) {
		char *end;
		if (*text < '0' || *text > '9' || strtoul(text, &end, 10) > 255)
			return 0;
		if (*end != '.' && *end != '/' && *end != '\0')
			return 0;
		text = end + (*end == '.');
	}
	return *text == '\0' || *text == '/' ? n : 0;
}

/* Says what is missing of one that is not yet whole: "10.8" may become 10.8.0.0/16. */
static int no_prefix(const char *key, struct failure *failure)
{
	static const char *const zeros[] = { "", ".0.0.0/8", ".0.0/16", ".0/24" };
	int octets = count_octets(key), length = (int)strcspn(key, "/");
	uint8_t mac[6];

	failure_set(failure, -EINVAL, "\"%s\" is not an address or prefix", key);
	if (hex_parse_mac(key, mac) == 0)
		return failure_remedy(failure, "Write mac %s", key);
	if (octets == 0 || octets > 3)
		return failure_remedy(
			failure, "Write one such as 10.1.0.7, 10.1.0.0/16, fd00::7 or fd00::/8");
	length -= key[length - 1] == '.';
	return failure_remedy(failure, "Write %.*s%s", length, key, zeros[octets]);
}

/* Clears the bits of `address` beyond `length`. Returns whether any was set. */
static bool clear_host_bits(uint8_t *address, size_t size, uint32_t length)
{
	bool found = false;

	for (size_t i = 0; i < size; i++) {
		uint32_t first = (uint32_t)i * 8;
		uint8_t mask = length >= first + 8 ? 0xff
			       : length <= first   ? 0
						   : (uint8_t)(0xff << (8 - (length - first)));
		found |= (address[i] & ~mask) != 0;
		address[i] &= mask;
	}
	return found;
}

static int prefix_check(
	int family, uint8_t *address, uint32_t length, const char *key, struct failure *failure)
{
	size_t size = family == AF_INET ? 4 : 16;
	char text[INET6_ADDRSTRLEN];

	if (clear_host_bits(address, size, length)) {
		inet_ntop(family, address, text, sizeof(text));
		failure_set(failure, -EINVAL, "%s has bits set beyond its first %u", key, length);
		return failure_remedy(failure, "Write %s/%u", text, length);
	}
	if (family == AF_INET6 && length >= 96 &&
		IN6_IS_ADDR_V4MAPPED((struct in6_addr *)address)) {
		inet_ntop(AF_INET, address + 12, text, sizeof(text));
		failure_set(failure, -EINVAL,
			"%s is an IPv4 address in IPv6 form, which no packet carries", key);
		return failure_remedy(failure, "Write %s/%u", text, length - 96);
	}
	return 0;
}

int rule_parse_prefix(const char *key, struct mesh_prefix *prefix, struct failure *failure)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchr(key, '/');
	size_t size = slash != NULL ? (size_t)(slash - key) : strlen(key);
	uint8_t bytes[16];
	uint64_t length;

	if (size >= sizeof(address))
		return no_prefix(key, failure);
	memcpy(address, key, size);
	address[size] = '\0';
	int family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET;
	if (inet_pton(family, address, bytes) != 1)
		return no_prefix(key, failure);

	uint32_t bits = family == AF_INET ? 32 : 128;
	length = bits; /* an address alone is that one host */
	if (slash != NULL && (slash[1] == '0' && slash[2] == 'x'))
		return no_prefix(key, failure);
	if (slash != NULL && words_number(slash + 1, 0, bits, &length) != 0) {
		failure_set(failure, -EINVAL, "\"%s\" has no valid prefix length", key);
		return failure_remedy(failure, "Write a length from 0 to %u after the slash", bits);
	}
	int error = prefix_check(family, bytes, (uint32_t)length, key, failure);
	if (error)
		return error;
	*prefix = (struct mesh_prefix) { .family = family == AF_INET ? 4 : 6,
		.length = (uint8_t)length };
	memcpy(prefix->address, bytes, bits / 8);
	return 0;
}

int rule_parse_mac(const char *text, uint8_t *mac, struct failure *failure)
{
	if (hex_parse_mac(text, mac) == 0)
		return 0;
	failure_set(failure, -EINVAL, "\"%s\" is not a MAC address", text);
	return failure_remedy(
		failure, "Write six pairs of hexadecimal digits: %s", "02:00:00:00:00:01");
}

static int port_number(const char *text, uint16_t *port, struct failure *failure)
{
	uint64_t number;

	if (strncmp(text, "0x", 2) == 0 || words_number(text, 1, UINT16_MAX, &number) != 0)
		return failure_set(failure, -EINVAL,
			"\"%s\" is not a port: that is a number from 1 to 65535", text);
	*port = (uint16_t)number;
	return 0;
}

int rule_parse_ports(const char *text, struct mesh_range *range, struct failure *failure)
{
	char first[8];
	const char *dash = strchr(text, '-');
	size_t length = dash != NULL ? (size_t)(dash - text) : strlen(text);

	if (dash == NULL || length == 0 || length >= sizeof(first)) {
		int error = port_number(text, &range->from, failure);
		range->to = range->from;
		return error;
	}
	memcpy(first, text, length);
	first[length] = '\0';
	int error = port_number(first, &range->from, failure);
	if (error == 0)
		error = port_number(dash + 1, &range->to, failure);
	if (error == 0 && range->from > range->to)
		return failure_set(failure, -EINVAL, "\"%s\" ends before it begins", text);
	return error;
}
