/* SPDX-License-Identifier: BSD-2-Clause */
/* A version whose counts have more members at their ends. */
#define MORE 3
#include "calls.bpf.c"
