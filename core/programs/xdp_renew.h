/* SPDX-License-Identifier: BSD-2-Clause */
/* Lets all programs of the chain change together, where one of them has brought larger maps that they have together. */
#ifndef X0_PROGRAMS_XDP_RENEW_H
#define X0_PROGRAMS_XDP_RENEW_H

#include "programs/program.h"

/*
 * Puts the program `fd`, of program->object, in force as its stage, and with it the other stages, loaded again with the
 * maps that the registry has now, and a root of theirs: each packet meets programs of before alone, or of afterwards. Carries over
 * what the smaller maps have. Returns 0, or a negative errno with *failure set and the old ones in force.
 */
int xdp_renew(struct program *program, int fd, struct failure *failure);

#endif
