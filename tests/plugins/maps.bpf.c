/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin with a map of each kind, for the tests of what is shown of plugins. */
#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/in6.h>

#include <bpf/bpf_helpers.h>

#define X0(words) __attribute__((btf_decl_tag("x0:" words)))

enum color { RED, GREEN = 7, BLUE };

struct flow {
	struct in_addr source;
	struct in6_addr destination;
	__be16 port;
	__u8 mac[6] X0("address");
	__u8 id[4];
};

struct seen {
	__u64 packets X0("counter,unit=packets,help=Packets, of all lengths");
	__u64 time X0("unit=ns");
	__s32 balance;
	enum color color;
	char command[16];
	_Bool good;
	unsigned int low : 3, high : 5;
	__u32 list[3];
	__u64 secret X0("hidden");
	struct {
		__u16 inner;
	} outer;
};

struct timing {
	__u64 calls X0("counter,sort");
	__u32 deepest X0("gauge");
	__u32 slots[32] X0("hist=log2,unit=ns");
};

struct event {
	__u32 pid;
	char command[16];
	__u64 took X0("unit=ns");
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 20000);
	__type(key, struct flow);
	__type(value, struct seen);
} flows SEC(".maps") X0("help=Flows, by both ends");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} recent SEC(".maps") X0("counter");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct timing);
} timings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} numbers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 40);
	__type(key, __u32);
	__type(value, __u64);
} lengths SEC(".maps") X0("hist=log2,unit=bytes");

/* The kernel takes no enum as the key of an array: it has the map without types. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BLUE + 1);
	__type(key, enum color);
	__type(value, __u64);
} colors SEC(".maps") X0("counter,sort,unit=bytes");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(
		key, struct {
			__u32 length;
			struct in_addr prefix;
		});
	__type(value, __u32);
} prefixes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} events SEC(".maps") X0("event=event");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__uint(value_size, 4);
} programs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__uint(key_size, 4);
	__uint(value_size, 8);
} untyped SEC(".maps") X0("wrong=1");

/* The largest that a test fills. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 20);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u64);
} many SEC(".maps");

__u64 runs X0("counter");
const volatile __u32 limit = 8;

/* Without a variable BTF would not have it. */
const struct event *event_of_ring;

/* A section in which nothing can be shown. */
const struct event *nothing SEC(".data.nothing") = &(const struct event) { 0 };

SEC("xdp")
int emit(struct xdp_md *context)
{
	struct event event = { .pid = 42, .command = "test", .took = 1500 };

	if (runs++ < limit * 1000)
		bpf_ringbuf_output(&events, &event, sizeof(event), 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
