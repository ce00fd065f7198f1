// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/links.h"

#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>

#define ALIGNED __attribute__((aligned(NLMSG_ALIGNTO)))

struct nlmsghdr *links_message(void *buffer, uint16_t type, uint16_t flags, const char *name)
{
	struct nlmsghdr *request = netlink_request(buffer, type, flags, sizeof(struct ifinfomsg));

	mnl_attr_put_strz(request, IFLA_IFNAME, name);
	return request;
}

int links_add_veth(struct netlink *netlink, const char *name, const char *peer, pid_t peer_pid)
{
	char buffer[NETLINK_REQUEST_LEN] ALIGNED;
	struct nlmsghdr *request =
		links_message(buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, name);
	struct nlattr *information = mnl_attr_nest_start(request, IFLA_LINKINFO);

	mnl_attr_put_strz(request, IFLA_INFO_KIND, "veth");
	struct nlattr *data = mnl_attr_nest_start(request, IFLA_INFO_DATA);
	struct nlattr *other = mnl_attr_nest_start(request, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(request, IFLA_IFNAME, peer);
	if (peer_pid)
		mnl_attr_put_u32(request, IFLA_NET_NS_PID, (uint32_t)peer_pid);
	mnl_attr_nest_end(request, other);
	mnl_attr_nest_end(request, data);
	mnl_attr_nest_end(request, information);
	return netlink_exchange(netlink, request, NULL, NULL);
}

int links_set_up(struct netlink *netlink, const char *name)
{
	char buffer[NETLINK_REQUEST_LEN] ALIGNED;
	struct nlmsghdr *request = links_message(buffer, RTM_NEWLINK, 0, name);
	struct ifinfomsg *header = mnl_nlmsg_get_payload(request);

	header->ifi_flags = header->ifi_change = IFF_UP;
	return netlink_exchange(netlink, request, NULL, NULL);
}

int links_delete(struct netlink *netlink, const char *name)
{
	char buffer[NETLINK_REQUEST_LEN] ALIGNED;

	return netlink_exchange(netlink, links_message(buffer, RTM_DELLINK, 0, name), NULL, NULL);
}
