// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/context.h"

#include <stdbool.h>
#include <string.h>

#include "base/mix.h"

#define GENERATION_BITS (CONTEXT_WORDS * 64)

/* Returns whether the key is new, and puts it into the present generation. */
static bool learn(struct contexts *contexts, uint64_t key)
{
	unsigned int word = key / 64 % CONTEXT_WORDS;
	uint64_t bit = UINT64_C(1) << key % 64;
	bool now = contexts->seen[contexts->present][word] & bit;
	bool before = contexts->seen[!contexts->present][word] & bit;

	if (!now) {
		contexts->seen[contexts->present][word] |= bit;
		contexts->filled++;
	}
	return !now && !before;
}

static void forget(struct contexts *contexts)
{
	contexts->present = !contexts->present;
	contexts->filled = 0;
	memset(contexts->seen[contexts->present], 0, sizeof(contexts->seen[0]));
}

double context_novelty(
	struct contexts *contexts, struct context_past *past, int8_t level, uint8_t salt)
{
	uint64_t hash = mix64(UINT64_C(0x9e3779b97f4a7c15) * (salt + 1u));
	unsigned int new = 0;

	for (int i = 0; i < CONTEXT_ORDERS; i++) {
		hash = mix64(hash + (uint8_t)past->levels[i] + 1);
		new += learn(contexts, mix64(hash + ((uint64_t)(uint8_t)level << 32)));
	}
	memmove(past->levels + 1, past->levels, CONTEXT_ORDERS - 1);
	past->levels[0] = level;
	if (contexts->filled >= GENERATION_BITS / 2)
		forget(contexts);
	return (double)new / CONTEXT_ORDERS;
}
