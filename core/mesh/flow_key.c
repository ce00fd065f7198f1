// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/flow_key.h"

#include <string.h>

#define FLAGS_AT   3
#define FLAGS_MASK UINT64_C(0x3f)

bool flow_key_is_whole(const __u64 key[MESH_FLOW_WORDS])
{
	return key[4] & MESH_FLOW_WHOLE;
}

static void read_address(const __u64 *key, __u32 address[4])
{
	address[0] = (__u32)(key[0] >> 32);
	address[1] = (__u32)key[0];
	address[2] = (__u32)(key[1] >> 32);
	address[3] = (__u32)key[1];
}

void flow_key_read(const __u64 key[MESH_FLOW_WORDS], struct flow_key *flow)
{
	struct packet_headers *headers = &flow->headers;

	memset(flow, 0, sizeof(*flow));
	read_address(&key[0], headers->source6);
	read_address(&key[2], headers->destination6);
	headers->network = key[4] & 7;
	headers->flags = key[4] >> FLAGS_AT & FLAGS_MASK;
	flow->hiding = MESH_FLOW_KIND(key) == MESH_UNREADABLE;
	headers->protocol = (__u8)(key[4] >> 16);
	headers->destination_port = (__be16)(key[4] >> 32);
	headers->source_port = (__be16)(key[4] >> 48);
	for (int i = 0; i < ETH_ALEN; i++)
		headers->source_mac[i] = (__u8)(key[5] >> (40 - 8 * i));
	headers->vlan = (__u16)(key[5] >> 48);
	headers->ethertype = (__be16)(key[6] >> 32);
	flow->ifindex = (__u32)key[6];
}

void flow_key_simplify(__u64 key[MESH_FLOW_WORDS])
{
	const __u64 told_apart = PACKET_MAC | PACKET_VLAN | PACKET_ADDRESS | PACKET_PORTS;

	key[4] &= ~(~told_apart << FLAGS_AT & FLAGS_MASK << FLAGS_AT);
	key[6] &= (UINT64_C(1) << 48) - 1;
}
