// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/route.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "kernel/netlink.h"

enum { ADDRESS_LEN = 64 };

static int take_interface(const struct nlattr *attribute, void *data)
{
	if (mnl_attr_get_type(attribute) == RTA_OIF)
		netlink_read_u32(attribute, data);
	return MNL_CB_OK;
}

static int read_route(const struct nlmsghdr *message, void *data)
{
	return mnl_attr_parse(message, sizeof(struct rtmsg), take_interface, data);
}

static int ask(struct netlink *netlink, int family, const void *address, size_t size)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *request = netlink_request(buffer, RTM_GETROUTE, 0, sizeof(struct rtmsg));
	struct rtmsg *header = mnl_nlmsg_get_payload(request);
	uint32_t found = 0;

	header->rtm_family = (unsigned char)family;
	header->rtm_dst_len = (unsigned char)(size * 8);
	mnl_attr_put(request, RTA_DST, size, address);
	int error = netlink_exchange(netlink, request, read_route, &found);
	if (error < 0)
		return error;
	return found == 0 ? -ENETUNREACH : (int)found;
}

int route_interface(const char *address)
{
	char text[ADDRESS_LEN];
	struct netlink netlink;
	struct in6_addr six;
	struct in_addr four;

	snprintf(text, sizeof(text), "%s", address);
	char *scope = strchr(text, '%'); /* of an address that is of a link alone: its interface */
	if (scope != NULL) {
		unsigned int index = if_nametoindex(scope + 1);
		return index > 0 ? (int)index : -ENODEV;
	}
	int error = netlink_open(&netlink);
	if (error < 0)
		return error;
	if (inet_pton(AF_INET, text, &four) == 1)
		error = ask(&netlink, AF_INET, &four, sizeof(four));
	else if (inet_pton(AF_INET6, text, &six) == 1)
		error = ask(&netlink, AF_INET6, &six, sizeof(six));
	else
		error = -EINVAL;
	netlink_close(&netlink);
	return error;
}
