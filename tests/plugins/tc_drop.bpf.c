/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin of TC for the tests: drops received UDP to port 4444, and passes all that is sent by TC_ACT_OK. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int drop_ingress(struct __sk_buff *skb)
{
	__be16 port = 0;
	__u8 protocol = 0;

	bpf_skb_load_bytes(skb, ETH_HLEN + offsetof(struct iphdr, protocol), &protocol, 1);
	bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(struct iphdr) + offsetof(struct udphdr, dest),
		&port, sizeof(port));
	return protocol == 17 && port == bpf_htons(4444) ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("tcx/egress")
int pass_egress(struct __sk_buff *skb)
{
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
