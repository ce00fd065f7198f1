/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin for the tests, on a function of the kernel, where it has fentry: before it, and when it returns. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define X0(words) __attribute__((btf_decl_tag("x0:" words)))

__u64 calls X0("counter"), returns X0("counter");

SEC("fentry/vfs_read")
int enters(void *ctx)
{
	__sync_fetch_and_add(&calls, 1);
	return 0;
}

SEC("fexit/vfs_read")
int leaves(void *ctx)
{
	__sync_fetch_and_add(&returns, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
