/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs that change the sets of mesh rules: operands and functions for xdp_mesh_filter's table of verbs. */
#ifndef X0_PROGRAMS_XDP_MESH_FILTER_SETS_H
#define X0_PROGRAMS_XDP_MESH_FILTER_SETS_H

#include "programs/verb.h"

extern const struct operand mesh_set_operand_file; /* NAME FILE [KIND] */
extern const struct operand mesh_set_operand_element; /* NAME ELEMENT */
extern const struct operand mesh_set_operand_name; /* NAME */

int mesh_set_apply_load(const struct verb_call *call, struct failure *failure);
int mesh_set_apply_add(const struct verb_call *call, struct failure *failure);
int mesh_set_apply_remove(const struct verb_call *call, struct failure *failure);
int mesh_set_apply_delete(const struct verb_call *call, struct failure *failure);

#endif
