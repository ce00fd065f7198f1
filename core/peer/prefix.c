// SPDX-License-Identifier: BSD-2-Clause
#include "peer/prefix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_well_formed(const struct pqc_prefix *prefix)
{
	unsigned longest = prefix->family == 4 ? 32 : 128;

	if ((prefix->family != 4 && prefix->family != 6) || prefix->length > longest)
		return false;
	for (unsigned bit = prefix->length; bit < 8 * sizeof(prefix->address); bit++)
		if (prefix->address[bit / 8] & 0x80 >> bit % 8)
			return false;
	return true;
}

int prefix_parse(const char *text, struct pqc_prefix *prefix)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	char *end;

	memset(prefix, 0, sizeof(*prefix));
	if (slash == NULL || slash[1] < '0' || slash[1] > '9' ||
		(size_t)(slash - text) >= sizeof(address))
		return -EINVAL;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	unsigned long length = strtoul(slash + 1, &end, 10);
	prefix->family = strchr(address, ':') != NULL ? 6 : 4;
	if (*end != '\0' || length > 128 ||
		inet_pton(prefix->family == 6 ? AF_INET6 : AF_INET, address, prefix->address) != 1)
		return -EINVAL;
	prefix->length = (__u8)length;
	return is_well_formed(prefix) ? 0 : -EINVAL;
}

char *prefix_format(const struct pqc_prefix *prefix, char text[PREFIX_TEXT_LEN])
{
	char address[INET6_ADDRSTRLEN] = "";

	inet_ntop(prefix->family == 6 ? AF_INET6 : AF_INET, prefix->address, address,
		sizeof(address));
	snprintf(text, PREFIX_TEXT_LEN, "%s/%u", address, prefix->length);
	return text;
}

int prefix_list(struct span body, const struct pqc_prefix **prefixes)
{
	size_t n = body.size / sizeof(**prefixes);

	if (body.size % sizeof(**prefixes) != 0 || n > PQC_PREFIXES_MAX)
		return -EBADMSG;
	*prefixes = (const struct pqc_prefix *)body.data;
	for (size_t i = 0; i < n; i++)
		if (!is_well_formed(&(*prefixes)[i]))
			return -EBADMSG;
	return (int)n;
}
