/* SPDX-License-Identifier: BSD-2-Clause */
/* How what the verifier of signatures keeps of nodes and sessions is carried over to larger maps. */
#ifndef X0_PROGRAMS_XDP_PQC_VERIFY_CARRY_H
#define X0_PROGRAMS_XDP_PQC_VERIFY_CARRY_H

#include "kernel/map_move.h"

/* Of struct pqc_session, pqc_node and pqc_common. */
extern const struct map_merging pqc_session_merging, pqc_node_merging, pqc_common_merging;

#endif
