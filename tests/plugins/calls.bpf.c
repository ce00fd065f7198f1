/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin for the tests: counts system calls of a number that no kernel has, in maps of several kinds. calls_next,
 * calls_grown and calls_other are other versions of it. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define X0(words) __attribute__((btf_decl_tag("x0:" words)))

#ifndef COUNT
#define COUNT __u64
#endif
#ifndef RESULT
#define RESULT 0
#endif

struct count {
	COUNT calls;
#ifdef MORE
	__u64 more[MORE];
#endif
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct count);
} counts SEC(".maps") X0("counter");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct count);
} by_hash SEC(".maps") X0("counter");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct count);
} by_cpu SEC(".maps") X0("counter");

__u64 seen X0("counter");

static __always_inline void add(void *map)
{
	const struct count none = {};
	const __u32 key = 987;
	struct count *count = bpf_map_lookup_elem(map, &key);

	if (!count) {
		bpf_map_update_elem(map, &key, &none, BPF_NOEXIST);
		count = bpf_map_lookup_elem(map, &key);
	}
	if (count)
		__sync_fetch_and_add(&count->calls, 1);
}

SEC("raw_tp/sys_enter")
int on_call(const __u64 *arguments)
{
	struct count *count = bpf_map_lookup_elem(&counts, &(__u32) { 0 });

	if (!count || arguments[1] != 987)
		return 0;
	__sync_fetch_and_add(&count->calls, 1);
	__sync_fetch_and_add(&seen, 1);
	add(&by_hash);
	add(&by_cpu);
	return RESULT;
}

char LICENSE[] SEC("license") = "GPL";
