/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the class of a packet in each dimension: see mesh_tables.h. */
#ifndef X0_MESH_CLASSES_BPF_H
#define X0_MESH_CLASSES_BPF_H

#include "mesh_lines.bpf.h"
#include "xdp_chain.h"

/* How keys are found: a program may have functions of its own for it, which verifiers walk through once. */
#ifndef MESH_FIND_NARROW
#define MESH_FIND_NARROW mesh_find_narrow
#define MESH_FIND_WIDE	 mesh_find_wide
#endif

/* What one look at a narrow bucket has found. */
struct mesh_look {
	__u64 multiplier;
	__u64 word;
};

static __always_inline void mesh_look_at(const __u64 *words, __u64 key, struct mesh_look *look)
{
	__u64 word;

	look->multiplier = words[0];
	word = MESH_NARROW_WORD(look->multiplier, key);
	look->word = words[mesh_bound(word, MESH_NARROW_WAYS)];
}

#define MESH_BUCKET_BYTES (MESH_LINE_BYTES / 2)

/* Returns where a bucket of half a line is: bytes behind line 0. */
static __always_inline __u64 mesh_bucket_at(__u64 first, __u64 buckets, __u64 hash)
{
	return MESH_FROM(first, MESH_BUCKET(buckets, hash) * MESH_BUCKET_BYTES);
}

/* Looks into a bucket. */
static __always_inline void mesh_look(const struct mesh_lines *lines,
	const struct mesh_table *table, __u64 hash, __u64 key, struct mesh_look *look)
{
	__u64 offset = mesh_bucket_at(table->first, table->buckets, hash);

	if (mesh_is_near(offset)) {
		mesh_look_at(mesh_near_at(lines, offset, MESH_BUCKET_BYTES), key, look);
	} else {
		const void *bucket = mesh_far_at(lines, offset, MESH_BUCKET_BYTES);
		if (bucket)
			mesh_look_at(bucket, key, look);
	}
}

/* Keeps clang from making a branch of a mask: a processor could only guess which way it goes. */
static __always_inline __u64 mesh_mask(__u64 mask)
{
	asm volatile("" : "+r"(mask));
	return mask;
}

/* Returns all bits for equal keys of 48 bits, else 0. */
static __always_inline __u64 mesh_same(__u64 a, __u64 b)
{
	return mesh_mask((__s64)((a ^ b) - 1) >> 63);
}

/* Returns the word of a key, or 0. An empty word is that of key 0 with class 0. */
static __always_inline __u64 mesh_find_narrow(
	const struct mesh_lines *lines, const struct mesh_table *table, __u64 key)
{
	const __u64 *multipliers = lines->head->multipliers;
	struct mesh_look look = { 0 };
	__u64 same;

	mesh_look(lines, table, MESH_NARROW_HASH(multipliers, key, 0), key, &look);
	same = mesh_same(look.word >> 16, key);
	if (look.multiplier & ~same & MESH_NARROW_MORE) {
		mesh_look(lines, table, MESH_NARROW_HASH(multipliers, key, 1), key, &look);
		same = mesh_same(look.word >> 16, key);
	}
	return look.word & same;
}

/* Returns whether a bucket has the key. Writes its class, or 0. */
static __always_inline __u64 mesh_look_wide(
	const struct mesh_wide *entries, __u64 high, __u64 low, __u64 length, __u64 *class)
{
	__u64 found = 0;

#pragma unroll
	for (int i = 0; i < MESH_WIDE_WAYS; i++) {
		__u64 differs = (entries[i].high ^ high) | (entries[i].low ^ low) |
				(entries[i].length ^ length);
		__u64 same = (mesh_mask(differs | -differs) >> 63) - 1;
		*class |= entries[i].class & same;
		found |= same;
	}
	return found;
}

/* Returns all bits if the key is there, else 0. Adds the bits of its class to *class. */
static __always_inline __u64 mesh_find_wide(const struct mesh_lines *lines,
	const struct mesh_table *table, __u64 high, __u64 low, __u64 length, __u64 *class)
{
	__u64 found = 0;

#pragma unroll
	for (int choice = 0; choice < 2; choice++) {
		__u64 offset = mesh_bucket_at(table->first, table->buckets,
			MESH_WIDE_HASH(lines->head->multipliers, high, low, length, choice));

		if (found)
			break;
		if (mesh_is_near(offset)) {
			found = mesh_look_wide(mesh_near_at(lines, offset, MESH_BUCKET_BYTES), high,
				low, length, class);
		} else {
			const void *bucket = mesh_far_at(lines, offset, MESH_BUCKET_BYTES);
			if (bucket)
				found = mesh_look_wide(bucket, high, low, length, class);
		}
	}
	return found;
}

/* Beside a class: it was found. */
#define MESH_FOUND (1 << 16)

#ifndef MESH_SMALL
/* Returns the class of a prefix in a short table with MESH_FOUND, or 0. */
static __always_inline __u64 mesh_find_short(
	const struct mesh_lines *lines, __u64 first, __u64 node, __u32 prefix)
{
	__u64 buckets = node >> 32, class_bits = node >> 8 & 31, found = 0;

#pragma unroll
	for (int choice = 0; choice < 2; choice++) {
		__u32 hash = MESH_SHORT_HASH(lines->head->multipliers, prefix, choice);
		__u32 tag = MESH_SHORT_TAG(hash, choice, class_bits), multiplier, class;
		__u32 at = first + MESH_BUCKET(buckets, hash);
		const struct mesh_bucket *bucket = bpf_map_lookup_elem(&MESH_MAP(shorts), &at);
		__u64 word, same;

		if (!bucket)
			return 0;

		multiplier = bucket->words[0];
		word = MESH_SHORT_WORD(multiplier, prefix);
		class = bucket->words[mesh_bound(word, MESH_SHORT_WAYS)] ^ tag;
		same = mesh_same(class >> class_bits, 0);
		found = (class | MESH_FOUND) & same;
		/* One branch, which is hardly ever taken: found or not would be a guess. */
		if (!(multiplier & ~same & MESH_SHORT_MORE(hash)))
			break;
	}
	return found;
}
#endif

/* Returns the class of a prefix with MESH_FOUND, or 0. `node`: the first word of it; `at`: where it is. */
static __always_inline __u64 mesh_find4(const struct mesh_lines *lines,
	const struct mesh_table *table, __u64 node, __u64 at, __be32 address)
{
	__u64 length = node & 0xff, word;
	__u32 prefix = bpf_ntohl(address) & (~0U << ((32 - length) & 31));

#ifndef MESH_SMALL
	if (node >> 32)
		return mesh_find_short(
			lines, mesh_u32(lines, table->tree, at * 4 + 2), node, prefix);
#endif
	word = MESH_FIND_NARROW(lines, table, MESH_KEY4(prefix, length));
	return (word & 0xffff) | mesh_mask(word | -word) >> 63 << 16;
}

/* Returns the class of an IPv4 address. */
static __always_inline __u32 mesh_class4(
	const struct mesh_lines *lines, const struct mesh_table *table, __be32 address)
{
	__u64 class = table->shortest, at = mesh_forget(lines, 0);

	for (int depth = 0; depth < MESH_TREE4_DEPTH; depth++) {
		__u64 node, found;

		if (at >= MESH_TREE_NODES)
			break;
		node = mesh_u64(lines, table->tree, at * 2);
		if (!(node & 0xff))
			break;
		found = mesh_forget(lines, mesh_find4(lines, table, node, at, address));
		class &= (found >> 16 & 1) - 1;
		class |= found & 0xffff;
		at = mesh_forget(lines, 2 * at + 1 + (found >> 16 & 1)) & 0xff;
	}
	return class;
}

static __always_inline __u64 mesh_load64(const __u32 *words)
{
	return (__u64)bpf_ntohl(words[0]) << 32 | bpf_ntohl(words[1]);
}

/* Returns the class of an IPv6 address. */
static __always_inline __u32 mesh_class6(
	const struct mesh_lines *lines, const struct mesh_table *table, const __u32 *address)
{
	__u64 class = table->shortest, node = mesh_forget(lines, 0);
	__u64 high = mesh_load64(address), low = mesh_load64(address + 2);

	for (int depth = 0; depth < MESH_TREE_DEPTH; depth++) {
		__u64 length, mask, found, longer = 0;

		if (node >= MESH_TREE_NODES)
			break;
		length = mesh_u8(lines, table->tree, node);
		if (!length)
			break;
		mask = ~0ULL << ((0 - length) & 63);
		found = MESH_FIND_WIDE(lines, table, length < 64 ? high & mask : high,
			length <= 64 ? 0 : low & mask, length, &longer);
		class = (class & ~found) | longer;
		node = mesh_forget(lines, 2 * node + 1 - found) & 0xff;
	}
	return class;
}

/* Returns the class of a number from a table by number. */
static __always_inline __u32 mesh_class_direct(
	const struct mesh_lines *lines, __u32 direct, __u32 number)
{
	const struct mesh_direct *table = &mesh_index(lines)->directs[direct];

	return mesh_u16(
		lines, table->first + mesh_u16(lines, table->index, number >> 6), number & 63);
}

static __always_inline __u32 mesh_class_address(const struct mesh_lines *lines,
	const struct packet_headers *headers, const __u32 *address, const struct mesh_table *tables)
{
	if (!(headers->flags & PACKET_ADDRESS))
		return 0;
	return headers->network == NETWORK_IPV4 ? mesh_class4(lines, &tables[0], *address)
						: mesh_class6(lines, &tables[1], address);
}

static __always_inline __u64 mesh_mac_key(const struct packet_headers *headers)
{
	return bpf_be64_to_cpu(headers->words[offsetof(struct packet_headers, source_mac) / 8]) >>
	       16;
}

#ifndef MESH_OWN_KIND
/* Returns the enum mesh_kind of a packet: by what every key of a flow has. */
static __always_inline __u64 mesh_kind(
	const struct mesh_lines *lines, const struct packet_headers *headers)
{
	__u64 kind = headers->flags & PACKET_DHCP ? MESH_DHCP : MESH_READABLE;

	if (headers->flags & PACKET_DISCOVERY)
		kind = MESH_NEIGHBOUR_DISCOVERY;
	if (headers->network == NETWORK_ARP)
		kind = MESH_ARP;
	if (headers->flags & PACKET_HIDING)
		kind = MESH_UNREADABLE;
	return mesh_forget(lines, kind) & 7;
}
#endif

/* Returns the class of a packet in a dimension that rules look at. */
static __always_inline __u32 mesh_class(const struct mesh_lines *lines,
	const struct packet_headers *headers, __u32 kind, __u32 dimension)
{
	const struct mesh_table *tables = mesh_index(lines)->tables;

	switch (dimension) {
	case MESH_BY_SOURCE:
		return mesh_class_address(lines, headers, headers->source6, &tables[MESH_SOURCE4]);
	case MESH_BY_DESTINATION:
		return mesh_class_address(
			lines, headers, headers->destination6, &tables[MESH_DESTINATION4]);
	case MESH_BY_MAC:
		return MESH_FIND_NARROW(lines, &tables[MESH_MACS], mesh_mac_key(headers));
	case MESH_BY_PROTOCOL:
		return headers->flags & PACKET_ADDRESS
			       ? mesh_class_direct(lines, MESH_DIRECT_PROTOCOL, headers->protocol)
			       : 0;
	case MESH_BY_SOURCE_PORT:
		return headers->flags & PACKET_PORTS
			       ? mesh_class_direct(lines, MESH_DIRECT_SOURCE_PORT,
					 bpf_ntohs(headers->source_port))
			       : 0;
	case MESH_BY_DESTINATION_PORT:
		return headers->flags & PACKET_PORTS
			       ? mesh_class_direct(lines, MESH_DIRECT_DESTINATION_PORT,
					 bpf_ntohs(headers->destination_port))
			       : 0;
	case MESH_BY_ETHERTYPE:
		return MESH_FIND_NARROW(
			lines, &tables[MESH_ETHERTYPES], bpf_ntohs(headers->ethertype));
	case MESH_BY_VLAN:
		return headers->flags & PACKET_VLAN
			       ? mesh_class_direct(lines, MESH_DIRECT_VLAN, headers->vlan & 0xfff)
			       : 0;
	case MESH_BY_INTERFACE:
		return MESH_FIND_NARROW(lines, &tables[MESH_INTERFACES], headers->ifindex);
	}
	return kind;
}

#endif
