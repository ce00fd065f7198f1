/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_TESTS_IDENTITIES_H
#define X0_TESTS_IDENTITIES_H

#include <stdint.h>

#include "crypto/identity.h"

/* Returns a new identity without files. Fails the test if it cannot be made. */
struct identity *identity_for_test(uint32_t set);

#endif
