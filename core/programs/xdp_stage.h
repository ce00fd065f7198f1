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

/* Put the loaded program `program_fd` into the chain, and attach the chain, for a module that has no object of its
 * name; and tell whether it may. Return 0, or a negative errno with *failure set. */
int xdp_stage_may_join(const struct program *program, struct failure *failure);
int xdp_stage_join(struct program *program, int program_fd, struct failure *failure);

/* Loads the program again and replaces the one in the chain: see struct program_type. */
int xdp_stage_replace(struct program *program, struct failure *failure);

/* Fills in the packets that entered the chain and, where the counter runs, those that passed it. */
void xdp_stage_outcome(const struct program *program, struct program_outcome *outcome);

/* Sets the status and `attached`. */
void xdp_stage_describe(struct program *program, struct snapshot_program *shown);

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
