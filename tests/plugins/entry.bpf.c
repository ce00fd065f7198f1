/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin for the tests, on a function of the kernel, where it has fentry. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("fentry/vfs_read")
int enters(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
