/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples what xdp_mesh_filter has: its rules, their counts, and its sets. */
#ifndef X0_PROGRAMS_XDP_MESH_FILTER_SAMPLE_H
#define X0_PROGRAMS_XDP_MESH_FILTER_SAMPLE_H

#include "programs/program.h"

/*
 * Fills now->mesh and the part of talkers, with rates since `before`, NULL: unknown, and the row of the program. As the
 * member of struct program_type.
 */
void mesh_filter_sample(struct program *program, const struct snapshot *before,
	struct snapshot *now, struct snapshot_program *shown);

#endif
