/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the lines of a packet in each dimension, and the first rule that all of them have: see mesh_tables.h. */
#ifndef X0_MESH_ROWS_BPF_H
#define X0_MESH_ROWS_BPF_H

#include "mesh_classes.bpf.h"

/* Finds the line of the packet in a dimension, a constant. Returns its number. */
static __always_inline __u64 mesh_find_row(const struct mesh_lines *lines,
	const struct packet_headers *headers, __u32 kind, const __u32 dimension,
	struct mesh_recent *recent)
{
	__u64 row = MESH_ALL_LINE;

	if (lines->head->dimensions & 1 << dimension)
		row = lines->head->classes[dimension] +
		      (mesh_class(lines, headers, kind, dimension) & 0xffff);
	row = mesh_forget(lines, row);
	recent->rows[dimension] = row;
	return row;
}

/* Finds which of any number of rules survive: a pointer for each dimension is too much for 7.3. */
static __always_inline void mesh_narrow(
	const struct mesh_lines *lines, const struct mesh_recent *recent)
{
	__u32 words = lines->head->words;

	for (__u32 i = 0; i < MESH_DIMENSIONS; i++) {
		const struct mesh_line *line = mesh_far(lines, recent->rows[i]);

		if (!line)
			return;
		for (__u32 word = 0; word < MESH_LINE_WORDS; word++) {
			if (word >= words)
				break;
			lines->survivors[word] &= line->words[word];
		}
	}
}

/* Returns the number of the lowest bit of a word that is not 0. Without branches: the verifier would
 * walk each of 64 ways. */
static __always_inline __u32 mesh_lowest_bit(__u64 word)
{
	__u64 below = (word & -word) - 1;

	below -= below >> 1 & 0x5555555555555555;
	below = (below & 0x3333333333333333) + (below >> 2 & 0x3333333333333333);
	below = (below + (below >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return below * 0x0101010101010101 >> 56;
}

#define MESH_NOWHERE 1024

/* Returns the first rule of word `word` that survives and decides, if any. */
static __always_inline __u32 mesh_place(__u64 survivors, __u32 first)
{
	return survivors ? first + mesh_lowest_bit(survivors) : MESH_NOWHERE;
}

/* Returns the place of the first survivor that decides, or MESH_NOWHERE. */
static __always_inline __u32 mesh_first(const struct mesh_lines *lines)
{
	__u32 words = lines->head->words, deciding = lines->head->decisions;
	__u64 word = 0, first = 0;

	for (__u32 i = 0; i < MESH_LINE_WORDS; i++) {
		if (i >= words)
			break;
		word = lines->survivors[i] & mesh_u64(lines, deciding, i);
		first = mesh_forget(lines, i * 64);
		if (word)
			break;
	}
	return mesh_place(word, first & 0x3ff);
}

#endif
