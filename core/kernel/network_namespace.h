/* SPDX-License-Identifier: BSD-2-Clause */
/* The network namespace of this thread. */
#ifndef X0_KERNEL_NETWORK_NAMESPACE_H
#define X0_KERNEL_NETWORK_NAMESPACE_H

#include <stdint.h>

#include "base/failure.h"

/* Reads its number, by which programs know it. Returns 0, or a negative errno with *failure set. */
int network_namespace_inum(uint32_t *inum, struct failure *failure);

#endif
