/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What tracing programs read of the kernel's network structs, as CO-RE flavours. */
#ifndef X0_NET_STRUCTS_BPF_H
#define X0_NET_STRUCTS_BPF_H

#include <linux/types.h>

#define NO_HEADER 0xffff /* mac_header, network_header not set */

#define CORE __attribute__((preserve_access_index))

struct ns_common___x0 {
	unsigned int inum;
} CORE;

struct net___x0 {
	struct ns_common___x0 ns;
} CORE;

struct possible_net___x0 {
	struct net___x0 *net;
} CORE;

struct net_device___x0 {
	int ifindex;
	void *xdp_prog; /* generic XDP's; NULL: none */
	struct possible_net___x0 nd_net;
} CORE;

struct in6_addr___x0 {
	__u8 bytes[16];
};

struct sock_common___x0 {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num; /* host byte order */
	unsigned short skc_family;
	unsigned char skc_state;
	struct possible_net___x0 skc_net;
	struct in6_addr___x0 skc_v6_daddr;
	struct in6_addr___x0 skc_v6_rcv_saddr;
} CORE;

struct sock___x0 {
	struct sock_common___x0 __sk_common;
} CORE;

struct inet_sock___x0 {
	__be16 inet_sport;
} CORE;

struct sk_buff___x0 {
	struct net_device___x0 *dev;
	struct sock___x0 *sk;
	unsigned int len;
	int skb_iif; /* index of the interface that brought it; 0: none in this namespace */
	__u8 tc_skip_classify : 1;
	__u8 from_ingress : 1; /* TC redirected it where it arrived */
	__be16 protocol;
	__u16 transport_header;
	__u16 network_header;
	__u16 mac_header;
	unsigned int tail; /* offsets from head on 64-bit machines */
	unsigned int end;
	unsigned char *head;
	unsigned char *data;
} CORE;

#endif
