/* SPDX-License-Identifier: BSD-2-Clause */
/* Which Linux this is, for what cannot be tried. */
#ifndef X0_KERNEL_RELEASE_H
#define X0_KERNEL_RELEASE_H

#include <stdbool.h>

/* Returns whether the running kernel's release is `major`.`minor` or later; false if it says none. */
bool release_at_least(unsigned int major, unsigned int minor);

#endif
