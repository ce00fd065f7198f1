// SPDX-License-Identifier: BSD-2-Clause
/* How long TCP connections take to be established, by destination: from SYN sent to SYN and ACK received. */
#include <linux/bpf.h>
#include <linux/in6.h>

#include <bpf/bpf_helpers.h>

#define X0(words) __attribute__((btf_decl_tag("x0:" words)))

enum { TCP_ESTABLISHED = 1, TCP_SYN_SENT = 2 };

/* /sys/kernel/tracing/events/sock/inet_sock_set_state/format */
struct set_state {
	__u64 common;
	__u64 socket;
	__u32 before, after;
	__u16 source_port, destination_port, family, protocol;
	__u8 source[4], destination[4], source6[16], destination6[16];
};

struct host {
	struct in6_addr address;
};

struct latency {
	__u64 connections X0("counter,sort,help=Connections that were established");
	__u64 total X0("counter,unit=ns,help=Time that they took together");
	__u32 times[32] X0("hist=log2,unit=us,help=Connections by time");
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, __u64);
	__type(value, __u64);
} waiting SEC(".maps") X0("hidden");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, struct host);
	__type(value, struct latency);
} connects SEC(".maps") X0("help=Outgoing TCP connections by destination");

static __always_inline void count(struct latency *latency, __u64 ns)
{
	__u64 us = ns / 1000;
	__u32 bucket = 0;

	for (int i = 0; i < 31 && us > 1; i++, us >>= 1)
		bucket++;
	__sync_fetch_and_add(&latency->connections, 1);
	__sync_fetch_and_add(&latency->total, ns);
	__sync_fetch_and_add(&latency->times[bucket & 31], 1);
}

SEC("tracepoint/sock/inet_sock_set_state")
int connect_latency(struct set_state *change)
{
	__u64 socket = change->socket, now = bpf_ktime_get_ns(), *began;
	struct latency *latency, none = { 0 };
	struct host host = { 0 };

	if (change->after == TCP_SYN_SENT)
		bpf_map_update_elem(&waiting, &socket, &now, BPF_ANY);
	if (change->before != TCP_SYN_SENT || !(began = bpf_map_lookup_elem(&waiting, &socket)))
		return 0;
	now -= *began;
	bpf_map_delete_elem(&waiting, &socket);
	if (change->after != TCP_ESTABLISHED)
		return 0;
	__builtin_memcpy(&host, change->destination6, sizeof(host)); /* ::ffff:10.0.0.1 for IPv4 */
	bpf_map_update_elem(&connects, &host, &none, BPF_NOEXIST);
	if ((latency = bpf_map_lookup_elem(&connects, &host)))
		count(latency, now);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
