/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints sets of mesh rules, as lines or JSON. Each function returns an exit status. */
#ifndef X0_CLI_SETS_PRINT_H
#define X0_CLI_SETS_PRINT_H

#include "mesh/sets.h"

/* The sets, with the number of their elements. */
int sets_print_list(const struct mesh_sets *sets, char **operands, int n, bool json);

/* operands: the name of a set, and perhaps a text that elements hold. At most SETS_SHOWN of them. */
int sets_print_elements(const struct mesh_sets *sets, char **operands, int n, bool json);

/* operands: the name of a set, and an element. EXIT_SOME_FAILED if the set does not hold it. */
int sets_print_test(const struct mesh_sets *sets, char **operands, int n, bool json);

#endif
