// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/lockdown.h"

#include <stdio.h>
#include <string.h>

bool lockdown_read(char *text, size_t size)
{
	FILE *file = fopen("/sys/kernel/security/lockdown", "re");

	text[0] = '\0';
	if (file == NULL)
		return false;
	bool known = fgets(text, (int)size, file) != NULL;
	fclose(file);
	text[strcspn(text, "\n")] = '\0';
	return known;
}

bool lockdown_is_confidential(void)
{
	char text[64];

	return lockdown_read(text, sizeof(text)) && strstr(text, "[confidentiality]") != NULL;
}
