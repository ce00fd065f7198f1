/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parses the packet of a TC program. */
#ifndef X0_TC_PARSE_BPF_H
#define X0_TC_PARSE_BPF_H

#include "packet_parse.bpf.h"

/*
 * Parses the headers, into all of *headers. Ignores a VLAN tag kept beside the packet: the data have the ethertype
 * that it encloses. It comes on top of the tags that the parser skips.
 */
static __always_inline void tc_parse(
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

	headers->ifindex = skb->ifindex;
	if (!raw_ip && packet_parse_usual(cursor.data, cursor.data_end, cursor.limit, headers))
		return;
	/* As in xdp_parse(). */
	asm volatile("" : "+r"(skb));
	cursor.data = (void *)(long)skb->data;
	cursor.data_end = (void *)(long)skb->data_end;
	*headers = (struct packet_headers) { .ifindex = skb->ifindex };
	packet_parse(&cursor, raw_ip, headers);
}

#endif
