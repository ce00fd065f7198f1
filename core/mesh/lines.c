// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX	 (1 << 20) /* 128 MiB */
#define NEAR_AT_ONCE	 (MESH_NEAR_LINES / 4)
#define MORE_BUCKETS_MAX 4

/* Makes room for `wanted` lines, and zeroes the new ones. Returns 0 or a negative errno. */
static int extend(struct mesh_compiled *compiled, uint32_t wanted)
{
	if (wanted > compiled->room) {
		uint32_t room = 2 * compiled->room > wanted ? 2 * compiled->room : wanted;
		struct mesh_line *lines = realloc(compiled->lines, room * sizeof(*lines));
		if (lines == NULL)
			return -ENOMEM;
		compiled->lines = lines;
		compiled->room = room;
	}
	memset(compiled->lines + compiled->n, 0, (wanted - compiled->n) * sizeof(*compiled->lines));
	compiled->n = wanted;
	return 0;
}

int64_t lines_add(struct mesh_compiled *compiled, uint32_t n)
{
	int error = compiled->n == 0 ? extend(compiled, MESH_NEAR_LINES) : 0;
	uint32_t first = compiled->n;

	if (error < 0)
		return error;
	if (n <= NEAR_AT_ONCE && n <= MESH_NEAR_LINES - compiled->near) {
		first = compiled->near;
		compiled->near += n;
		return first;
	}
	if (n > LINES_MAX - first)
		return -E2BIG;
	error = extend(compiled, first + n);
	return error < 0 ? error : (int64_t)first;
}

/* Gives back what lines_add() has added last, since there were these. */
static void lines_take_back(struct mesh_compiled *compiled, const struct mesh_compiled *before)
{
	memset(compiled->lines + before->near, 0,
		(compiled->near - before->near) * sizeof(*compiled->lines));
	compiled->near = before->near;
	compiled->n = before->n;
}

void mesh_compiled_free(struct mesh_compiled *compiled)
{
	free(compiled->lines);
	free(compiled->shorts);
	*compiled = (struct mesh_compiled) { 0 };
}

void line_or(struct mesh_line *line, const struct mesh_line *other)
{
	for (int i = 0; i < MESH_LINE_WORDS; i++)
		line->words[i] |= other->words[i];
}

void line_set(struct mesh_line *line, uint32_t bit)
{
	line->words[bit / 64] |= 1ULL << bit % 64;
}

/* --- classes --------------------------------------------------------------------------------- */

static uint32_t hash_line(const struct mesh_line *line)
{
	uint64_t hash = 0;

	for (int i = 0; i < MESH_LINE_WORDS; i++)
		hash = (hash ^ line->words[i]) * 0x9e3779b97f4a7c15u, hash ^= hash >> 32;
	return (uint32_t)hash;
}

static uint32_t *find_index(const struct mesh_classes *classes, const struct mesh_line *line)
{
	uint32_t at = hash_line(line);

	for (;; at++) {
		uint32_t *number = &classes->index[at & (classes->index_size - 1)];
		if (*number == 0 || memcmp(&classes->lines[*number - 1], line, sizeof(*line)) == 0)
			return number;
	}
}

static int grow(struct mesh_classes *classes)
{
	uint32_t room = classes->room == 0 ? 64 : 2 * classes->room;
	struct mesh_line *lines = realloc(classes->lines, room * sizeof(*lines));
	uint32_t *index = calloc(2 * (size_t)room, sizeof(*index));

	if (lines != NULL)
		classes->lines = lines;
	if (lines == NULL || index == NULL) {
		free(index);
		return -ENOMEM;
	}
	free(classes->index);
	classes->index = index;
	classes->index_size = 2 * room;
	classes->room = room;
	for (uint32_t i = 0; i < classes->n; i++)
		*find_index(classes, &classes->lines[i]) = i + 1;
	return 0;
}

int64_t classes_find(struct mesh_classes *classes, const struct mesh_line *line)
{
	if (classes->n == classes->room && grow(classes) < 0)
		return -ENOMEM;
	uint32_t *number = find_index(classes, line);
	if (*number != 0)
		return *number - 1;
	if (classes->n == MESH_CLASSES_MAX)
		return -E2BIG;
	classes->lines[classes->n++] = *line;
	*number = classes->n;
	return classes->n - 1;
}

void classes_free(struct mesh_classes *classes)
{
	free(classes->lines);
	free(classes->index);
	*classes = (struct mesh_classes) { 0 };
}

/* --- tables ---------------------------------------------------------------------------------- */

int lines_add_table(struct mesh_compiled *compiled, enum mesh_width width,
	const struct mesh_key *keys, uint32_t n, struct mesh_table *table)
{
	for (uint32_t more = 0; more < MORE_BUCKETS_MAX; more++) {
		uint32_t buckets = buckets_wanted(width, n, more);
		const struct mesh_compiled before = *compiled;
		int64_t first = lines_add(compiled, (buckets + 1) / 2);
		if (first < 0)
			return (int)first;
		const struct mesh_head *head = (const struct mesh_head *)compiled->lines;
		if (buckets_fill(
			    width, compiled->lines + first, buckets, head->multipliers, keys, n)) {
			table->first = (uint32_t)first;
			table->buckets = buckets;
			compiled->grown |= more > 0;
			return 0;
		}
		lines_take_back(compiled, &before);
	}
	return -E2BIG;
}
