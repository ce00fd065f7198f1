// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/link_stats.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/fd.h"

struct reading {
	link_stats_callback callback;
	void *data;
};

static int read_stats(const struct nlmsghdr *message, void *data)
{
	const struct reading *reading = data;
	const struct if_stats_msg *header = mnl_nlmsg_get_payload(message);
	struct rtnl_link_stats64 stats = { 0 };
	const struct nlattr *attribute;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*header))
		return MNL_CB_OK;
	mnl_attr_for_each (attribute, message, sizeof(*header)) {
		size_t length = mnl_attr_get_payload_len(attribute);
		if (mnl_attr_get_type(attribute) != IFLA_STATS_LINK_64)
			continue;
		/* Newer kernels append counts to the struct. */
		memcpy(&stats, mnl_attr_get_payload(attribute),
			length < sizeof(stats) ? length : sizeof(stats));
		reading->callback(header->ifindex, &stats, reading->data);
	}
	return MNL_CB_OK;
}

/*
 * RTM_GETSTATS (4.7) sends the counts alone; a listing of links with counts would also send addresses,
 * settings and SNMP counts of each.
 */
int link_stats_read(struct netlink *netlink, link_stats_callback callback, void *data)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct reading reading = { callback, data };
	int error = netlink->socket == NULL ? netlink_open(netlink) : 0;

	if (error < 0)
		return error;
	struct nlmsghdr *request =
		netlink_request(buffer, RTM_GETSTATS, NLM_F_DUMP, sizeof(struct if_stats_msg));
	struct if_stats_msg *header = mnl_nlmsg_get_payload(request);
	header->filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64);
	error = netlink_exchange(netlink, request, read_stats, &reading);
	if (error < 0)
		netlink_close(netlink); /* drops the rest of a disturbed dump */
	return error;
}

uint64_t link_speed(const char *name)
{
	/* The old request: every driver answers it, and it needs no capability. */
	struct ethtool_cmd command = { .cmd = ETHTOOL_GSET };
	struct ifreq request = { .ifr_data = (void *)&command };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint64_t speed = 0;

	if (fd < 0)
		return 0;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCETHTOOL, &request) == 0)
		speed = ethtool_cmd_speed(&command);
	fd_close(&fd);
	return speed == (uint32_t)SPEED_UNKNOWN ? 0 : speed * 1000000;
}
