// SPDX-License-Identifier: BSD-2-Clause
#include "base/quantity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char letters[] = "kMG";

static uint64_t multiple(const char **end)
{
	const char *letter = **end != '\0' ? strchr(letters, **end) : NULL;
	uint64_t factor = 1;

	if (letter == NULL)
		return 1;
	(*end)++;
	for (const char *l = letters; l <= letter; l++)
		factor *= 1000;
	return factor;
}

int quantity_parse(const char *text, uint64_t most, uint64_t *value, const char **end)
{
	char *behind;

	if (text[0] < '1' || text[0] > '9')
		return -EINVAL;
	uint64_t number = strtoull(text, &behind, 10);
	*end = behind;
	uint64_t factor = multiple(end);
	if (number > most / factor)
		return -EINVAL;
	*value = number * factor;
	return 0;
}

char *quantity_format(char text[QUANTITY_LEN], uint64_t value)
{
	int letter = -1;

	while (value >= 1000 && value % 1000 == 0 && letter < 2) {
		value /= 1000;
		letter++;
	}
	snprintf(text, QUANTITY_LEN, "%llu%.*s", (unsigned long long)value, letter >= 0,
		letters + (letter >= 0 ? letter : 0));
	return text;
}
