/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_TESTS_KPROBES_H
#define X0_TESTS_KPROBES_H

#include <stdbool.h>

/*
 * Returns whether this kernel has kprobes. Without them, prints that the tests of kprobe programs
 * are skipped; `make test-kernels` runs them on kernels that have them, and sets X0_EXPECT_KPROBE,
 * which forbids skipping.
 */
bool kprobes_offered(void);

#endif
