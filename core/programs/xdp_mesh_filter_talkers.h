/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists the busiest flows and sources of xdp_mesh_filter while somebody looks. */
#ifndef X0_PROGRAMS_XDP_MESH_FILTER_TALKERS_H
#define X0_PROGRAMS_XDP_MESH_FILTER_TALKERS_H

#include "programs/program.h"

/* Fills the part of talkers. Allocates at the first sample with a looker. */
void mesh_filter_sample_talkers(struct program *program, struct snapshot *now);

/* Adds what neighbours sent to the neighbours part. */
void mesh_filter_complete_neighbours(const struct program *program, struct snapshot *now);

/* Frees what the samples hold. */
void mesh_filter_close_talkers(struct program *program);

#endif
