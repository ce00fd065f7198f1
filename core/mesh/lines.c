// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX	 (1 << 20) /* 128 MiB */
#define MORE_BUCKETS_MAX 4

int64_t lines_add(struct mesh_compiled *compiled, uint32_t n)
{
	uint32_t first = compiled->n, wanted = first + n;

	if (n > LINES_MAX || wanted > LINES_MAX)
		return -E2BIG;
	if (wanted > compiled->room) {
		uint32_t room = 2 * compiled->room > wanted ? 2 * compiled->room : wanted;
		struct mesh_line *lines = realloc(compiled->lines, room * sizeof(*lines));
		if (lines == NULL)
			return -ENOMEM;
		compiled->lines = lines;
		compiled->room = room;
	}
	memset(compiled->lines + first, 0, n * sizeof(*compiled->lines));
	compiled->n = wanted;
	return first;
}

void mesh_compiled_free(struct mesh_compiled *compiled)
{
	free(compiled->lines);
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
		uint32_t before = compiled->n;
		int64_t first = lines_add(compiled, (buckets + 1) / 2);
		if (first < 0)
			return (int)first;
		const struct mesh_head *head = (const struct mesh_head *)compiled->lines;
		if (buckets_fill(
			    width, compiled->lines + first, buckets, head->multipliers, keys, n)) {
			table->first = (uint32_t)first;
			table->mask = buckets - 1;
			compiled->grown |= more > 0;
			return 0;
		}
		compiled->n = before;
	}
	return -E2BIG;
}
