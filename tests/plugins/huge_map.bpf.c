/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin for the tests whose map would take 4 GB. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << 26);
	__type(key, __u32);
	__type(value, char[64]);
} huge SEC(".maps");

SEC("xdp")
int looks(struct xdp_md *ctx)
{
	__u32 zero = 0;

	bpf_map_lookup_elem(&huge, &zero);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
