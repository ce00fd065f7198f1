/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_CLI_RULES_CHECK_H
#define X0_CLI_RULES_CHECK_H

#include <stdbool.h>

/*
 * Runs "x0top rules check": words[1...] describe a packet, or are [in INTERFACE] pcap FILE[:NUMBER]. Returns an exit
 * status.
 */
int rules_check(int n, char **words, bool json);

#endif
