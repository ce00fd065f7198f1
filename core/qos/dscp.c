// SPDX-License-Identifier: BSD-2-Clause
#include "qos/dscp.h"

#include <stdio.h>
#include <string.h>

#include "base/words.h"

/* RFC 2474 (CS), 2597 (AF), 3246 (EF), 5865 (VA) and 8622 (LE). */
enum dscp {
	DSCP_DF = 0,
	DSCP_LE = 1,
	DSCP_CS1 = 8,
	DSCP_AF11 = 10,
	DSCP_AF12 = 12,
	DSCP_AF13 = 14,
	DSCP_CS2 = 16,
	DSCP_AF21 = 18,
	DSCP_AF22 = 20,
	DSCP_AF23 = 22,
	DSCP_CS3 = 24,
	DSCP_AF31 = 26,
	DSCP_AF32 = 28,
	DSCP_AF33 = 30,
	DSCP_CS4 = 32,
	DSCP_AF41 = 34,
	DSCP_AF42 = 36,
	DSCP_AF43 = 38,
	DSCP_CS5 = 40,
	DSCP_VA = 44,
	DSCP_EF = 46,
	DSCP_CS6 = 48,
	DSCP_CS7 = 56,
};

struct word {
	const char *name;
	uint8_t value;
};

static const struct word dscp_words[] = {
	{ "df", DSCP_DF },
	{ "cs0", DSCP_DF },
	{ "le", DSCP_LE },
	{ "cs1", DSCP_CS1 },
	{ "af11", DSCP_AF11 },
	{ "af12", DSCP_AF12 },
	{ "af13", DSCP_AF13 },
	{ "cs2", DSCP_CS2 },
	{ "af21", DSCP_AF21 },
	{ "af22", DSCP_AF22 },
	{ "af23", DSCP_AF23 },
	{ "cs3", DSCP_CS3 },
	{ "af31", DSCP_AF31 },
	{ "af32", DSCP_AF32 },
	{ "af33", DSCP_AF33 },
	{ "cs4", DSCP_CS4 },
	{ "af41", DSCP_AF41 },
	{ "af42", DSCP_AF42 },
	{ "af43", DSCP_AF43 },
	{ "cs5", DSCP_CS5 },
	{ "va", DSCP_VA },
	{ "ef", DSCP_EF },
	{ "cs6", DSCP_CS6 },
	{ "cs7", DSCP_CS7 },
	{ NULL, 0 },
};

int classes_dscp_find(const char *word)
{
	uint64_t number;

	for (const struct word *known = dscp_words; known->name != NULL; known++)
		if (strcmp(known->name, word) == 0)
			return known->value;
	int error = words_number(word, 0, 63, &number);
	return error < 0 ? error : (int)number;
}

void classes_dscp_format(uint8_t dscp, char *text, size_t size)
{
	for (const struct word *known = dscp_words; known->name != NULL; known++) {
		if (known->value == dscp) {
			snprintf(text, size, "%s", known->name);
			return;
		}
	}
	snprintf(text, size, "%u", dscp);
}
