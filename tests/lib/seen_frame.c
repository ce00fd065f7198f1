// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/seen_frame.h"

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

static void parse_transport(const uint8_t *data, size_t size, struct seen_frame *seen)
{
	struct tcphdr tcp = {};
	struct udphdr udp = {};

	if (seen->protocol == IPPROTO_TCP && size >= sizeof(tcp)) {
		memcpy(&tcp, data, sizeof(tcp));
		seen->source_port = ntohs(tcp.source);
		seen->destination_port = ntohs(tcp.dest);
		seen->syn = tcp.syn && !tcp.ack;
		seen->reset = tcp.rst;
	} else if (seen->protocol == IPPROTO_UDP && size >= sizeof(udp)) {
		memcpy(&udp, data, sizeof(udp));
		seen->source_port = ntohs(udp.source);
		seen->destination_port = ntohs(udp.dest);
	} else if (size > 0) {
		seen->type = data[0];
	}
}

static void parse_network(const uint8_t *data, size_t size, struct seen_frame *seen)
{
	struct iphdr ip;
	struct ip6_hdr ip6;

	if (seen->ethertype == ETHERTYPE_IP && size >= sizeof(ip)) {
		memcpy(&ip, data, sizeof(ip));
		seen->version = 4;
		seen->protocol = ip.protocol;
		seen->dscp = ip.tos >> 2;
		seen->ttl = ip.ttl;
		parse_transport(data + sizeof(ip), size - sizeof(ip), seen);
	} else if (seen->ethertype == ETHERTYPE_IPV6 && size >= sizeof(ip6)) {
		memcpy(&ip6, data, sizeof(ip6));
		seen->version = 6;
		seen->protocol = ip6.ip6_nxt;
		seen->dscp = (uint8_t)((ntohl(ip6.ip6_flow) >> 22) & 0x3f);
		seen->ttl = ip6.ip6_hlim;
		parse_transport(data + sizeof(ip6), size - sizeof(ip6), seen);
	}
}

int seen_frame_open(void)
{
	int on = 1;
	int packets = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

	/* The kernel takes a VLAN tag out of the frame, and tells of it only beside it. */
	if (packets >= 0)
		setsockopt(packets, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on));
	return packets;
}

bool seen_frame_read(int packets, struct seen_frame *seen)
{
	uint8_t data[2048], control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	struct sockaddr_ll address;
	struct iovec vector = { data, sizeof(data) };
	struct msghdr message = {
		.msg_name = &address,
		.msg_namelen = sizeof(address),
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct tpacket_auxdata auxiliary;
	struct ether_header header;
	ssize_t size = recvmsg(packets, &message, 0);

	*seen = (struct seen_frame) {};
	if (size < (ssize_t)sizeof(header))
		return false;
	memcpy(&header, data, sizeof(header));
	memcpy(seen->source_mac, header.ether_shost, sizeof(seen->source_mac));
	seen->ethertype = ntohs(header.ether_type);
	seen->outgoing = address.sll_pkttype == PACKET_OUTGOING;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
		if (c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&auxiliary, CMSG_DATA(c), sizeof(auxiliary));
		seen->tagged = auxiliary.tp_status & TP_STATUS_VLAN_VALID;
	}
	parse_network(data + sizeof(header), (size_t)size - sizeof(header), seen);
	return true;
}
