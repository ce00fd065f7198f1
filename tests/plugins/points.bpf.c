/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin for the tests, on one tracepoint in each way. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define X0(words) __attribute__((btf_decl_tag("x0:" words)))

__u64 typed X0("counter"), raw X0("counter"), formatted X0("counter");

SEC("tp_btf/sched_switch")
int by_types(void *ctx)
{
	__sync_fetch_and_add(&typed, 1);
	return 0;
}

SEC("raw_tp/sched_switch")
int by_arguments(void *ctx)
{
	__sync_fetch_and_add(&raw, 1);
	return 0;
}

SEC("tp/sched/sched_switch")
int by_format(void *ctx)
{
	__sync_fetch_and_add(&formatted, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
