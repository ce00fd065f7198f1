/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_TESTS_SET_SAMPLE_H
#define X0_TESTS_SET_SAMPLE_H

#include "mesh/sets.h"

/* Puts a set whose elements are the lines of `text` among `sets`; fails the test if that cannot be. */
void set_sample_put(struct mesh_sets *sets, const char *name, const char *text, uint32_t origin,
	const char *source);

#endif
