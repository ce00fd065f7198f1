// SPDX-License-Identifier: BSD-2-Clause
#include "base/hex.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void hex_format(const uint8_t *data, size_t size, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		*text++ = digits[data[i] >> 4];
		*text++ = digits[data[i] & 15];
	}
	*text = '\0';
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hex_parse(const char *text, uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++, text += 2) {
		int high = digit(text[0]);
		int low = high < 0 ? -1 : digit(text[1]); /* text[1] is there only then */
		if (low < 0)
			return -EINVAL;
		data[i] = (uint8_t)(high << 4 | low);
	}
	return *text == '\0' ? 0 : -EINVAL;
}

void hex_format_mac(const uint8_t mac[HEX_MAC_BYTES], char *text, size_t size)
{
	snprintf(text, size, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
		mac[4], mac[5]);
}

int hex_parse_mac(const char *text, uint8_t mac[HEX_MAC_BYTES])
{
	enum { BYTE_LEN = 3, LEN = HEX_MAC_BYTES * BYTE_LEN - 1 };
	char digits[2 * HEX_MAC_BYTES + 1] = "";
	uint8_t address[HEX_MAC_BYTES];
	bool valid = strlen(text) == LEN;

	for (unsigned i = 0; valid && i < LEN; i++) {
		if (i % BYTE_LEN == 2)
			valid = text[i] == ':';
		else
			digits[i / BYTE_LEN * 2 + i % BYTE_LEN] = text[i];
	}
	if (!valid || hex_parse(digits, address, sizeof(address)) < 0)
		return -EINVAL;
	memcpy(mac, address, sizeof(address));
	return 0;
}
