/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tells the ports of mesh protocols. */
#ifndef X0_PACKET_PORTS_BPF_H
#define X0_PACKET_PORTS_BPF_H

#include <stdbool.h>

#include <linux/types.h>

#include <bpf/bpf_endian.h>
#ifdef __bpf__
#include <bpf/bpf_helpers.h>
#endif

#include "packet_headers.h"

#define PACKET_PORT_FACTOR(number, port) *((port)-bpf_htons(number))

/*
 * Returns 0 for UDP ports of mesh protocols, those of MESH_PORT_LIST.
 * A product of four differences of 16 bits is 0 if one of them is: a processor could only guess at branches
 * by ports that senders choose at random.
 */
static __always_inline __u64 packet_no_mesh_port(__u64 port)
{
	return 1 MESH_PORT_LIST(PACKET_PORT_FACTOR, port);
}

static __always_inline bool packet_is_mesh(__be16 source_port, __be16 destination_port)
{
	return !packet_no_mesh_port(source_port) || !packet_no_mesh_port(destination_port);
}

#endif
