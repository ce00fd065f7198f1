/* SPDX-License-Identifier: BSD-2-Clause */
/* The next version of a plugin of the tests, with the same maps. */
#define RESULT 1
#include "calls.bpf.c"
