// SPDX-License-Identifier: BSD-2-Clause
#include "base/duration.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
	char letter;
	uint64_t seconds;
} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

enum { UNITS = sizeof(units) / sizeof(units[0]) };

int duration_parse(const char *text, uint64_t *seconds)
{
	uint64_t sum = 0;
	int unit = 0;

	while (*text != '\0') {
		uint64_t number = 0;
		size_t digits = strspn(text, "0123456789");
		for (size_t i = 0; i < digits && number <= DURATION_MAX; i++)
			number = number * 10 + (uint64_t)(text[i] - '0');
		while (unit < UNITS && units[unit].letter != text[digits])
			unit++;
		if (digits == 0 || unit == UNITS || number > DURATION_MAX)
			return -EINVAL;
		sum += number * units[unit++].seconds;
		text += digits + 1;
	}
	if (sum == 0 || sum > DURATION_MAX)
		return -EINVAL;
	*seconds = sum;
	return 0;
}

char *duration_format(char text[DURATION_LEN], uint64_t seconds)
{
	size_t length = 0;

	for (int unit = 0; unit < UNITS; unit++) {
		uint64_t number = seconds / units[unit].seconds;
		seconds %= units[unit].seconds;
		if (number == 0 && (unit != UNITS - 1 || length > 0))
			continue;
		length += (size_t)snprintf(text + length, DURATION_LEN - length, "%llu%c",
			(unsigned long long)number, units[unit].letter);
	}
	return text;
}
