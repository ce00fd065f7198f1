/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_TESTS_KPROBES_H
#define X0_TESTS_KPROBES_H

#include <stdbool.h>

/*
 * Whether this kernel offers kprobes. Where it does not, tests of the kprobe twins are left out, and
 * this says so: `make test-kernels` runs them on kernels that do, with X0_EXPECT_KPROBE set, so that
 * they cannot be left out there.
 */
bool kprobes_offered(void);

#endif
