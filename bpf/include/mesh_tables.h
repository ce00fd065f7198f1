/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The compiled form of mesh rules: lines, MESH_PAGE_LINES to an element of an inner map of `mesh_lines`, in
 * one of two banks. The first MESH_NEAR_LINES are an element of `mesh_near` as well: no call of the kernel
 * leads there. They have what is small; large tables and many classes lie behind them. A new set of rules is
 * built aside, in the bank that is not in force, and takes effect by one word: each packet is judged by one
 * whole set. Rules that lie near, up to 64, need no `mesh_lines`: what that bank has there may be of others.
 *
 * Each dimension of a packet (its source, its protocol, ...) maps what it finds to a class, a line of 1,024
 * bits: the rules that this dimension does not rule out. The lines of all used dimensions are ANDed, and
 * the lowest bit is the rule that decides. Class 0 is that of what is in no table.
 *
 * Tables are hashes of two choices: a key is in one of two buckets of half a line. So a lookup costs the
 * same however many elements there are, and whoever chose them.
 * - narrow: a bucket has 7 words, each a key of 48 bits above a class of 16, behind a multiplier under which
 *   its keys have different words. Its highest bit says that a key whose first choice this is has gone to
 *   its second. So one look at one word finds most keys, and what is no key.
 * - wide: a bucket has 2 of struct mesh_wide
 * - short: many IPv4 prefixes of one length. A bucket is like a narrow one, of 16 words of 32 bits. A word is
 *   a tag above the class: what the number of the bucket does not say of the hash of the prefix, which no two
 *   prefixes share. So 100,000 take 580 KB, and stay in a processor's second cache. Each of the multiplier's
 *   highest 8 bits says that keys of an eighth of the hashes have gone to their second bucket: few others look there. No call of the
 *   kernel leads there.
 * A table of prefixes is searched by length, in the order of a search tree over the lengths in use: found
 * goes on with longer prefixes, not found with shorter ones. What leads to longer prefixes has an entry,
 * with the class of the longest prefix around it. The tree is a line of bytes, of struct mesh_node for IPv4:
 * the children of node i are 2i + 1 (shorter) and 2i + 2 (longer); 0 ends it.
 */
#ifndef X0_MESH_TABLES_H
#define X0_MESH_TABLES_H

#include <linux/types.h>

#define MESH_LINE_WORDS	    16 /* 1,024 bits */
#define MESH_LINE_BYTES	    128
#define MESH_NARROW_WAYS    7
#define MESH_NARROW_MORE    (1ULL << 63) /* of a multiplier */
#define MESH_WIDE_WAYS	    2
#define MESH_SHORT_WAYS	    15
#define MESH_TREE_DEPTH	    8 /* of 128 lengths */
#define MESH_TREE4_DEPTH    6 /* of 32 lengths */
#define MESH_TREE_NODES	    128
#define MESH_CLASSES_MAX    65535
#define MESH_COUNTS_MAX	    16 /* counting rules of a set */
#define MESH_EXPIRIES_DEPTH 11 /* of a search among 1,024 times */

struct mesh_line {
	__u64 words[MESH_LINE_WORDS];
};

#define MESH_PAGE_LINES 128
#define MESH_NEAR_LINES 256

struct mesh_page {
	struct mesh_line lines[MESH_PAGE_LINES];
};

struct mesh_near {
	struct mesh_line lines[MESH_NEAR_LINES];
};

#define MESH_SHORT_BUCKETS	 16384 /* of a bank */
#define MESH_SHORT_BUCKETS_SMALL 1 /* on a host of little memory, which has no short tables */

/* Map `mesh_shorts`: array of MESH_BANKS times MESH_SHORT_BUCKETS, by bank. */
struct mesh_bucket {
	__u32 words[MESH_SHORT_WAYS + 1];
};

enum mesh_dimension {
	MESH_BY_SOURCE,
	MESH_BY_DESTINATION,
	MESH_BY_MAC, /* the source's */
	MESH_BY_PROTOCOL,
	MESH_BY_SOURCE_PORT,
	MESH_BY_DESTINATION_PORT,
	MESH_BY_ETHERTYPE,
	MESH_BY_VLAN,
	MESH_BY_INTERFACE,
	MESH_BY_READABLE, /* class: enum mesh_kind */
	MESH_DIMENSIONS,
};

/*
 * What a packet is, before any rule. What hosts cannot do without is dropped or limited only by rules that
 * name it, and not by the policy: ARP; neighbour and router discovery, ICMPv6 types 133 to 136 (RFC 4861),
 * and not redirects; DHCP, UDP to the ports 67 and 68 over IPv4, 546 and 547 over IPv6.
 */
enum mesh_kind {
	MESH_READABLE,
	MESH_UNREADABLE, /* addresses or ports may hide from the rules */
	MESH_ARP,
	MESH_NEIGHBOUR_DISCOVERY,
	MESH_DHCP,
	MESH_KINDS,
};

/* Hashed tables. */
enum mesh_table_number {
	MESH_SOURCE4,
	MESH_SOURCE6,
	MESH_DESTINATION4,
	MESH_DESTINATION6,
	MESH_MACS,
	MESH_ETHERTYPES,
	MESH_INTERFACES,
	MESH_TABLES,
};

/* Tables by number: lines of 64 classes of 16 bits. Most are equal, so each is there once: see struct
 * mesh_direct. */
enum mesh_direct_number {
	MESH_DIRECT_PROTOCOL,
	MESH_DIRECT_SOURCE_PORT,
	MESH_DIRECT_DESTINATION_PORT,
	MESH_DIRECT_VLAN, /* by identifier */
	MESH_DIRECTS,
};

struct mesh_table {
	__u32 first; /* line */
	__u32 buckets;
	__u32 tree; /* line of the tree of lengths; prefixes only */
	__u32 shortest; /* class of the prefix of length 0; prefixes only */
};

/* A length of IPv4 prefixes in the tree. */
struct mesh_node {
	__u8 length; /* 0: none */
	__u8 class_bits; /* of a word of a short table */
	__u16 reserved;
	__u32 buckets; /* of a short table; 0: the prefixes are in the narrow one */
	__u32 first; /* element of `mesh_shorts` */
	__u32 reserved2;
};

struct mesh_direct {
	__u32 index; /* first line of 64 numbers, of 16 bits, of a line behind `first` */
	__u32 first;
};

struct mesh_wide {
	__u64 high, low; /* of the address, host byte order */
	__u64 length; /* 1 to 128; 0: free */
	__u64 class;
};

#define MESH_FLOW_WORDS 7

/* From line 0 on. */
struct mesh_head {
	__u32 generation; /* never 0 */
	__u32 dimensions; /* used: 1 << enum mesh_dimension */
	__u32 words; /* of a line that can have a bit */
	__u32 counts; /* counting rules */
	__u32 classes
		[MESH_DIMENSIONS]; /* line of class 0; of a dimension that is not used: all bits */
	__u32 decisions; /* line of the first 32 of struct mesh_decision, by place */
	__u32 counting; /* line of MESH_COUNTS_MAX of struct mesh_counting */
	__u64 multipliers[MESH_FLOW_WORDS]; /* secret, odd */
	__u64 masks[MESH_FLOW_WORDS]; /* of what the rules look at */
	__u16 policy; /* action of packets that no rule matches: MESH_PASS or MESH_DROP */
	__u16 bank; /* that the rules are from: of `switched`, and lines of `mesh_disabled` */
	__u32 expiry; /* line of struct mesh_expiry */
	__u64 expires; /* when the first rule does: CLOCK_BOOTTIME, ns; ~0: none */
};

/* Which rules still hold: by the time, so that it needs nobody to change anything. */
struct mesh_expiry {
	__u32 n; /* rules that expire */
	__u32 times; /* line of the first 16 such times, in order */
	__u32 holding; /* line of the rules that hold after the first of them, one line a time */
	__u32 reserved;
};

/* From this line on. */
#define MESH_INDEX_LINE 2

struct mesh_index {
	struct mesh_table tables[MESH_TABLES];
	struct mesh_direct directs[MESH_DIRECTS];
};

/* All bits. */
#define MESH_ALL_LINE 4

struct mesh_decision {
	__u16 id; /* of the rule: its place in mesh_rule_counts and mesh_limits */
	__u8 action;
	__u8 reserved;
};

/* A rule that counts, and lets the following ones decide. */
struct mesh_counting {
	__u16 place; /* its bit */
	__u16 id;
};

/* Where a key is: its two buckets, by hashes of 32 bits. */
#define MESH_BUCKET(buckets, hash)	 ((__u64)(__u32)(hash) * (buckets) >> 32)
#define MESH_NARROW_HASH(m, key, choice) ((key) * (m)[choice] >> 32)
/* Its word in a narrow bucket with this multiplier. */
#define MESH_NARROW_WORD(multiplier, key) \
	(1 + (((key) * (multiplier) >> 32) * MESH_NARROW_WAYS >> 32))
/* A short prefix has its bits on the left: folded, so that they reach all bits of a product. */
#define MESH_FOLD(word) ((word) ^ (word) >> 32)
#define MESH_WIDE_HASH(m, high, low, length, choice)                                     \
	((MESH_FOLD(high) * (m)[3 * (choice)] + MESH_FOLD(low) * (m)[3 * (choice) + 1] + \
		 (length) * (m)[3 * (choice) + 2]) >>                                    \
		32)
/*
 * A hash of 32 bits that no other prefix has, the word in a short bucket with this multiplier, and the
 * highest bits of it: full, choice, and the lowest bits of the hash.
 */
#define MESH_SHORT_HASH(m, prefix, choice) ((__u32)(prefix) * (__u32)(m)[choice])
#define MESH_SHORT_WORD(multiplier, prefix)                                                 \
	(1 + ((__u64)((__u32)(prefix) * ((__u32)(multiplier) ^ (__u32)(multiplier) << 8)) * \
			     MESH_SHORT_WAYS >>                                             \
		     32))
/* Of a multiplier: the highest 8 bits, one for each eighth of the hashes of the first choice. They alone would not
 * tell neighbouring prefixes apart, so that the other bits are mixed in. */
#define MESH_SHORT_MORE(hash) (1U << (24 + ((hash) >> 16 & 7)))
#define MESH_SHORT_MORES      0xff000000U
#define MESH_SHORT_TAG_BITS   30
#define MESH_SHORT_TAG(hash, choice, class_bits)      \
	(1U << 31 | (choice) << MESH_SHORT_TAG_BITS | \
		((__u32)(hash) << (class_bits) & ((1U << MESH_SHORT_TAG_BITS) - 1)))
/* Key of an IPv4 prefix. */
#define MESH_KEY4(address, length) ((__u64)(address) << 8 | (length))

/* --- the flow table -------------------------------------------------------------------------- */

#define MESH_FLOWS_BITS	      12
#define MESH_FLOWS_BITS_SMALL 9 /* on a host of little memory */

/*
 * A key is struct packet_headers, masked by what rules look at and by which fields are there. While somebody
 * lists flows it is whole, but for transport and DSCP, and says so by this bit of the flags.
 */
#define MESH_FLOW_WHOLE	     (1 << 15)
#define MESH_FLOW_WHOLE_MASK 0x00ffffff00ffffffULL /* of the first word */

/* Map `mesh_flows`: per-CPU array, direct-mapped by the hash of the key. */
struct mesh_flow {
	__u64 key[MESH_FLOW_WORDS];
	__u32 generation; /* of the set of rules that decided, see mesh_generation() */
	__u16 id; /* of the rule, or MESH_NO_RULE */
	__u8 action;
	__u8 reserved;
	__u32 counted; /* counting rules that match: bits by their place in `counting` */
	__u32 taken; /* how often another flow took the place */
	__u64 packets, bytes;
};

/*
 * Map `mesh_recent`: per-CPU array of one, of one program. What was last found in the dimensions in which packets
 * differ little: protocol, ethertype, VLAN, interface, readable.
 */
struct mesh_recent {
	__u64 key[2]; /* of a packet: what these dimensions look at */
	__u32 generation; /* of the set of rules, see mesh_generation(); 0: nothing was found yet */
	__u32 kind; /* enum mesh_kind */
	__u64 survivors; /* of 64 rules that are on and hold: what these dimensions do not rule out */
	__u64 far; /* 0 if all of that is near, and there are no more rules; else all bits */
	__u32 rows[MESH_DIMENSIONS]; /* lines, of all dimensions */
	__u32 reserved[2];
};

#endif
