/* SPDX-License-Identifier: BSD-2-Clause */
/* A version whose map differs. */
#define COUNT __u32
#include "calls.bpf.c"
