/* SPDX-License-Identifier: BSD-2-Clause */
/* The prefixes that a beacon announces. */
#ifndef X0_PEER_PREFIX_H
#define X0_PEER_PREFIX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "pqc_wire.h"

#define PREFIX_TEXT_LEN 64

/* Reads "10.1.0.0/16" or "fd00::/8". Returns 0, or -EINVAL if it is none or has bits behind /n. */
int prefix_parse(const char *text, struct pqc_prefix *prefix);

/* Writes a prefix that is well-formed. Returns `text`. */
char *prefix_format(const struct pqc_prefix *prefix, char text[PREFIX_TEXT_LEN]);

/*
 * The prefixes in a beacon's body. Returns how many, with *prefixes pointing into the body, or
 * -EBADMSG if one of them is not as pqc_wire.h says.
 */
int prefix_list(struct span body, const struct pqc_prefix **prefixes);

#endif
