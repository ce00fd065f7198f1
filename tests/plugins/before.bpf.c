/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin for the tests that stands before the mesh filter: drops UDP to port 4444, and makes 10.9.9.9 the source of
 * UDP to port 4445.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define X0(words) __attribute__((btf_decl_tag("x0:" words)))

#ifndef DROPS
#define DROPS(port) ((port) == 4444)
#endif

SEC("xdp")
X0("before=xdp_mesh_filter")
int drop_or_change(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *ethernet = data;
	struct iphdr *ip = (void *)(ethernet + 1);
	struct udphdr *udp = (void *)(ip + 1);

	if ((void *)(udp + 1) > end || ethernet->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 ||
		ip->protocol != IPPROTO_UDP)
		return XDP_PASS;
	if (DROPS(bpf_ntohs(udp->dest)))
		return XDP_DROP;
	if (udp->dest == bpf_htons(4445))
		ip->saddr = bpf_htonl(0x0a090909);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
