// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/flow_key.h"

#include <string.h>

/* The flags are the first bytes of a key. */
static struct packet_headers headers_of(const __u64 key[MESH_FLOW_WORDS])
{
	struct packet_headers headers;

	memcpy(headers.words, key, sizeof(headers.words));
	return headers;
}

bool flow_key_is_whole(const __u64 key[MESH_FLOW_WORDS])
{
	return headers_of(key).flags & MESH_FLOW_WHOLE;
}

void flow_key_read(const __u64 key[MESH_FLOW_WORDS], struct flow_key *flow)
{
	*flow = (struct flow_key) { .headers = headers_of(key) };
	flow->headers.flags &= (__u16)~MESH_FLOW_WHOLE;
	flow->ifindex = flow->headers.ifindex;
	flow->hiding = flow->headers.flags & PACKET_HIDING;
}

void flow_key_simplify(__u64 key[MESH_FLOW_WORDS])
{
	struct packet_headers headers = headers_of(key);

	headers.flags &= PACKET_MAC | PACKET_VLAN | PACKET_ADDRESS | PACKET_PORTS | PACKET_HIDING |
			 MESH_FLOW_WHOLE;
	memcpy(key, headers.words, sizeof(headers.words));
}
