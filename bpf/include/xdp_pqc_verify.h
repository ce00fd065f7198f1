/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * xdp_pqc_verify: what the kernel and user space share. The wire format is in pqc_wire.h.
 *
 * A node is known by its key, which has a slot: `pqc_node_slots` maps a node's name to it,
 * `mldsa_keys` (struct mldsa_key) and `pqc_nodes` are indexed by it. User space puts a key where no
 * name leads to it yet, and the name last, so that nothing is ever verified with half a key.
 *
 * Fragments are taken out of the traffic while the program enforces. A message whose signature is
 * good goes to user space through the ring buffer `pqc_messages`, as struct pqc_delivery.
 */
#ifndef X0_XDP_PQC_VERIFY_H
#define X0_XDP_PQC_VERIFY_H

#include <linux/bpf.h>
#include <linux/types.h>

#include "pqc_wire.h"

#define PQC_NODES_DEFAULT  64
#define PQC_SESSIONS_MAX   1024
#define PQC_MESSAGES_BYTES (256 * 1024)

/* What becomes of a packet on a protected port. From PQC_REFUSED on, it is refused. */
enum pqc_result {
	PQC_DATA_GOOD, /* its tag is right and its sequence new */
	PQC_FRAGMENT_KEPT, /* the message is not complete yet */
	PQC_MESSAGE_GOOD, /* completed a message, and the signature is good */
	PQC_REFUSED,
	PQC_BAD_HEADER = PQC_REFUSED,
	PQC_UNKNOWN_NODE,
	PQC_UNKNOWN_SESSION,
	PQC_BAD_LENGTH,
	PQC_NOT_YET_VALID,
	PQC_EXPIRED,
	PQC_REPLAYED,
	PQC_MALFORMED_SIGNATURE,
	PQC_BAD_SIGNATURE,
	PQC_BAD_TAG,
	PQC_REASSEMBLY_TIMEOUT, /* a message that was given up: counted when its place is taken */
	PQC_REASSEMBLY_OVERFLOW, /* no place for one more message of this node */
	PQC_THROTTLED, /* over the budget of verifications */
	PQC_RESULTS,
};

enum pqc_mode {
	PQC_OFF,
	PQC_OBSERVE, /* verify and count, pass everything */
	PQC_ENFORCE, /* drop what is refused */
};

/* A budget: one verification each `interval_ns`, and up to `burst` saved up. */
struct pqc_budget {
	__u64 interval_ns;
	__u64 burst;
};

/* Map `pqc_control`: array of one, written by user space. */
struct pqc_control {
	__u32 mode; /* enum pqc_mode */
	__u32 reserved;
	__u64 protected_ports[65536 / 64]; /* UDP destination ports: a bit for each */
	/* CLOCK_REALTIME - CLOCK_MONOTONIC: kernels before 6.1 give a program no wall clock. */
	__u64 realtime_offset_ns;
	__u64 reassembly_timeout_ns;
	/*
	 * Of each node, for messages from where its last good one came from; and in all, for those
	 * from elsewhere: a flood of forgeries does not use up what a node needs to stay known.
	 */
	struct pqc_budget node_budget;
	struct pqc_budget common_budget;
};

/* What a budget has been used up to: the time at which it is full again. */
struct pqc_bucket {
	__u64 full_at_ns;
};

/* Map `pqc_nodes`: array by slot. The kernel writes it; user space clears it for a new key. */
struct pqc_node {
	struct bpf_spin_lock lock; /* for the four that follow */
	__u32 source; /* hash of the address and port that the last good message came from */
	__u64 sequence; /* of that message */
	__u64 authenticated_until; /* seconds since 1970 */
	struct pqc_bucket bucket;
	__u64 verified_ns; /* CLOCK_MONOTONIC of the last good message; 0: none yet */
	__u64 good; /* messages accepted */
};

/* Map `pqc_common`: array of one. */
struct pqc_common {
	struct bpf_spin_lock lock;
	__u32 reserved;
	struct pqc_bucket bucket;
};

/*
 * Places in which messages of a node are put together. The first is for messages from where the last
 * good one came from, the others go by the source: who sends from elsewhere cannot take the place
 * that a node needs to stay known. Map `pqc_reassembly`: array of slots * PQC_PLACES.
 */
#define PQC_PLACES 4

#define PQC_MESSAGE_MAX (PQC_SLICES_MAX * PQC_SLICE)

struct pqc_reassembly {
	struct bpf_spin_lock lock; /* for all but the bytes */
	__u32 source;
	__u64 sequence;
	__u64 began_ns; /* CLOCK_MONOTONIC; 0: free */
	__u32 total;
	__u32 received; /* a bit for each slice that is there */
	__u8 bytes[PQC_MESSAGE_MAX];
};

/* A whole message, in the ring buffer `pqc_messages`: only as long as `total` needs. */
struct pqc_delivery {
	__u8 node[PQC_NODE_LEN];
	__u64 sequence;
	__u32 slot;
	__u32 total;
	__u32 source[4]; /* address that the last slice came from; of IPv4 the first word */
	__u32 ifindex; /* where it came in */
	__be16 source_port;
	__u16 version; /* of IP: 4 or 6 */
	__u8 message[PQC_MESSAGE_MAX];
};

/* Map `pqc_sessions`: hash. One for each direction in which packets arrive. */
struct pqc_session_key {
	__u8 node[PQC_NODE_LEN]; /* the sender */
	__be32 session;
	__u32 reserved; /* 0 */
};

/* A window of at least 1,024 sequence numbers: RFC 6479, one word more than the window has. */
#define PQC_WINDOW_WORDS 32
#define PQC_WINDOW	 ((PQC_WINDOW_WORDS - 1) * 64)

struct pqc_window {
	__u64 highest; /* sequence number; 0: none seen, and numbers begin with 1 */
	__u64 seen[PQC_WINDOW_WORDS];
};

struct pqc_session {
	struct bpf_spin_lock lock; /* for the window and the counts */
	__u32 reserved;
	__u64 key[PQC_KEY_LEN / 8];
	__u64 began_ns; /* CLOCK_MONOTONIC, as is the next */
	__u64 expires_ns;
	__u64 good;
	__u64 bytes;
	__u64 replayed;
	struct pqc_window window;
};

#define PQC_TIME_BUCKETS 32

/* Map `pqc_stats`: per-CPU array of one. */
struct pqc_stats {
	__u64 results[PQC_RESULTS];
	__u64 verifications;
	__u64 verification_ns;
	__u64 times[PQC_TIME_BUCKETS]; /* of verifications: from 2^n ns on, below 2^(n + 1) */
	__u64 event_ns[PQC_RESULTS]; /* when the last event was sent, for each result */
	__u64 undelivered; /* good messages for which pqc_messages had no room */
};

#endif
