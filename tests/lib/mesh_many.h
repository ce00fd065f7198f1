/* SPDX-License-Identifier: BSD-2-Clause */
/* A set of 100,000 elements, for what is measured of one. Aborts the test on failure. */
#ifndef X0_TESTS_MESH_MANY_H
#define X0_TESTS_MESH_MANY_H

#include <stdint.h>

#include "tests/lib/mesh_filter.h"

#define MESH_MANY 100000

/* Returns a list of `first` and other addresses of the network `net`.0.0.0/8; the caller frees it. */
char *mesh_many_text(const char *first, unsigned int net);

/* Returns a list of addresses of 2001:db8:`net`::/48; the caller frees it. */
char *mesh_many_text6(unsigned int net);

/* Puts the list in force as the set "s": from text to force. */
void mesh_many_load(struct mesh_filter_loaded *filter, const char *text);

/* Bytes. What is compiled is there in both banks, and for a moment a third time, when it takes the place of one. */
struct mesh_many_memory {
	uint64_t compiled; /* once: the larger bank */
	uint64_t others; /* all other maps */
};

struct mesh_many_memory mesh_many_memory(const struct mesh_filter_loaded *filter);

#endif
