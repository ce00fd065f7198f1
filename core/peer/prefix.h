/* SPDX-License-Identifier: BSD-2-Clause */
/* Prefixes that beacons announce. */
#ifndef X0_PEER_PREFIX_H
#define X0_PEER_PREFIX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "pqc_wire.h"

#define PREFIX_TEXT_LEN 64

/* Reads "10.1.0.0/16" or "fd00::/8". Returns 0, or -EINVAL, also for host bits that are set. */
int prefix_parse(const char *text, struct pqc_prefix *prefix);

/* Writes a well-formed prefix. Returns `text`. */
char *prefix_format(const struct pqc_prefix *prefix, char text[PREFIX_TEXT_LEN]);

/*
 * Reads the prefixes of a beacon's body. Returns their number, with *prefixes pointing into the
 * body, or -EBADMSG if one of them is not as pqc_wire.h says.
 */
int prefix_list(struct span body, const struct pqc_prefix **prefixes);

#endif
