/* SPDX-License-Identifier: BSD-2-Clause */
/* What the stages of the XDP chain have in common: loading, their place in the chain, their sample. */
#ifndef X0_PROGRAMS_XDP_STAGE_H
#define X0_PROGRAMS_XDP_STAGE_H

#include "programs/program.h"

/* What a stage does beyond the others when it starts. Both may be NULL, and return 0 or a negative
 * errno with *failure set. */
struct xdp_stage_hooks {
	int (*opened)(struct bpf_object *object, struct failure *failure); /* not yet loaded */
	/* Its maps are there, and no packet has met it. */
	int (*loaded)(struct program *program, struct failure *failure);
};

/* The life of a stage. When it cannot start, the program that was adopted stays in the chain. */
int xdp_stage_start(
	struct program *program, const struct xdp_stage_hooks *hooks, struct failure *failure);
void xdp_stage_stop(struct program *program);

/* Sets the status, `attached` and runs. */
void xdp_stage_sample(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown);

/* Attaches the chain wherever it is wanted and not attached yet; lets go where the interface went. */
void xdp_stage_interfaces_changed(struct program *program);

#endif
