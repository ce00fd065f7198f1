/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes a frame of a packet that is described as a rule is: "10.1.0.7 to 10.1.0.1 udp 6696 in eth0". */
#ifndef X0_MESH_FRAME_H
#define X0_MESH_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "xdp_mesh_filter.h"

enum { MESH_FRAME_MAX = 256 };

/*
 * Reads the description into *packet, a rule that names single values: addresses, not prefixes, one port, no
 * set. Returns 0, or -EINVAL with *failure set.
 */
int frame_parse(const char *text, struct mesh_rule *packet, struct failure *failure);

/* Writes an Ethernet frame of that packet; what it does not say is 0. Returns its bytes. */
size_t frame_make(const struct mesh_rule *packet, uint8_t frame[MESH_FRAME_MAX]);

#endif
