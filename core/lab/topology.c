// SPDX-License-Identifier: BSD-2-Clause
#include "lab/topology.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/interface.h"
#include "kernel/netlink.h"

static const char *const node_names[LAB_NODES] = {
	[NODE_X0] = "x0",
	[NODE_ALDER] = "alder",
	[NODE_BIRCH] = "birch",
	[NODE_CEDAR] = "cedar",
	[NODE_DOGWOOD] = "dogwood",
	[NODE_ELM] = "elm",
	[NODE_THISTLE] = "thistle",
};

const struct lab_link lab_links[LAB_LINKS] = {
	{ { NODE_X0, NODE_ALDER }, { "mesh0", "to-x0" } },
	{ { NODE_X0, NODE_BIRCH }, { "mesh1", "to-x0" } },
	{ { NODE_X0, NODE_THISTLE }, { "mesh2", "to-x0" } },
	{ { NODE_ALDER, NODE_CEDAR }, { "to-cedar", "to-alder" } },
	{ { NODE_BIRCH, NODE_DOGWOOD }, { "to-dogwood", "to-birch" } },
	{ { NODE_CEDAR, NODE_ELM }, { "to-elm", "to-cedar" } },
	{ { NODE_DOGWOOD, NODE_ELM }, { "to-elm", "to-dogwood" } },
};

const char *node_name(enum lab_node node)
{
	return node_names[node];
}

static uint8_t node_number(enum lab_node node)
{
	return (uint8_t)(node + 1);
}

struct in_addr node_address4(enum lab_node node)
{
	uint8_t bytes[] = { 10, 88, node_number(node), 1 };
	struct in_addr address;

	memcpy(&address, bytes, sizeof(address));
	return address;
}

struct in6_addr node_address6(enum lab_node node)
{
	return (struct in6_addr) {
		.s6_addr = { 0xfd, 0x88, [7] = node_number(node), [15] = 1 },
	};
}

static struct in6_addr node_link_local(enum lab_node node)
{
	return (struct in6_addr) {
		.s6_addr = { 0xfe, 0x80, [15] = node_number(node) },
	};
}

void node_mac(enum lab_node node, unsigned int link, uint8_t mac[6])
{
	/* The 2 marks a locally administered address (IEEE 802). */
	const uint8_t bytes[] = { 0x02, 0x88, 0, 0, node_number(node), (uint8_t)link };

	memcpy(mac, bytes, sizeof(bytes));
}

/* --- links ---------------------------------------------------------------------------------- */

static void put_end(struct nlmsghdr *request, unsigned int link, unsigned int end, pid_t pid)
{
	uint8_t mac[6];

	node_mac(lab_links[link].nodes[end], link, mac);
	mnl_attr_put_strz(request, IFLA_IFNAME, lab_links[link].interfaces[end]);
	mnl_attr_put(request, IFLA_ADDRESS, sizeof(mac), mac);
	mnl_attr_put_u32(request, IFLA_NET_NS_PID, (uint32_t)pid);
}

static int create_link(struct netlink *netlink, unsigned int link, const pid_t pids[LAB_NODES])
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *request = netlink_request(
		buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));

	put_end(request, link, 0, pids[lab_links[link].nodes[0]]);
	struct nlattr *information = mnl_attr_nest_start(request, IFLA_LINKINFO);
	mnl_attr_put_strz(request, IFLA_INFO_KIND, "veth");
	struct nlattr *data = mnl_attr_nest_start(request, IFLA_INFO_DATA);
	struct nlattr *peer = mnl_attr_nest_start(request, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	put_end(request, link, 1, pids[lab_links[link].nodes[1]]);
	mnl_attr_nest_end(request, peer);
	mnl_attr_nest_end(request, data);
	mnl_attr_nest_end(request, information);
	return netlink_exchange(netlink, request, NULL, NULL);
}

static int fail_link(const struct netlink *netlink, int error, struct failure *failure)
{
	failure_set(failure, error, "The lab cannot create veth links: %s", strerror(-error));
	if (error == -EOPNOTSUPP)
		failure_remedy(failure, "Load the module veth, or use a kernel with CONFIG_VETH");
	if (netlink->message[0])
		failure_cause(failure, "rtnetlink: %s", netlink->message);
	return error;
}

int topology_create_links(const pid_t pids[LAB_NODES], struct failure *failure)
{
	struct netlink netlink;
	int error = netlink_open(&netlink);

	for (unsigned int link = 0; !error && link < LAB_LINKS; link++)
		error = create_link(&netlink, link, pids);
	if (error)
		fail_link(&netlink, error, failure);
	netlink_close(&netlink);
	return error;
}

/* --- a node's kernel settings --------------------------------------------------------------- */

struct setting {
	const char *before; /* path under /proc/sys/net, up to the interface's name */
	const char *after;
	const char *value;
};

static const struct setting node_settings[] = {
	{ "ipv4/ip_forward", "", "1" },
	{ "ipv6/conf/all/forwarding", "", "1" },
	/* Routes may be asymmetric, as in any mesh. */
	{ "ipv4/conf/all/rp_filter", "", "0" },
	{ "ipv4/conf/default/rp_filter", "", "0" },
	/* The host may disable IPv6 on new interfaces; the lab needs it. */
	{ "ipv6/conf/all/disable_ipv6", "", "0" },
	{ "ipv6/conf/default/disable_ipv6", "", "0" },
	/* Allows ICMP sockets, which send the echo requests. */
	{ "ipv4/ping_group_range", "", "0 2147483647" },
};

/* Expires neighbour entries after a few seconds, so that there is ARP traffic. */
static const struct setting link_settings[] = {
	{ "ipv4/neigh/", "/base_reachable_time_ms", "4000" },
	{ "ipv4/neigh/", "/delay_first_probe_time", "1" },
	{ "ipv6/neigh/", "/base_reachable_time_ms", "4000" },
	{ "ipv6/neigh/", "/delay_first_probe_time", "1" },
};

static int write_file(const char *path, const char *value)
{
	int error = 0;
	int file = open(path, O_WRONLY | O_CLOEXEC);

	if (file < 0)
		return -errno;
	if (write(file, value, strlen(value)) < 0)
		error = -errno;
	close(file);
	return error;
}

static int write_settings(
	const struct setting *settings, size_t n, const char *interface, struct failure *failure)
{
	char path[128];

	for (size_t i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/proc/sys/net/%s%s%s", settings[i].before, interface,
			settings[i].after);
		int error = write_file(path, settings[i].value);
		if (error) {
			failure_set(failure, error, "The lab cannot set %s for a node: %s", path,
				strerror(-error));
			return failure_remedy(failure,
				"Run it where /proc/sys is writable and IPv6 is not disabled");
		}
	}
	return 0;
}

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static int link_end(int link, enum lab_node node)
{
	return lab_links[link].nodes[1] == node;
}

int topology_find_links(enum lab_node node, uint32_t ifindexes[LAB_LINKS])
{
	struct interface interface;

	for (int link = 0; link < LAB_LINKS; link++) {
		int end = link_end(link, node);
		ifindexes[link] = 0;
		if (lab_links[link].nodes[end] != node)
			continue;
		int error = interface_find(lab_links[link].interfaces[end], &interface);
		if (error)
			return error;
		ifindexes[link] = interface.ifindex;
	}
	return 0;
}

int topology_prepare(struct failure *failure)
{
	return write_settings(node_settings, LENGTH(node_settings), "", failure);
}

/* --- addresses and routes ------------------------------------------------------------------- */

static int add_address(struct netlink *netlink, uint32_t ifindex, uint8_t family,
	const void *address, uint8_t prefix_length)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *request = netlink_request(
		buffer, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifaddrmsg));
	struct ifaddrmsg *header = mnl_nlmsg_get_payload(request);
	size_t size = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);

	header->ifa_family = family;
	header->ifa_prefixlen = prefix_length;
	header->ifa_index = ifindex;
	/* Addresses are distinct by construction: skip duplicate address detection. */
	if (family == AF_INET6)
		header->ifa_flags = IFA_F_NODAD;
	mnl_attr_put(request, IFA_LOCAL, size, address);
	return netlink_exchange(netlink, request, NULL, NULL);
}

/* Sets a link up. Without automatic addresses, it keeps the link-local address that routes name. */
static int set_up(struct netlink *netlink, uint32_t ifindex, bool automatic_addresses)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *request =
		netlink_request(buffer, RTM_NEWLINK, 0, sizeof(struct ifinfomsg));
	struct ifinfomsg *header = mnl_nlmsg_get_payload(request);

	header->ifi_index = (int)ifindex;
	header->ifi_flags = header->ifi_change = IFF_UP;
	if (!automatic_addresses) {
		struct nlattr *families = mnl_attr_nest_start(request, IFLA_AF_SPEC);
		struct nlattr *ipv6 = mnl_attr_nest_start(request, AF_INET6);
		mnl_attr_put_u8(request, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
		mnl_attr_nest_end(request, ipv6);
		mnl_attr_nest_end(request, families);
	}
	return netlink_exchange(netlink, request, NULL, NULL);
}

/* Adds a route to a node's prefix via a neighbour, which is on the link (onlink), as in a mesh. */
static int add_route(struct netlink *netlink, uint8_t family, enum lab_node to, enum lab_node via,
	uint32_t ifindex)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *request = netlink_request(
		buffer, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct rtmsg));
	struct rtmsg *header = mnl_nlmsg_get_payload(request);

	header->rtm_family = family;
	header->rtm_table = RT_TABLE_MAIN;
	header->rtm_protocol = RTPROT_STATIC;
	header->rtm_type = RTN_UNICAST;
	if (family == AF_INET) {
		struct in_addr prefix = { node_address4(to).s_addr & htonl(0xffffff00) };
		struct in_addr gateway = node_address4(via);
		header->rtm_dst_len = 24;
		header->rtm_flags = RTNH_F_ONLINK;
		mnl_attr_put(request, RTA_DST, sizeof(prefix), &prefix);
		mnl_attr_put(request, RTA_GATEWAY, sizeof(gateway), &gateway);
	} else {
		struct in6_addr prefix = node_address6(to);
		struct in6_addr gateway = node_link_local(via);
		prefix.s6_addr[15] = 0;
		header->rtm_dst_len = 64;
		mnl_attr_put(request, RTA_DST, sizeof(prefix), &prefix);
		mnl_attr_put(request, RTA_GATEWAY, sizeof(gateway), &gateway);
	}
	mnl_attr_put_u32(request, RTA_OIF, ifindex);
	return netlink_exchange(netlink, request, NULL, NULL);
}

/*
 * Finds shortest paths from a node to all others, breadth first. first_link[n] is the index of the path's
 * first link to node n; -1 for the node itself.
 */
static void find_paths(enum lab_node from, int first_link[LAB_NODES])
{
	enum lab_node queue[LAB_NODES] = { from };
	bool reached[LAB_NODES] = {};
	unsigned int queued = 1;

	reached[from] = true;
	first_link[from] = -1;
	for (unsigned int next = 0; next < queued; next++) {
		enum lab_node here = queue[next];
		for (int link = 0; link < LAB_LINKS; link++) {
			const uint8_t *ends = lab_links[link].nodes;
			if (ends[0] != here && ends[1] != here)
				continue;
			enum lab_node there = ends[0] == here ? ends[1] : ends[0];
			if (reached[there])
				continue;
			reached[there] = true;
			first_link[there] = here == from ? link : first_link[here];
			queue[queued++] = there;
		}
	}
}

/* Puts the node's addresses on the loopback: they are the same on every link. */
static int configure_loopback(struct netlink *netlink, enum lab_node node)
{
	const struct in_addr address4 = node_address4(node);
	const struct in6_addr address6 = node_address6(node);
	struct interface loopback;
	int error = interface_find("lo", &loopback);

	if (!error)
		error = set_up(netlink, loopback.ifindex, true);
	if (!error)
		error = add_address(netlink, loopback.ifindex, AF_INET, &address4, 32);
	if (!error)
		error = add_address(netlink, loopback.ifindex, AF_INET6, &address6, 128);
	return error;
}

static int configure_links(
	struct netlink *netlink, enum lab_node node, const uint32_t ifindexes[LAB_LINKS])
{
	const struct in6_addr link_local = node_link_local(node);
	int error = 0;

	for (int link = 0; !error && link < LAB_LINKS; link++) {
		if (!ifindexes[link])
			continue;
		error = set_up(netlink, ifindexes[link], false);
		if (!error)
			error = add_address(netlink, ifindexes[link], AF_INET6, &link_local, 64);
	}
	return error;
}

static int configure_routes(
	struct netlink *netlink, enum lab_node node, const uint32_t ifindexes[LAB_LINKS])
{
	int first_link[LAB_NODES];
	int error = 0;

	find_paths(node, first_link);
	for (int to = 0; !error && to < LAB_NODES; to++) {
		if (first_link[to] < 0)
			continue;
		const struct lab_link *link = &lab_links[first_link[to]];
		enum lab_node via = link->nodes[!link_end(first_link[to], node)];
		uint32_t ifindex = ifindexes[first_link[to]];
		error = add_route(netlink, AF_INET, to, via, ifindex);
		if (!error)
			error = add_route(netlink, AF_INET6, to, via, ifindex);
	}
	return error;
}

static int configure_neighbours(
	enum lab_node node, const uint32_t ifindexes[LAB_LINKS], struct failure *failure)
{
	int error = 0;

	for (int link = 0; !error && link < LAB_LINKS; link++) {
		if (ifindexes[link])
			error = write_settings(link_settings, LENGTH(link_settings),
				lab_links[link].interfaces[link_end(link, node)], failure);
	}
	return error;
}

int topology_configure(enum lab_node node, struct failure *failure)
{
	uint32_t ifindexes[LAB_LINKS];
	struct netlink netlink;
	int error = netlink_open(&netlink);

	if (!error)
		error = topology_find_links(node, ifindexes);
	if (!error)
		error = configure_loopback(&netlink, node);
	if (!error)
		error = configure_links(&netlink, node, ifindexes);
	if (!error)
		error = configure_routes(&netlink, node, ifindexes);
	if (error) {
		failure_set(failure, error, "The lab cannot set up the network of its node %s: %s",
			node_name(node), strerror(-error));
		if (netlink.message[0])
			failure_cause(failure, "rtnetlink: %s", netlink.message);
	} else {
		error = configure_neighbours(node, ifindexes, failure);
	}
	netlink_close(&netlink);
	return error;
}
