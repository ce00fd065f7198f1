/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parses the packet of a TC program. */
#ifndef X0_TC_PARSE_BPF_H
#define X0_TC_PARSE_BPF_H

#include "packet_parse.bpf.h"

/* Parses a usual frame: see packet_parse_usual(). Returns false for others, whose interface alone is then told. */
static __always_inline bool tc_parse_usual(
	struct __sk_buff *skb, bool raw_ip, struct packet_headers *headers)
{
	headers->ifindex = skb->ifindex;
	return !raw_ip && packet_parse_usual((void *)(long)skb->data, (void *)(long)skb->data_end,
				  skb->len, headers);
}

/* Parses any packet, into all of *headers. */
static __always_inline void tc_parse_any(
	struct __sk_buff *skb, bool raw_ip, struct packet_headers *headers)
{
	struct packet_copy copy;
	struct packet_cursor cursor = {
		.data = (void *)(long)skb->data,
		.data_end = (void *)(long)skb->data_end,
		.skb = skb,
		.copy = &copy,
		.limit = skb->len,
	};

	*headers = (struct packet_headers) { .ifindex = skb->ifindex };
	packet_parse(&cursor, raw_ip, headers);
}

/*
 * Parses the headers, into all of *headers. Ignores a VLAN tag kept beside the packet: the data have the ethertype
 * that it encloses. It comes on top of the tags that the parser skips.
 */
static __always_inline void tc_parse(
	struct __sk_buff *skb, bool raw_ip, struct packet_headers *headers)
{
	if (tc_parse_usual(skb, raw_ip, headers))
		return;
	/* As in xdp_parse(). */
	asm volatile("" : "+r"(skb));
	tc_parse_any(skb, raw_ip, headers);
}

#endif
