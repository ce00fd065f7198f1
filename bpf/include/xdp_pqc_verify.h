/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * xdp_pqc_verify: layouts shared by kernel and user space. pqc_wire.h has the wire format.
 *
 * Each node's key has a slot: `pqc_node_slots` maps a node's id to it, and it indexes `mldsa_keys`
 * (struct mldsa_key) and `pqc_nodes`. User space writes the key first and the id last, so that no
 * message is verified with half a key.
 *
 * While enforcing, the program removes fragments from the traffic. It passes messages with a good
 * signature to user space through the ring buffer `pqc_messages`, as struct pqc_delivery.
 */
#ifndef X0_XDP_PQC_VERIFY_H
#define X0_XDP_PQC_VERIFY_H

#include <linux/bpf.h>
#include <linux/types.h>

#include "pqc_wire.h"

#define PQC_NODES_DEFAULT  64
#define PQC_NODES_SMALL	   8 /* on a host of little memory */
#define PQC_SESSIONS_MAX   1024
#define PQC_SESSIONS_SMALL 128
#define PQC_MESSAGES_BYTES (256 * 1024)
#define PQC_MESSAGES_SMALL (64 * 1024)

/* Result for a packet on a protected port. PQC_REFUSED and above are refusals. */
enum pqc_result {
	PQC_DATA_ACCEPTED, /* good tag, new sequence */
	PQC_FRAGMENT_BUFFERED, /* buffered; the message is incomplete */
	PQC_MESSAGE_ACCEPTED, /* completed a message with a good signature */
	PQC_REFUSED,
	PQC_BAD_HEADER = PQC_REFUSED,
	PQC_IP_FRAGMENT, /* a fragment of an IP packet */
	PQC_NOT_FOR_HOST, /* to a MAC address or VLAN that is not this host's on the interface */
	PQC_BAD_CHECKSUM, /* of the IPv4 header, or of UDP */
	PQC_UNKNOWN_NODE,
	PQC_UNKNOWN_SESSION,
	PQC_BAD_LENGTH,
	PQC_NOT_YET_VALID, /* by its validity, or by its sequence */
	PQC_EXPIRED,
	PQC_RELAYED, /* a message from another address than the one in it */
	PQC_REPLAYED,
	PQC_MALFORMED_SIGNATURE,
	PQC_BAD_SIGNATURE,
	PQC_BAD_TAG,
	PQC_REASSEMBLY_TIMEOUT, /* incomplete message discarded; counted when its place is taken */
	PQC_REASSEMBLY_OVERFLOW, /* no free place for another message of this node */
	PQC_THROTTLED, /* over the budget of verifications */
	PQC_RESULTS,
};

enum pqc_mode {
	PQC_OFF,
	PQC_OBSERVE, /* verify and count, pass everything */
	PQC_ENFORCE, /* drop refused packets */
};

/* A budget: one verification per `interval_ns`, up to `burst` saved. */
struct pqc_budget {
	__u64 interval_ns;
	__u64 burst;
};

/* Map `pqc_control`: array of one, written by user space. */
struct pqc_control {
	__u32 mode; /* enum pqc_mode */
	__u32 reserved;
	__u64 protected_ports[65536 / 64]; /* UDP destination ports: a bit for each */
	/*
	 * The time of day is CLOCK_TAI less the first, which follows a clock that is set; or, on kernels
	 * before 6.1, CLOCK_BOOTTIME and the second, which user space has to follow.
	 */
	__u64 tai_offset_ns; /* CLOCK_TAI - CLOCK_REALTIME */
	__u64 realtime_offset_ns; /* CLOCK_REALTIME - CLOCK_BOOTTIME */
	__u64 hash_key[2]; /* random: nobody else can tell which sources share a place */
	__u64 reassembly_timeout_ns;
	/*
	 * Of each node, for messages from where its last good one came from; and in all, for those
	 * from elsewhere: a flood of forgeries does not use up what a node needs to stay known.
	 */
	struct pqc_budget node_budget;
	struct pqc_budget common_budget;
};

/* State of a budget: the time at which it is full again. */
struct pqc_bucket {
	__u64 full_at_ns;
};

/* Map `pqc_node_slots`: hash by node id. The slot, and flags. */
#define PQC_SLOT_MASK	    0xffff
#define PQC_NO_SLOT	    0xffffffff /* of a packet that names no node */
#define PQC_SLOT_TRANSLATED 0x10000 /* an operator named it: its addresses change on the way */

/* An address and port that good messages came from. */
struct pqc_source {
	__u64 hash;
	__u64 ends_ns; /* CLOCK_BOOTTIME: end of the validity of its last good message; 0: free */
	struct pqc_bucket bucket;
};

/*
 * Sources of a node: that of the last good message, and the one before, until its validity ends. So a
 * node that moves, or a message that was sent on from elsewhere, takes nothing from where the node was.
 */
#define PQC_SOURCES 2

struct pqc_sources {
	__u32 last; /* of `all`: that of the last good message */
	__u32 reserved;
	struct pqc_source all[PQC_SOURCES];
};

/* Map `pqc_nodes`: array by slot. The kernel writes it; user space clears it for a new key. */
struct pqc_node {
	struct bpf_spin_lock lock; /* of all but the last two */
	__u32 reserved;
	__u64 sequence; /* of the last good message */
	__u64 authenticated_until; /* seconds since 1970 */
	struct pqc_sources sources;
	__u64 verified_ns; /* CLOCK_BOOTTIME of the last good message; 0: none yet */
	__u64 good; /* messages accepted */
	__u8 address[16]; /* where the last of them came from; IPv4 as ::ffff:a.b.c.d */
	__u64 refused; /* packets that bear its id and were refused, whoever sent them */
	__u64 refused_there; /* of these, those from that address */
};

/* Map `pqc_common`: array of one. */
struct pqc_common {
	struct bpf_spin_lock lock;
	__u32 reserved;
	struct pqc_bucket bucket;
};

/*
 * Places for reassembling a node's messages. Each of its sources has one; the keyed hash of any other
 * source selects among the rest. So a sender elsewhere cannot take a place that keeps a node
 * authenticated. Map `pqc_reassembly`: array of slots * PQC_PLACES.
 */
#define PQC_PLACES (PQC_SOURCES + 3)

#define PQC_MESSAGE_MAX (PQC_SLICES_MAX * PQC_SLICE)

struct pqc_reassembly {
	struct bpf_spin_lock lock; /* of all but the bytes */
	__u32 reserved;
	__u64 source; /* hash */
	__u64 sequence;
	__u64 began_ns; /* CLOCK_BOOTTIME; 0: free */
	__u32 total;
	__u32 received; /* a bit per received slice */
	__u8 bytes[PQC_MESSAGE_MAX];
};

/* A whole message in the ring buffer `pqc_messages`, truncated to `total`. */
struct pqc_delivery {
	__u8 node[PQC_NODE_LEN];
	__u64 sequence;
	__u32 slot;
	__u32 total;
	__u32 source[4]; /* address of the last slice; IPv4 in the first word */
	__u32 ifindex; /* of the receiving interface */
	__be16 source_port;
	__u16 version; /* of IP: 4 or 6 */
	__u8 message[PQC_MESSAGE_MAX];
};

/* Map `pqc_sessions`: hash. One entry per session, for received packets. */
struct pqc_session_key {
	__u8 node[PQC_NODE_LEN]; /* the sender */
	__be32 session;
	__u32 reserved; /* 0 */
};

/* A window of at least 1,024 sequence numbers (RFC 6479), plus one word. */
#define PQC_WINDOW_WORDS 32
#define PQC_WINDOW	 ((PQC_WINDOW_WORDS - 1) * 64)

struct pqc_window {
	__u64 highest; /* sequence number; numbers begin with 1; 0: none seen */
	__u64 seen[PQC_WINDOW_WORDS];
};

struct pqc_session {
	struct bpf_spin_lock lock; /* of the window and the counts */
	__u32 translated; /* data with PQC_TRANSLATED is taken */
	__u64 key[PQC_KEY_LEN / 8];
	__u64 began_ns; /* CLOCK_BOOTTIME, as is the next */
	__u64 expires_ns;
	__u64 good;
	__u64 bytes;
	__u64 replayed;
	struct pqc_window window;
};

/*
 * Map `pqc_interfaces`: array by slot of the interface. Where frames have to go for this host to take
 * them: it would drop others, after the replay window had moved.
 */
#define PQC_MACS_MAX 8

/* Kinds of VLAN devices on top of the interface: frames with tags of another kind are for none of them. */
enum pqc_vlans {
	PQC_VLANS_8021Q = 1,
	PQC_VLANS_8021AD = 2,
	PQC_VLANS_NESTED = 4, /* on top of other VLAN devices; which ones is not checked */
};

struct pqc_interface {
	__u32 n_macs; /* 0: not known, so nothing is checked */
	__u32 kinds; /* bits of enum pqc_vlans */
	/* As in the frame, followed by two bytes of 0. All are compared: places behind n_macs repeat the first. */
	__u64 macs[PQC_MACS_MAX];
	__u64 vlans[4096 / 64]; /* a bit for each outermost one; 0: without a tag */
};

#define PQC_TIME_BUCKETS 32

/* Map `pqc_stats`: per-CPU array of one. */
struct pqc_stats {
	__u64 results[PQC_RESULTS];
	__u64 verifications;
	__u64 verification_ns;
	__u64 times[PQC_TIME_BUCKETS]; /* verifications of 2^n ns to below 2^(n + 1) ns */
	__u64 event_ns[PQC_RESULTS]; /* time of the last event, by result */
	__u64 undelivered; /* good messages lost: pqc_messages was full */
};

#endif
