/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin with a map of many entries, for the benchmark of its view. */
#include <linux/bpf.h>
#include <linux/in6.h>

#include <bpf/bpf_helpers.h>

#define X0(words) __attribute__((btf_decl_tag("x0:" words)))

struct end {
	struct in6_addr address;
	__be16 port;
	__u16 interface;
};

struct seen {
	__u64 packets X0("counter,unit=packets");
	__u64 bytes X0("counter,sort,unit=bytes");
	__u64 last X0("unit=ns");
	char command[16];
	__u32 times[32] X0("hist=log2,unit=ns");
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, struct end);
	__type(value, struct seen);
} entries SEC(".maps") X0("help=Ends of connections");

SEC("xdp")
int passes(struct xdp_md *ctx)
{
	struct end end = {};

	bpf_map_lookup_elem(&entries, &end);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
