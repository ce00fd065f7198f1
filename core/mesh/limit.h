/* SPDX-License-Identifier: BSD-2-Clause */
/* Rates as the kernel's policers have them: see bpf/include/gcra.h. */
#ifndef X0_MESH_LIMIT_H
#define X0_MESH_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "gcra.h"

/* Sets up a limit, unused so far. `rate`: packets, or with `by_bytes` bits, a second, not 0; `burst`:
 * packets or bytes. */
void limit_set(struct gcra *limit, bool by_bytes, uint64_t rate, uint64_t burst);

#endif
