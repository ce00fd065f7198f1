// SPDX-License-Identifier: BSD-2-Clause
/* How long threads that could run wait for a processor, by command. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#define X0(words) __attribute__((btf_decl_tag("x0:" words)))

/* As /sys/kernel/tracing/events/sched/sched_wakeup/format and sched_switch/format say. */
struct wakeup {
	char common[8], command[16];
	__u32 thread;
};
struct change {
	char common[8], before_command[16];
	__u32 before, priority;
	__u64 before_state;
	char command[16];
	__u32 after;
};
struct command {
	char name[16] X0("text,help=Command of the threads that waited");
};
struct waits {
	__u64 runs X0("counter");
	__u64 total X0("counter,sort,unit=us,help=Time that they waited together");
	__u32 times[32] X0("hist=log2,unit=us,help=Waits by time");
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, __u64);
} waiting SEC(".maps") X0("hidden");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct command);
	__type(value, struct waits);
} run_queue SEC(".maps") X0("help=Time on the run queue by command");

SEC("tracepoint/sched/sched_wakeup")
int woken(struct wakeup *wakeup)
{
	__u64 now = bpf_ktime_get_ns();
	__u32 thread = wakeup->thread;

	bpf_map_update_elem(&waiting, &thread, &now, BPF_ANY);
	return 0;
}

SEC("tracepoint/sched/sched_switch")
int switched(struct change *change)
{
	__u64 now = bpf_ktime_get_ns(), us, *began;
	__u32 before = change->before, after = change->after, bucket = 0;
	struct waits none = { 0 }, *waits;
	struct command command;

	if (before && !(change->before_state & 0xff)) /* it could go on */
		bpf_map_update_elem(&waiting, &before, &now, BPF_ANY);
	if (!(began = bpf_map_lookup_elem(&waiting, &after)))
		return 0;
	us = (now - *began) / 1000;
	bpf_map_delete_elem(&waiting, &after);
	__builtin_memcpy(command.name, change->command, sizeof(command.name));
	bpf_map_update_elem(&run_queue, &command, &none, BPF_NOEXIST);
	if (!(waits = bpf_map_lookup_elem(&run_queue, &command)))
		return 0;
	waits->runs++;
	waits->total += us;
	for (; us > 1 && bucket < 31; us >>= 1)
		bucket++;
	waits->times[bucket & 31]++;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
