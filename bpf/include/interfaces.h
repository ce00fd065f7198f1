/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tables of the interfaces that x0top watches: layouts shared by kernel and user space.
 *
 * Maps `xdp_interfaces` and `tc_interfaces`: arrays of INTERFACE_BUCKETS buckets, hash tables of
 * ifindexes that one lookup reads. An interface is in the bucket of its ifindex or not at all; an
 * entry of ifindex 0 is free. A packet of an interface that is not in the table passes uncounted. The
 * chain's table is pinned while it enforces; observers of another process do not write to it.
 */
#ifndef X0_INTERFACES_H
#define X0_INTERFACES_H

#include <linux/types.h>

/*
 * Maximum number of watched interfaces. Per-interface maps have as many slots as the host needs
 * when they are made: a power of two from INTERFACE_SLOTS_MIN to INTERFACES_MAX.
 */
#define INTERFACES_MAX	    512
#define INTERFACE_SLOTS_MIN 64

#define INTERFACE_BUCKET_BITS 9
#define INTERFACE_BUCKETS     (1U << INTERFACE_BUCKET_BITS)
#define INTERFACE_WAYS	      8 /* a bucket fills a cache line */

enum interface_flags {
	INTERFACE_RAW_IP = 1, /* frames start with the IP header: WireGuard, TUN */
	INTERFACE_AT_XDP = 2, /* the XDP chain counts its packets, so tc_counter does not */
};

struct interface_entry {
	__u32 ifindex; /* 0: free */
	__u16 slot; /* in the per-interface maps */
	__u16 flags; /* enum interface_flags */
};

struct interface_bucket {
	struct interface_entry entries[INTERFACE_WAYS];
};

/* Returns the bucket of an ifindex: multiplicative hashing (Knuth), which spreads neighbours
 * evenly. */
#define INTERFACE_BUCKET(ifindex) ((__u32)(ifindex)*2654435769U >> (32 - INTERFACE_BUCKET_BITS))

#endif
