/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs that change the sets of mesh rules: operands and functions for xdp_mesh_filter's table of verbs. */
#ifndef X0_PROGRAMS_XDP_MESH_FILTER_SETS_H
#define X0_PROGRAMS_XDP_MESH_FILTER_SETS_H

#include "programs/xdp_mesh_filter_change.h"

extern const struct operand mesh_set_operand_file; /* NAME FILE [KIND] */
extern const struct operand mesh_set_operand_element; /* NAME ELEMENT */
extern const struct operand mesh_set_operand_name; /* NAME */

/* Of "set load", "add", "remove" and "delete". */
enum decision mesh_set_decide(const struct verb_call *call, char *sentence, size_t size);
int mesh_set_apply(const struct verb_call *call, struct failure *failure);

/* Puts the set of a file or the configuration into a change. */
mesh_prepare mesh_set_prepare_load;

#endif
