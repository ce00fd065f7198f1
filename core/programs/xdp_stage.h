/* SPDX-License-Identifier: BSD-2-Clause */
/* What the stages of the XDP chain have in common: loading, their place in the chain, their sample. */
#ifndef X0_PROGRAMS_XDP_STAGE_H
#define X0_PROGRAMS_XDP_STAGE_H

#include "programs/program.h"

/* Opens the object of a stage, none where another x0top owns the chain. */
int xdp_stage_open(struct program *program, struct bpf_object **object, struct failure *failure);

/* Puts the loaded program into the chain, which is attached then. When it fails, the program that was
 * adopted stays in the chain. */
int xdp_stage_start(struct program *program, struct failure *failure);
void xdp_stage_stop(struct program *program);

/* Replaces the program in the chain by one that is loaded anew: see struct program_type. */
int xdp_stage_replace(struct program *program, struct failure *failure);

/* Sets the status, `attached` and runs. */
void xdp_stage_sample(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown);

/* Attaches the chain wherever it is wanted and not attached yet. */
void xdp_stage_interfaces_changed(struct program *program);

/* Lets go of an interface. */
void xdp_stage_interface_gone(struct program *program, uint32_t slot);

#endif
