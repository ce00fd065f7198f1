/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Maps of xdp_pqc_verify, and its scratch memory for one packet. */
#ifndef X0_PQC_STATE_BPF_H
#define X0_PQC_STATE_BPF_H

#include <stdbool.h>

#include <bpf/bpf_endian.h>

#include "interfaces.h"
#include "mldsa/platform.bpf.h"
#include "xdp_pqc_verify.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pqc_control);
} pqc_control SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PQC_NODES_DEFAULT);
	__type(key, __u64); /* PQC_NODE_LEN bytes, as they are in the packet */
	__type(value, __u32); /* slot */
} pqc_node_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PQC_NODES_DEFAULT);
	__type(key, __u32);
	__type(value, struct pqc_node);
} pqc_nodes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pqc_common);
} pqc_common SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PQC_NODES_DEFAULT *PQC_PLACES);
	__type(key, __u32);
	__type(value, struct pqc_reassembly);
} pqc_reassembly SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PQC_SESSIONS_MAX);
	__type(key, struct pqc_session_key);
	__type(value, struct pqc_session);
} pqc_sessions SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, INTERFACE_SLOTS_MIN);
	__type(key, __u32);
	__type(value, struct pqc_interface);
} pqc_interfaces SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, PQC_MESSAGES_BYTES);
} pqc_messages SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pqc_stats);
} pqc_stats SEC(".maps");

/* The present packet, and this CPU's own copy of the message that it completed. */
struct pqc_work {
	__u64 node;
	__u64 sequence; /* in host order */
	__u64 source; /* keyed hash of source address and port, of a slice */
	__u64 wall_ns; /* since 1970, of a slice */
	__u32 slot; /* of the node */
	__u32 translated; /* the node is */
	__u32 interface; /* slot of the receiving interface */
	__u32 raw_ip; /* the frame begins with the IP header */
	__u32 refused; /* as an enum pqc_result by its headers; 0: not */
	__u32 place; /* in pqc_reassembly, of a slice */
	__u32 offset; /* of the UDP payload in the frame */
	__u32 length; /* of the UDP payload */
	__u64 now_ns; /* CLOCK_BOOTTIME */
	struct pqc_path path; /* of a message, without the destination */
	struct pqc_header header;
	__u64 key[PQC_KEY_LEN / 8]; /* of the session, while a tag is checked */
	struct pqc_delivery delivery;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pqc_work);
} pqc_work SEC(".maps");

static __always_inline struct pqc_work *work_lookup(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&pqc_work, &zero);
}

static __always_inline const struct pqc_control *control_lookup(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&pqc_control, &zero);
}

/* Whether the kernel has bpf_ktime_get_tai_ns(): from 6.1 on. */
const volatile bool has_tai = false;

/* Returns the time of day in nanoseconds since 1970. */
static __always_inline __u64 wall_ns(const struct pqc_control *control, __u64 boot_ns)
{
	return has_tai ? bpf_ktime_get_tai_ns() - control->tai_offset_ns
		       : boot_ns + control->realtime_offset_ns;
}

/* Writes an IPv4 address in its mapped form. */
static __always_inline void address_map(__u8 *to, __be32 address)
{
	store64(to, 0);
	store64(to + 8, (__u64)address << 32 | 0xffff0000);
}

/* Returns whether this is an IPv4 address in its mapped form. */
static __always_inline bool address_is_mapped(const __u8 *address)
{
	return !load64(address) && (__u32)load64(address + 8) == 0xffff0000;
}

/* Returns the UDP payload in the frame; begin() has checked its offset. */
static __always_inline const __u8 *payload_of(struct xdp_md *ctx, const struct pqc_work *work)
{
	return advance((const __u8 *)(long)ctx->data, work->offset);
}

#endif
