// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/rule.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/words.h"
#include "model/names.h"
#include "model/snapshot.h"

#define KEY_FORMS "an IPv4 or IPv6 prefix, \"mac 02:00:00:00:00:01\", \"tcp 22\" or \"udp 6696\""

static int key_error(struct failure *failure, const char *key)
{
	failure_set(failure, -EINVAL, "\"%s\" is not a key for a mesh rule", key);
	return failure_remedy(failure, "Write " KEY_FORMS);
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

static int parse_prefix(const char *key, struct mesh_rule *rule, struct failure *failure)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchr(key, '/');
	size_t size = slash != NULL ? (size_t)(slash - key) : strlen(key);
	uint8_t bytes[16];
	uint64_t length;

	if (size >= sizeof(address))
		return key_error(failure, key);
	memcpy(address, key, size);
	address[size] = '\0';
	int family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET;
	if (inet_pton(family, address, bytes) != 1)
		return key_error(failure, key);

	uint32_t bits = family == AF_INET ? 32 : 128;
	length = bits; /* an address alone is that one host */
	if (slash != NULL && (slash[1] == '0' && slash[2] == 'x'))
		return key_error(failure, key);
	if (slash != NULL && words_number(slash + 1, 0, bits, &length) != 0) {
		failure_set(failure, -EINVAL, "\"%s\" has no valid prefix length", key);
		return failure_remedy(failure, "Write a length from 0 to %u after the slash", bits);
	}
	int error = prefix_check(family, bytes, (uint32_t)length, key, failure);
	if (error)
		return error;
	if (family == AF_INET) {
		rule->match = MESH_MATCH_PREFIX4;
		rule->prefix4.length = (uint32_t)length;
		memcpy(rule->prefix4.address, bytes, sizeof(rule->prefix4.address));
	} else {
		rule->match = MESH_MATCH_PREFIX6;
		rule->prefix6.length = (uint32_t)length;
		memcpy(rule->prefix6.address, bytes, sizeof(rule->prefix6.address));
	}
	return 0;
}

static int parse_mac(const char *text, struct mesh_rule *rule, struct failure *failure)
{
	enum { OCTETS = sizeof(rule->mac.address), OCTET_LEN = 3, LEN = OCTETS * OCTET_LEN - 1 };
	char digits[2 * OCTETS + 1] = "";
	uint8_t address[OCTETS];

	bool valid = strlen(text) == LEN;
	for (unsigned i = 0; valid && i < LEN; i++) {
		if (i % OCTET_LEN == 2)
			valid = text[i] == ':';
		else
			digits[i / OCTET_LEN * 2 + i % OCTET_LEN] = text[i];
	}
	if (!valid || hex_parse(digits, address, OCTETS) < 0) {
		failure_set(failure, -EINVAL, "\"%s\" is not a MAC address", text);
		return failure_remedy(
			failure, "Write six pairs of hexadecimal digits: %s", "02:00:00:00:00:01");
	}
	rule->match = MESH_MATCH_MAC;
	memcpy(rule->mac.address, address, sizeof(address));
	return 0;
}

static int parse_port(
	uint8_t protocol, const char *text, struct mesh_rule *rule, struct failure *failure)
{
	uint64_t port;

	if (strncmp(text, "0x", 2) == 0 || words_number(text, 1, UINT16_MAX, &port) != 0)
		return failure_set(failure, -EINVAL,
			"\"%s\" is not a port: that is a number from 1 to 65535", text);
	rule->match = MESH_MATCH_PORT;
	rule->port.protocol = protocol;
	rule->port.port = htons((uint16_t)port);
	return 0;
}

static int parse_key(
	const char *const *words, uint32_t n, struct mesh_rule *rule, struct failure *failure)
{
	if (n == 1)
		return parse_prefix(words[0], rule, failure);
	if (n == 2 && strcmp(words[0], "mac") == 0)
		return parse_mac(words[1], rule, failure);
	if (n == 2 && strcmp(words[0], "tcp") == 0)
		return parse_port(IPPROTO_TCP, words[1], rule, failure);
	if (n == 2 && strcmp(words[0], "udp") == 0)
		return parse_port(IPPROTO_UDP, words[1], rule, failure);
	if (n == 0) {
		failure_set(failure, -EINVAL, "The mesh rule has no key");
		return failure_remedy(failure, "Write " KEY_FORMS);
	}
	return key_error(failure, words[0]);
}

int rule_parse(const char *text, struct mesh_rule *rule, struct failure *failure)
{
	struct mesh_rule parsed;
	struct words words;

	int error = words_split(&words, text, "a mesh rule", failure);
	if (error)
		return error;
	int action = names_find(mesh_action_names, words.word[0]);
	if (action < 0) {
		failure_set(failure, -EINVAL, "Unknown action \"%s\"", words.word[0]);
		return failure_remedy(failure, "Begin the mesh rule with \"pass\" or \"drop\"");
	}
	memset(&parsed, 0, sizeof(parsed)); /* the kernel sees every byte of it */
	parsed.enabled = 1;
	parsed.action = (uint8_t)action;
	error = parse_key(words.word + 1, words.n - 1, &parsed, failure);
	if (error)
		return error;
	*rule = parsed;
	return 0;
}

void rule_format_key(const struct mesh_rule *rule, char *text, size_t size)
{
	char address[INET6_ADDRSTRLEN];
	const uint8_t *mac = rule->mac.address;

	switch (rule->match) {
	case MESH_MATCH_PREFIX4:
		inet_ntop(AF_INET, rule->prefix4.address, address, sizeof(address));
		snprintf(text, size, "%s/%u", address, rule->prefix4.length);
		break;
	case MESH_MATCH_PREFIX6:
		inet_ntop(AF_INET6, rule->prefix6.address, address, sizeof(address));
		snprintf(text, size, "%s/%u", address, rule->prefix6.length);
		break;
	case MESH_MATCH_MAC:
		snprintf(text, size, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
			mac[3], mac[4], mac[5]);
		break;
	case MESH_MATCH_PORT:
		snprintf(text, size, "%s %u", rule->port.protocol == IPPROTO_TCP ? "tcp" : "udp",
			ntohs(rule->port.port));
		break;
	default:
		snprintf(text, size, "%s", mesh_match_names[MESH_MATCH_NONE]);
	}
}

void rule_format(const struct mesh_rule *rule, char *text, size_t size)
{
	char key[NAME_LEN * 2];

	rule_format_key(rule, key, sizeof(key));
	snprintf(text, size, "%s %s%s", rule->action == MESH_DROP ? "drop" : "pass",
		rule->match == MESH_MATCH_MAC ? "mac " : "", key);
}

bool rule_same_key(const struct mesh_rule *a, const struct mesh_rule *b)
{
	if (a->match != b->match)
		return false;
	switch (a->match) {
	case MESH_MATCH_PREFIX4:
		return memcmp(&a->prefix4, &b->prefix4, sizeof(a->prefix4)) == 0;
	case MESH_MATCH_PREFIX6:
		return memcmp(&a->prefix6, &b->prefix6, sizeof(a->prefix6)) == 0;
	case MESH_MATCH_MAC:
		return memcmp(&a->mac, &b->mac, sizeof(a->mac)) == 0;
	case MESH_MATCH_PORT:
		return memcmp(&a->port, &b->port, sizeof(a->port)) == 0;
	default:
		return false;
	}
}

/* Returns whether the first `bits` of two addresses are equal. */
bool rule_same_start(const uint8_t *a, const uint8_t *b, uint32_t bits)
{
	uint32_t bytes = bits / 8;

	return memcmp(a, b, bytes) == 0 &&
	       (bits % 8 == 0 || (a[bytes] ^ b[bytes]) >> (8 - bits % 8) == 0);
}

bool rule_contains(const struct mesh_rule *wide, const struct mesh_rule *narrow)
{
	if (wide->match != narrow->match)
		return false;
	if (wide->match == MESH_MATCH_PREFIX4)
		return wide->prefix4.length < narrow->prefix4.length &&
		       rule_same_start(wide->prefix4.address, narrow->prefix4.address,
			       wide->prefix4.length);
	return wide->match == MESH_MATCH_PREFIX6 && wide->prefix6.length < narrow->prefix6.length &&
	       rule_same_start(
		       wide->prefix6.address, narrow->prefix6.address, wide->prefix6.length);
}
