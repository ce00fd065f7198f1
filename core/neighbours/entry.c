// SPDX-License-Identifier: BSD-2-Clause
#include "neighbours/entry.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/words.h"

bool entry_read_address(const char *text, uint8_t *family, uint8_t address[ADDRESS_LEN])
{
	*family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	memset(address, 0, ADDRESS_LEN);
	return inet_pton(*family, text, address) == 1;
}

void entry_mask(uint8_t address[ADDRESS_LEN], uint8_t bits)
{
	for (size_t i = 0; i < ADDRESS_LEN; i++)
		if (8 * i >= bits)
			address[i] = 0;
		else if (8 * i + 8 > bits)
			address[i] &= (uint8_t)(0xff << (8 * i + 8 - bits));
}

bool entry_read_prefix(const char *text, struct neighbour_key *key)
{
	char address[INET6_ADDRSTRLEN];
	size_t length = strcspn(text, "/");
	uint64_t bits;

	if (length >= sizeof(address))
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	if (!entry_read_address(address, &key->family, key->address))
		return false;
	bits = 8 * neighbour_address_len(key->family);
	if (text[length] == '/' && words_number(text + length + 1, 0, bits, &bits) < 0)
		return false;
	key->bits = (uint8_t)bits;
	entry_mask(key->address, key->bits);
	return true;
}

void entry_format(char text[ENTRY_LEN], uint8_t family, const uint8_t *address, uint8_t bits)
{
	text[0] = '\0';
	if (neighbour_address_len(family) == 0 ||
		inet_ntop(family, address, text, ENTRY_LEN - 4) == NULL)
		return;
	size_t length = strlen(text);
	if (bits < 8 * neighbour_address_len(family))
		snprintf(text + length, ENTRY_LEN - length, "/%u", bits);
}
