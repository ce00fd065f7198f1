/* SPDX-License-Identifier: BSD-2-Clause */
/* Loads, chains and samples the stages of the XDP chain. */
#ifndef X0_PROGRAMS_XDP_STAGE_H
#define X0_PROGRAMS_XDP_STAGE_H

#include "programs/program.h"

/* Opens the object of a stage; leaves *object NULL where another x0top's pinned chain is only shown. */
int xdp_stage_open(struct program *program, struct bpf_object **object, struct failure *failure);

/* Puts the loaded program into the chain and attaches the chain. If it fails, an adopted program stays in
 * the chain. */
int xdp_stage_start(struct program *program, struct failure *failure);
void xdp_stage_stop(struct program *program);

/* Puts the loaded program into the chain, in place of another of it. Returns 0, or a negative errno with *failure
 * set and the other one there. */
int xdp_stage_enter(struct program *program, struct failure *failure);

/* Loads the program again and replaces the one in the chain: see struct program_type. */
int xdp_stage_replace(struct program *program, struct failure *failure);

/* Sets the status, `attached` and runs. */
void xdp_stage_sample(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown);

/* Returns why the chain is not attached to a present interface; error 0 if it is. */
const struct failure *xdp_stage_why_not(const struct program *program, uint32_t slot);

/* Attaches the chain to all watched interfaces that lack it; or, while no stage has anything to look for,
 * the counter at TC. */
void xdp_stage_interfaces_changed(struct program *program);

/* Detaches the chain from an interface. */
void xdp_stage_interface_gone(struct program *program, uint32_t slot);

#endif
