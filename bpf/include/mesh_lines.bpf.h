/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lines of the compiled rules, near and far: see mesh_tables.h. */
#ifndef X0_MESH_LINES_BPF_H
#define X0_MESH_LINES_BPF_H

#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "xdp_mesh_filter.h"

/*
 * Names of the maps. A program that compiles lines of its own has maps of its own, by another MESH_MAP; with
 * MESH_SMALL it does without what only makes lookups faster: what is near, and short tables.
 */
#ifndef MESH_MAP
#define MESH_MAP(name) mesh_##name
#endif

struct mesh_lines_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_INNER_MAP | BPF_F_MMAPABLE);
	/* Sizes: of a struct that only a pointer of a pointer leads to, clang's BTF lacks the size. */
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct mesh_page));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, MESH_BANKS);
	__type(key, __u32);
	__array(values, struct mesh_lines_map);
} MESH_MAP(lines) SEC(".maps");

#ifndef MESH_SMALL
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MESH_BANKS *MESH_SHORT_BUCKETS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct mesh_bucket);
} MESH_MAP(shorts) SEC(".maps");
#endif

/* The lines of one set, and what of it every lookup needs. */
struct mesh_lines {
	void *map;
	const struct mesh_head *head; /* and behind it the lines that are near */
	__u64 *survivors; /* rules that no dimension has ruled out: MESH_LINE_WORDS */
	__u32 switched; /* how often a rule of this set was turned on or off */
	__u64 expired; /* rules that have expired */
	__u64 holding; /* line of those that hold */
};

/*
 * Keeps clang from folding what the verifier would then follow value by value: paths that differ only
 * in `value` are walked once.
 */
static __always_inline __u64 mesh_forget(const struct mesh_lines *lines, __u64 value)
{
	__u64 zero = 0;

#ifdef __bpf__
	asm volatile("%0 = *(u64 *)(%1 + 0)\n\t%0 -= %0"
		     : "=&r"(zero)
		     : "r"(lines->head)
		     : "memory");
#endif
	return value + zero;
}

/* Finds the lines. Returns false never, but the verifier wants a check. */
static __always_inline bool mesh_lines_open(struct mesh_lines *lines)
{
	__u32 bank = lines->head->bank;

	lines->map = bpf_map_lookup_elem(&MESH_MAP(lines), &bank);
	return lines->map;
}

static __always_inline const struct mesh_index *mesh_index(const struct mesh_lines *lines)
{
	return (const void *)lines->head + MESH_INDEX_LINE * MESH_LINE_BYTES;
}

/*
 * Bounds an offset where it is used: clang takes what it knows of a number for the verifier's knowledge, and
 * verifiers lose that of a product, or of a number on the stack (5.10, 6.1).
 */
static __always_inline __u64 mesh_bound(__u64 value, const __u64 mask)
{
#ifdef __bpf__
	asm volatile("%0 &= %1" : "+r"(value) : "i"(mask));
#else
	value &= mask;
#endif
	return value;
}

/* Returns a line that is near. */
static __always_inline const struct mesh_line *mesh_near_line(
	const struct mesh_lines *lines, __u64 number)
{
	return (const void *)lines->head +
	       mesh_bound(number, MESH_NEAR_LINES - 1) * MESH_LINE_BYTES;
}

#define MESH_NEAR_BYTES	       (MESH_NEAR_LINES * MESH_LINE_BYTES)
#define MESH_PAGE_BYTES	       (MESH_PAGE_LINES * MESH_LINE_BYTES)
#define MESH_FROM(line, bytes) ((__u64)(line)*MESH_LINE_BYTES + (bytes))

/* Returns whether what is `offset` bytes behind line 0 is near. */
static __always_inline bool mesh_is_near(__u64 offset)
{
#ifdef MESH_SMALL
	return false;
#else
	return offset < MESH_NEAR_BYTES;
#endif
}

/* Loads a number of `size` bytes, a constant. */
static __always_inline __u64 mesh_load(const void *at, const __u32 size)
{
	return size == 1   ? *(const __u8 *)at
	       : size == 2 ? *(const __u16 *)at
	       : size == 4 ? *(const __u32 *)at
			   : *(const __u64 *)at;
}

/* Returns what is `offset` bytes behind line 0, at least the first MESH_NEAR_BYTES, by a call of the kernel; or
 * NULL. `size`: of what is read there. */
static __always_inline const void *mesh_far_at(
	const struct mesh_lines *lines, __u64 offset, const __u32 size)
{
	__u32 element = offset / MESH_PAGE_BYTES;
	const void *page = bpf_map_lookup_elem(lines->map, &element);

	if (!page)
		return NULL;
	/* Now: clang would compute with what may be NULL. */
	asm volatile("" : "+r"(page));
	return page + mesh_bound(offset, MESH_PAGE_BYTES - size);
}

static __always_inline const void *mesh_near_at(
	const struct mesh_lines *lines, __u64 offset, const __u32 size)
{
	return (const void *)lines->head + mesh_bound(offset, MESH_NEAR_BYTES - size);
}

/*
 * Returns the number of `size` bytes, a constant power of 2, that is `offset` bytes behind line 0. What is near or
 * far is used where it is found, and a number comes of it: to the verifier of 7.3, which tells pointers of one
 * lookup from those of another, each that lives on would double its ways.
 */
static __always_inline __u64 mesh_number(
	const struct mesh_lines *lines, __u64 offset, const __u32 size)
{
	__u64 found = 0;

	if (mesh_is_near(offset)) {
		found = mesh_load(mesh_near_at(lines, offset, size), size);
	} else {
		const void *at = mesh_far_at(lines, offset, size);
		if (at)
			found = mesh_load(at, size);
	}
	return found;
}

/* Returns any line, by a call of the kernel; NULL never, but the verifier wants a check. */
static __always_inline const struct mesh_line *mesh_far(
	const struct mesh_lines *lines, __u64 number)
{
	return mesh_far_at(lines, MESH_FROM(number, 0), MESH_LINE_BYTES);
}

static __always_inline __u64 mesh_u64(const struct mesh_lines *lines, __u64 line, __u64 at)
{
	return mesh_number(lines, MESH_FROM(line, at * 8), 8);
}

static __always_inline __u32 mesh_u8(const struct mesh_lines *lines, __u64 line, __u64 at)
{
	return mesh_number(lines, MESH_FROM(line, at), 1);
}

static __always_inline __u32 mesh_u16(const struct mesh_lines *lines, __u64 line, __u64 at)
{
	return mesh_number(lines, MESH_FROM(line, at * 2), 2);
}

static __always_inline __u32 mesh_u32(const struct mesh_lines *lines, __u64 line, __u64 at)
{
	return mesh_number(lines, MESH_FROM(line, at * 4), 4);
}

#endif
