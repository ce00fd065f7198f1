/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_TESTS_IDENTITIES_H
#define X0_TESTS_IDENTITIES_H

#include <stdint.h>

#include "crypto/identity.h"

/* A new identity, whose files are gone already. Fails the test if there can be none. */
struct identity *identity_for_test(uint32_t set);

#endif
