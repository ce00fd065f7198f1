/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Remembers which file a pinned program was loaded from, where that is not this binary's own: in a map that is pinned
 * beside the chain, or beside the classifier, so that it goes with it. The next x0top puts the same file in its
 * place. `stage` says of which: enum xdp_stage, XDP_ROOT for the classifier.
 */
#ifndef X0_KERNEL_REPLACED_H
#define X0_KERNEL_REPLACED_H

#include <stdint.h>

#include "base/failure.h"
#include "kernel/map_registry.h"

#define REPLACED_MAP	     "xdp_replaced"
#define REPLACED_CLASSES_MAP "class_replaced"

enum {
	PROGRAM_PATH_LEN = 200, /* of a file that takes a program's place */
	PROGRAM_TAG_LEN = 8, /* bytes of the kernel's tag: BPF_TAG_SIZE */
};

/* An element of the maps, of the first by enum xdp_stage, of the second the only one; of zeroes: the built-in program. */
struct replaced {
	char path[PROGRAM_PATH_LEN]; /* absolute; empty: built in */
	uint64_t hash; /* of the file's bytes: program_file.h */
	uint8_t tag[PROGRAM_TAG_LEN];
	uint64_t reserved[5];
};

/* Makes the map of a stage unless it is there. Returns 0, or a negative errno with *failure set. */
int replaced_make(struct map_registry *maps, uint32_t stage, struct failure *failure);

/* Returns 0 if the maps are absent or as this x0top makes them, else -EBADMSG with *failure set. */
int replaced_check(const struct map_registry *maps, struct failure *failure);

/* Reads what a stage was loaded from; zeroes where that is built in, or not known. */
void replaced_read(const struct map_registry *maps, uint32_t stage, struct replaced *replaced);

/* Writes it; without the map, does nothing. Returns 0 or a negative errno. */
int replaced_write(
	const struct map_registry *maps, uint32_t stage, const struct replaced *replaced);

#endif
