// SPDX-License-Identifier: BSD-2-Clause
#include "lab/tap.h"

#include <endian.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel/interface.h"
#include "kernel/netlink.h"
#include "lab/attacks.h"
#include "lab/frames.h"
#include "lab/peers.h"
#include "lab/traffic_node.h"
#include "peer/message.h"

#define FRAME_MAX (ETHERMTU + 64) /* with what copies add */
#define HEADERS	  (sizeof(struct iphdr) + sizeof(struct udphdr))
#define STRANGERS 3 /* junk slices a slice */
#define VLAN	  99 /* that this host does not have */

struct tap {
	struct lab_socket capture;
	int output; /* packet socket of TAP_TO */
	struct ether_header ethernet; /* of frames to this host */
	uint32_t copies, strangers; /* sent so far */
	bool spoken; /* the victim has sent data: this host knows it */
};

/* A frame to this host; `ip` is at its place. */
struct tap_frame {
	size_t length; /* from the Ethernet header on */
	uint8_t padding[2]; /* aligns the IP header */
	uint8_t bytes[FRAME_MAX];
};

static uint8_t *ip_of(struct tap_frame *frame)
{
	return frame->bytes + sizeof(struct ether_header);
}

static struct udphdr *udp_of(struct tap_frame *frame)
{
	return (struct udphdr *)(ip_of(frame) + sizeof(struct iphdr));
}

static void send_frame(const struct tap *tap, const struct tap_frame *frame)
{
	send(tap->output, frame->bytes, frame->length, MSG_DONTWAIT);
}

/* Writes a datagram on this path into a frame. */
static void put_datagram(
	struct tap_frame *frame, const struct pqc_path *path, const void *payload, size_t size)
{
	frame->length =
		sizeof(struct ether_header) + frame_datagram(ip_of(frame), path, payload, size);
}

static struct pqc_path path_of(struct tap_frame *frame)
{
	const struct iphdr *ip = (const void *)ip_of(frame);
	struct pqc_path path = {
		.source_port = udp_of(frame)->source,
		.destination_port = udp_of(frame)->dest,
	};

	memset(path.source + 10, 0xff, 2);
	memset(path.destination + 10, 0xff, 2);
	memcpy(path.source + 12, &ip->saddr, sizeof(ip->saddr));
	memcpy(path.destination + 12, &ip->daddr, sizeof(ip->daddr));
	return path;
}

/*
 * --- copies of data -----------------------------------------------------------------------------
 */

static void break_udp_checksum(struct tap_frame *frame)
{
	struct udphdr *udp = udp_of(frame);

	udp->check = udp->check == 1 ? 2 : 1;
}

/* Leaves what a sender leaves to its device: right only between devices without a wire. */
static void leave_pseudo_header_sum(struct tap_frame *frame)
{
	const struct iphdr *ip = (const void *)ip_of(frame);
	uint32_t sum = (ip->saddr >> 16) + (ip->saddr & 0xffff) + (ip->daddr >> 16) +
		       (ip->daddr & 0xffff) + htons(IPPROTO_UDP) + udp_of(frame)->len;

	sum = (sum & 0xffff) + (sum >> 16);
	udp_of(frame)->check = (uint16_t)(sum + (sum >> 16));
}

static void break_ipv4_checksum(struct tap_frame *frame)
{
	struct iphdr *ip = (void *)ip_of(frame);

	ip->check ^= 0x0101;
}

/* To this host's other interface, as if the frame had gone astray. */
static void change_mac(struct tap_frame *frame)
{
	frame->bytes[5] ^= 1;
}

/* To nobody: 0 is what stands where a list of addresses has ended. */
static void clear_mac(struct tap_frame *frame)
{
	memset(frame->bytes, 0, ETH_ALEN);
}

/* A group sends nothing: bridges drop such frames. */
static void change_source_mac(struct tap_frame *frame)
{
	frame->bytes[offsetof(struct ether_header, ether_shost)] |= 1;
}

static void add_tag(struct tap_frame *frame, uint16_t vlan)
{
	const uint16_t tag[] = { htons(ETHERTYPE_VLAN), htons(vlan) };
	uint8_t *type = frame->bytes + offsetof(struct ether_header, ether_type);

	memmove(type + sizeof(tag), type, frame->length - (size_t)(type - frame->bytes));
	memcpy(type, tag, sizeof(tag));
	frame->length += sizeof(tag);
}

static void add_vlan(struct tap_frame *frame)
{
	add_tag(frame, VLAN);
}

/* The outer tag is a priority alone, with which a frame counts as untagged. */
static void add_inner_vlan(struct tap_frame *frame)
{
	add_tag(frame, VLAN);
	add_tag(frame, 0);
}

/* With the mapped addresses, which are those under the tag. Every host drops it. */
static void make_ipv6(struct tap_frame *frame)
{
	const struct pqc_path path = path_of(frame);
	const size_t more = sizeof(struct ip6_hdr) - sizeof(struct iphdr);
	const uint16_t type = htons(ETHERTYPE_IPV6);
	uint8_t *udp = (uint8_t *)udp_of(frame);
	struct ip6_hdr ip = { .ip6_plen = udp_of(frame)->len };

	ip.ip6_vfc = 6 << 4;
	ip.ip6_nxt = IPPROTO_UDP;
	ip.ip6_hlim = IPDEFTTL;
	memcpy(&ip.ip6_src, path.source, sizeof(ip.ip6_src));
	memcpy(&ip.ip6_dst, path.destination, sizeof(ip.ip6_dst));
	memmove(udp + more, udp, frame->length - (size_t)(udp - frame->bytes));
	memcpy(ip_of(frame), &ip, sizeof(ip));
	memcpy(frame->bytes + offsetof(struct ether_header, ether_type), &type, sizeof(type));
	frame->length += more;
}

static void change(struct tap_frame *frame, size_t at)
{
	struct pqc_path path = path_of(frame);
	uint8_t *payload = ip_of(frame) + HEADERS;

	((uint8_t *)&path)[at] ^= 1;
	put_datagram(frame, &path, payload, frame->length - sizeof(struct ether_header) - HEADERS);
}

static void change_source(struct tap_frame *frame)
{
	change(frame, offsetof(struct pqc_path, source) + PQC_ADDRESS_LEN - 1);
}

static void change_destination(struct tap_frame *frame)
{
	change(frame, offsetof(struct pqc_path, destination) + PQC_ADDRESS_LEN - 1);
}

static void change_port(struct tap_frame *frame)
{
	change(frame, offsetof(struct pqc_path, source_port));
}

static void make_fragment(struct tap_frame *frame)
{
	struct iphdr *ip = (void *)ip_of(frame);

	ip->frag_off = htons(IP_MF);
	frame_seal_ipv4(ip_of(frame));
}

/* A loose source route, which hosts refuse. */
static void add_options(struct tap_frame *frame)
{
	const uint8_t route[] = { IPOPT_LSRR, 7, IPOPT_MINOFF, 10, 88, 9, 1, IPOPT_EOL };
	struct iphdr *ip = (void *)ip_of(frame);
	uint8_t *end = ip_of(frame) + sizeof(*ip);

	memmove(end + sizeof(route), end, frame->length - (size_t)(end - frame->bytes));
	memcpy(end, route, sizeof(route));
	frame->length += sizeof(route);
	ip->ihl += sizeof(route) / 4;
	ip->tot_len = htons((uint16_t)(ntohs(ip->tot_len) + sizeof(route)));
	frame_seal_ipv4(ip_of(frame));
}

static void (*const copies[])(struct tap_frame *frame) = {
	break_udp_checksum,
	leave_pseudo_header_sum,
	break_ipv4_checksum,
	change_mac,
	add_vlan,
	change_source,
	change_destination,
	change_port,
	make_fragment,
	add_options,
	change_source_mac,
	add_inner_vlan,
	make_ipv6,
	clear_mac,
};

static void attack_data(struct tap *tap, const struct tap_frame *frame)
{
	struct tap_frame copy = *frame;

	copies[tap->copies++ % (sizeof(copies) / sizeof(copies[0]))](&copy);
	send_frame(tap, &copy);
}

/*
 * --- messages -----------------------------------------------------------------------------------
 */

/* Sends the slice from the attacker's address: the whole message comes from there first. */
static void relay(struct tap *tap, const struct tap_frame *frame)
{
	struct in_addr attacker = node_address4(ATTACKER);
	struct tap_frame copy = *frame;
	struct pqc_path path = path_of(&copy);

	memcpy(path.source + 12, &attacker, sizeof(attacker));
	put_datagram(&copy, &path, ip_of(&copy) + HEADERS,
		copy.length - sizeof(struct ether_header) - HEADERS);
	send_frame(tap, &copy);
}

/* Sends a slice of a later message, from another address each time, and from the one that relays. */
static void send_junk(struct tap *tap, const struct tap_frame *frame)
{
	struct tap_frame junk = *frame;
	struct pqc_path path = path_of(&junk);
	struct pqc_header *header = (void *)(ip_of(&junk) + HEADERS);
	uint32_t n = ++tap->strangers;
	struct in_addr source = { htonl(0x0a630000 | n % 1021) };

	if (n % 2 == 0)
		source = node_address4(ATTACKER);
	memcpy(path.source + 12, &source, sizeof(source));
	header->sequence = htobe64(be64toh(header->sequence) + n);
	put_datagram(&junk, &path, header, junk.length - sizeof(struct ether_header) - HEADERS);
	send_frame(tap, &junk);
}

static void attack_slice(struct tap *tap, const struct tap_frame *frame)
{
	relay(tap, frame);
	for (int i = 0; i < STRANGERS; i++)
		send_junk(tap, frame);
}

/*
 * --- the tap ------------------------------------------------------------------------------------
 */

static void attack(struct tap *tap, struct tap_frame *frame)
{
	struct packet packet;
	const struct span payload = { ip_of(frame) + HEADERS,
		frame->length - sizeof(struct ether_header) - HEADERS };

	if (udp_of(frame)->source != htons(PQC_PORT) || packet_parse(payload, &packet) != 0)
		return;
	tap->spoken |= packet.header.type == PQC_TYPE_DATA;
	if (packet.header.type == PQC_TYPE_DATA)
		attack_data(tap, frame);
	else if (tap->spoken)
		attack_slice(tap, frame);
}

static bool is_victims(const uint8_t *bytes)
{
	return ((const struct iphdr *)bytes)->saddr == node_address4(ATTACK_VICTIM).s_addr;
}

static void handle(struct traffic_node *node, struct lab_socket *sock)
{
	struct tap *tap = node->tap;
	struct tap_frame frame;
	struct sockaddr_ll from = { 0 };
	socklen_t size = sizeof(from);
	ssize_t length = recvfrom(
		sock->file, ip_of(&frame), ETHERMTU, MSG_DONTWAIT, (struct sockaddr *)&from, &size);

	if (length < (ssize_t)HEADERS || from.sll_pkttype == PACKET_OUTGOING ||
		!is_victims(ip_of(&frame)))
		return;
	memcpy(frame.bytes, &tap->ethernet, sizeof(tap->ethernet));
	frame.length = sizeof(tap->ethernet) + (size_t)length;
	attack(tap, &frame);
	send_frame(tap, &frame);
}

/* The node no longer forwards the victim's packets, which the tap does: a rule before its routes. */
static int hold_packets(void)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct fib_rule_port_range port = { PQC_PORT, PQC_PORT };
	struct nlmsghdr *request = netlink_request(
		buffer, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct fib_rule_hdr));
	struct fib_rule_hdr *rule = mnl_nlmsg_get_payload(request);
	struct netlink netlink;
	int error = netlink_open(&netlink);

	if (error < 0)
		return error;
	rule->family = AF_INET;
	rule->src_len = 32;
	rule->action = FR_ACT_BLACKHOLE;
	mnl_attr_put_strz(request, FRA_IIFNAME, TAP_FROM);
	mnl_attr_put_u32(request, FRA_SRC, node_address4(ATTACK_VICTIM).s_addr);
	mnl_attr_put_u32(request, FRA_PRIORITY, 1);
	mnl_attr_put_u8(request, FRA_IP_PROTO, IPPROTO_UDP);
	mnl_attr_put(request, FRA_DPORT_RANGE, sizeof(port), &port);
	error = netlink_exchange(&netlink, request, NULL, NULL);
	netlink_close(&netlink);
	return error;
}

static int open_link(const char *name, int type, uint16_t protocol, int *file)
{
	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_protocol = htons(protocol) };
	struct interface interface;
	int error = interface_find(name, &interface);

	if (error < 0)
		return error;
	link.sll_ifindex = (int)interface.ifindex;
	*file = socket(AF_PACKET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*file < 0 || (protocol != 0 && attacks_filter_packets(*file) < 0) ||
		bind(*file, (struct sockaddr *)&link, sizeof(link)) < 0)
		return -errno;
	return 0;
}

int tap_open(struct traffic_node *node, struct failure *failure)
{
	if (node->self != TAP_NODE)
		return 0;
	struct tap *tap = calloc(1, sizeof(*tap));
	if (tap == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	node->tap = tap; /* lives as long as the process, like the node */
	tap->capture.handle = handle;
	tap->ethernet.ether_type = htons(ETHERTYPE_IP);
	node_mac(NODE_X0, 0, tap->ethernet.ether_dhost); /* link 0 is this one: lab_links[] */
	node_mac(TAP_NODE, 0, tap->ethernet.ether_shost);
	int error = open_link(TAP_FROM, SOCK_DGRAM, ETH_P_IP, &tap->capture.file);
	if (error == 0)
		error = open_link(TAP_TO, SOCK_RAW, 0, &tap->output);
	if (error == 0)
		error = hold_packets();
	if (error == 0)
		error = lab_socket_watch(node, &tap->capture, EPOLLIN);
	return error < 0 ? failure_set(failure, error,
				   "The lab's node %s cannot intercept packets: %s",
				   node_name(node->self), strerror(-error))
			 : 0;
}
