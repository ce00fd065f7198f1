/* SPDX-License-Identifier: BSD-2-Clause */
/* A version of a plugin of the tests that drops all UDP. */
#define DROPS(port) ((port) > 0)
#include "before.bpf.c"
