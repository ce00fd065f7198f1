/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Moves what programs themselves write into a map to another one, with values of another size, while one program goes
 * on with the first map and then the next one with the second: all is copied before, and afterwards what has changed in
 * the first one meanwhile. What both have changed is added up, as counts are.
 */
#ifndef X0_KERNEL_MAP_MOVE_H
#define X0_KERNEL_MAP_MOVE_H

#include "kernel/map_add.h"

/* What user space has to remember of a map, at most; bytes. */
#define MAP_MOVE_MEMORY_MAX (512U << 20)

struct map_move;

/*
 * Copies all elements that both maps have room for, of arrays and hashes, also per-CPU ones, and what is common to both
 * values; the rest of larger ones is zero. Nothing runs with `to` yet. Keeps both descriptors, which stay the caller's.
 * Returns 0 with *move to be closed, or a negative errno: -EOPNOTSUPP for maps of other types, -E2BIG for more than
 * MAP_MOVE_MEMORY_MAX.
 */
int map_move_open(int from, int to, struct map_move **move);

/* How values are carried over that begin with a lock, under which programs change them: what two have become of one value
 * is put together. */
struct map_merging {
	uint16_t words; /* that are known: as many are in both maps */
	uint16_t added; /* those from here on are counts that change without the lock */
	/* Puts into `there`, what the next program has, what the old one has made of `copied`: `now`. */
	void (*merge)(void *there, const void *copied, const void *now);
};

/* As map_move_open(), for such a map: of arrays and hashes without CPUs. What it remembers is wiped in the end. */
int map_move_locked(int from, int to, const struct map_merging *merging, struct map_move **move);

/*
 * Copies such a map and no more, where flows take places from each other: the words `stale` are 0 in the copy, so that
 * what was decided of a flow is decided again. What is added to it meanwhile is left out. Returns as above.
 */
int map_move_flows(int from, int to, struct map_words stale);

/* Adds what has changed in `from` since, once nothing runs with that any more. Returns 0 or a negative errno. */
int map_move_settle(struct map_move *move);

/* Accepts NULL. */
void map_move_close(struct map_move *move);

#endif
