// SPDX-License-Identifier: BSD-2-Clause
/* Counts the questions of DNS that arrive by UDP, by type, in XDP. Passes every packet. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define X0(words) __attribute__((btf_decl_tag("x0:" words)))

enum { DNS_PORT = 53, NAME_MAX = 255 };

struct dns {
	__be16 id, flags, questions, answers, authorities, additional;
};

enum question { OTHER, A, NS, CNAME = 5, PTR = 12, MX = 15, TXT, AAAA = 28, ANY = 255 };

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ANY + 1);
	__type(key, enum question);
	__type(value, __u64);
} questions SEC(".maps") X0("counter,sort,unit=questions,help=DNS questions by type");

/* Returns where DNS begins, or NULL if the packet has none. */
static __always_inline struct dns *find(void *data, void *end)
{
	struct ethhdr *ethernet = data;
	struct iphdr *ip = (void *)(ethernet + 1);
	struct ipv6hdr *ip6 = (void *)(ethernet + 1);
	struct udphdr *udp = NULL;

	if ((void *)(ip + 1) > end)
		return NULL;
	if (ethernet->h_proto == bpf_htons(ETH_P_IP) && ip->protocol == IPPROTO_UDP)
		udp = (void *)ip + ip->ihl * 4;
	else if (ethernet->h_proto == bpf_htons(ETH_P_IPV6) && (void *)(ip6 + 1) <= end &&
		 ip6->nexthdr == IPPROTO_UDP)
		udp = (void *)(ip6 + 1);
	if (!udp || (void *)(udp + 1) + sizeof(struct dns) > end ||
		udp->dest != bpf_htons(DNS_PORT))
		return NULL;
	return (struct dns *)(udp + 1);
}

SEC("xdp")
int dns_types(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct dns *dns = find(data, end);
	__u8 *at = (__u8 *)(dns + 1);
	__u64 *count;
	__u32 type;

	if (!dns || dns->flags & bpf_htons(0x8000) || !dns->questions)
		return XDP_PASS;
	/* A name ends with an empty label; behind it, the type has two bytes. */
	for (int i = 0; i < NAME_MAX && (void *)(at + 3) <= end && *at; i++)
		at++;
	if ((void *)(at + 3) > end || *at)
		return XDP_PASS;
	type = at[1] ? OTHER : at[2];
	count = bpf_map_lookup_elem(&questions, &type);
	if (count)
		++*count;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
