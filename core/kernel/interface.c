// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/interface.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/netlink.h"
#include "kernel/release.h"

#define REPORT_LEN 32768

/* Repeats a listing so often if changes disturb it (NLM_F_DUMP_INTR). */
#define LIST_ATTEMPTS 8

static const struct {
	uint16_t hardware;
	enum interface_frames frames;
} link_types[] = {
	{ ARPHRD_ETHER, FRAMES_ETHERNET },
	{ ARPHRD_LOOPBACK, FRAMES_ETHERNET },
	{ ARPHRD_NONE, FRAMES_IP },
	{ ARPHRD_RAWIP, FRAMES_IP },
	{ ARPHRD_PPP, FRAMES_IP },
	{ ARPHRD_SLIP, FRAMES_IP },
	{ ARPHRD_CSLIP, FRAMES_IP },
	{ ARPHRD_SLIP6, FRAMES_IP },
	{ ARPHRD_CSLIP6, FRAMES_IP },
	{ ARPHRD_ADAPT, FRAMES_IP }, /* SLIP that chooses its compression */
	{ ARPHRD_TUNNEL, FRAMES_OUTER },
	{ ARPHRD_TUNNEL6, FRAMES_OUTER },
	{ ARPHRD_SIT, FRAMES_OUTER },
	{ ARPHRD_IPGRE, FRAMES_OUTER },
	{ ARPHRD_IP6GRE, FRAMES_OUTER },
};

/* Tunnels reset the MAC header since 5.14; before, the frames of each kind start elsewhere. */
static bool tunnels_show_inner(void)
{
	return release_at_least(5, 14);
}

static enum interface_frames frames_of(uint16_t hardware)
{
	for (size_t i = 0; i < sizeof(link_types) / sizeof(link_types[0]); i++) {
		if (link_types[i].hardware != hardware)
			continue;
		return link_types[i].frames == FRAMES_OUTER && tunnels_show_inner()
			       ? FRAMES_IP
			       : link_types[i].frames;
	}
	return FRAMES_UNKNOWN;
}

static int read_xdp(const struct nlattr *attribute, void *data)
{
	struct interface *interface = data;

	switch (mnl_attr_get_type(attribute)) {
	case IFLA_XDP_ATTACHED:
		netlink_read_u8(attribute, &interface->xdp_attached);
		break;
	case IFLA_XDP_PROG_ID:
		netlink_read_u32(attribute, &interface->xdp_program);
		break;
	}
	return MNL_CB_OK;
}

static int read_vlan(const struct nlattr *attribute, void *data)
{
	struct interface *interface = data;

	if (mnl_attr_get_type(attribute) == IFLA_VLAN_ID &&
		mnl_attr_validate(attribute, MNL_TYPE_U16) == 0)
		interface->vlan = mnl_attr_get_u16(attribute);
	if (mnl_attr_get_type(attribute) == IFLA_VLAN_PROTOCOL &&
		mnl_attr_validate(attribute, MNL_TYPE_U16) == 0)
		interface->vlan_protocol = ntohs(mnl_attr_get_u16(attribute));
	return MNL_CB_OK;
}

static int read_macvlan(const struct nlattr *attribute, void *data)
{
	struct interface *interface = data;
	uint32_t mode = 0;

	if (mnl_attr_get_type(attribute) == IFLA_MACVLAN_MODE && netlink_read_u32(attribute, &mode))
		interface->by_source = mode == MACVLAN_MODE_SOURCE;
	return MNL_CB_OK;
}

/* The kind comes before its data: rtnl_link_info_fill() in net/core/rtnetlink.c. */
static int read_kind(const struct nlattr *attribute, void *data)
{
	struct interface *interface = data;
	const uint16_t type = mnl_attr_get_type(attribute);

	if (type == IFLA_INFO_DATA && strcmp(interface->kind, "vlan") == 0)
		mnl_attr_parse_nested(attribute, read_vlan, interface);
	if (type == IFLA_INFO_DATA && strcmp(interface->kind, "macvlan") == 0)
		mnl_attr_parse_nested(attribute, read_macvlan, interface);
	if (type == IFLA_INFO_KIND && mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
		snprintf(interface->kind, sizeof(interface->kind), "%s",
			mnl_attr_get_str(attribute));
	return MNL_CB_OK;
}

/* Appends an alternative name; leaves out one that does not fit. */
static int read_altname(const struct nlattr *attribute, void *data)
{
	struct interface *interface = data;
	char *end = interface->altnames;

	if (mnl_attr_get_type(attribute) != IFLA_ALT_IFNAME ||
		mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) < 0)
		return MNL_CB_OK;
	while (*end != '\0')
		end += strlen(end) + 1;
	size_t room = (size_t)(interface->altnames + sizeof(interface->altnames) - end);
	size_t size = strlen(mnl_attr_get_str(attribute)) + 1;
	if (size < room) /* leaves the NUL that ends the list */
		memcpy(end, mnl_attr_get_str(attribute), size);
	return MNL_CB_OK;
}

static int read_attribute(const struct nlattr *attribute, void *data)
{
	struct interface *interface = data;

	switch (mnl_attr_get_type(attribute)) {
	case IFLA_IFNAME:
		if (mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
			snprintf(interface->name, sizeof(interface->name), "%s",
				mnl_attr_get_str(attribute));
		break;
	case IFLA_ADDRESS:
		interface->has_mac = mnl_attr_get_payload_len(attribute) == sizeof(interface->mac);
		if (interface->has_mac)
			memcpy(interface->mac, mnl_attr_get_payload(attribute),
				sizeof(interface->mac));
		break;
	case IFLA_MTU:
		netlink_read_u32(attribute, &interface->mtu);
		break;
	case IFLA_OPERSTATE:
		netlink_read_u8(attribute, &interface->operstate);
		break;
	case IFLA_CARRIER_DOWN_COUNT:
		netlink_read_u32(attribute, &interface->carrier_losses);
		break;
	case IFLA_MASTER:
		netlink_read_u32(attribute, &interface->master);
		break;
	case IFLA_LINK:
		netlink_read_u32(attribute, &interface->link);
		break;
	case IFLA_PROP_LIST:
		mnl_attr_parse_nested(attribute, read_altname, interface);
		break;
	case IFLA_LINK_NETNSID:
		/* Sent only if the other device is in another namespace; read_link() checks the
		 * kind. */
		interface->container_end = true;
		break;
	case IFLA_LINKINFO:
		mnl_attr_parse_nested(attribute, read_kind, interface);
		break;
	case IFLA_XDP:
		mnl_attr_parse_nested(attribute, read_xdp, interface);
		break;
	}
	return MNL_CB_OK;
}

/*
 * Reads an RTM_NEWLINK or RTM_DELLINK. Returns false if it is incomplete or from a bridge's family.
 */
static bool read_link(const struct nlmsghdr *message, struct interface *interface)
{
	const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);

	*interface = (struct interface) {};
	if (mnl_nlmsg_get_payload_len(message) < sizeof(*header))
		return false;
	/* Ports of a bridge are also reported by the bridge, under its own family. */
	if (header->ifi_family != AF_UNSPEC)
		return false;
	mnl_attr_parse(message, sizeof(*header), read_attribute, interface);
	interface->ifindex = (uint32_t)header->ifi_index;
	interface->hardware = header->ifi_type;
	interface->up = header->ifi_flags & IFF_UP;
	interface->running = header->ifi_flags & IFF_RUNNING;
	interface->loopback = header->ifi_flags & IFF_LOOPBACK;
	interface->frames = frames_of(header->ifi_type);
	if (interface->container_end)
		interface->link = 0; /* an ifindex of another namespace */
	interface->container_end &=
		strcmp(interface->kind, "veth") == 0 || strcmp(interface->kind, "netkit") == 0;
	return interface->name[0] != '\0';
}

static struct nlmsghdr *link_request(void *buffer, uint16_t flags, uint32_t ifindex)
{
	struct nlmsghdr *request =
		netlink_request(buffer, RTM_GETLINK, flags, sizeof(struct ifinfomsg));
	struct ifinfomsg *header = mnl_nlmsg_get_payload(request);

	header->ifi_index = (int)ifindex;
	mnl_attr_put_u32(request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return request;
}

bool interface_is_called(const struct interface *interface, const char *name)
{
	if (strcmp(interface->name, name) == 0)
		return true;
	for (const char *other = interface->altnames; *other != '\0'; other += strlen(other) + 1)
		if (strcmp(other, name) == 0)
			return true;
	return false;
}

/* --- listing -------------------------------------------------------------------------------- */

struct listing {
	struct interface *list;
	size_t n, room;
};

static int list_link(const struct nlmsghdr *message, void *data)
{
	struct listing *listing = data;

	if (listing->n == listing->room) {
		size_t room = listing->room > 0 ? 2 * listing->room : 16;
		struct interface *list = realloc(listing->list, room * sizeof(*list));
		if (list == NULL) {
			errno = ENOMEM;
			return MNL_CB_ERROR;
		}
		listing->list = list;
		listing->room = room;
	}
	listing->n += read_link(message, &listing->list[listing->n]);
	return MNL_CB_OK;
}

static int list_once(struct listing *listing)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct netlink netlink;
	int error = netlink_open(&netlink);

	if (error < 0)
		return error;
	listing->n = 0;
	error = netlink_exchange(&netlink, link_request(buffer, NLM_F_DUMP, 0), list_link, listing);
	netlink_close(&netlink); /* drops the rest of a disturbed dump */
	return error;
}

static int compare_indexes(const void *a, const void *b)
{
	const struct interface *one = a, *other = b;

	return one->ifindex < other->ifindex ? -1 : one->ifindex > other->ifindex;
}

int interface_list(struct interface **list)
{
	struct listing listing = { 0 };
	int error = -EINTR;

	for (int attempt = 0; error == -EINTR && attempt < LIST_ATTEMPTS; attempt++)
		error = list_once(&listing);
	if (error < 0) {
		free(listing.list);
		return error;
	}
	/* Kernels before 6.6 dump by a hash of the index. */
	if (listing.n > 0)
		qsort(listing.list, listing.n, sizeof(*listing.list), compare_indexes);
	*list = listing.list;
	return (int)listing.n;
}

const struct interface *interface_in_list(const struct interface *list, size_t n, uint32_t ifindex)
{
	const struct interface key = { .ifindex = ifindex };

	if (n == 0)
		return NULL;
	return bsearch(&key, list, n, sizeof(*list), compare_indexes);
}

/* --- finding -------------------------------------------------------------------------------- */

static int keep_link(const struct nlmsghdr *message, void *data)
{
	if (read_link(message, data))
		return MNL_CB_OK;
	errno = EBADMSG;
	return MNL_CB_ERROR;
}

static int find(const char *name, uint32_t ifindex, struct interface *interface)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *request = link_request(buffer, 0, ifindex);
	struct netlink netlink;
	int error = netlink_open(&netlink);

	if (error)
		return error;
	if (name)
		mnl_attr_put_strz(request,
			strlen(name) < INTERFACE_NAME_LEN ? IFLA_IFNAME : IFLA_ALT_IFNAME, name);
	error = netlink_exchange(&netlink, request, keep_link, interface);
	netlink_close(&netlink);
	return error;
}

int interface_find(const char *name, struct interface *interface)
{
	/* The kernel would answer with an error about the form of such a name. */
	if (name[0] == '\0' || strlen(name) >= INTERFACE_ALTNAME_LEN)
		return -ENODEV;
	return find(name, 0, interface);
}

int interface_find_index(uint32_t ifindex, struct interface *interface)
{
	return ifindex == 0 ? -ENODEV : find(NULL, ifindex, interface);
}

/* --- monitoring ----------------------------------------------------------------------------- */

int interface_monitor_open(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	int monitor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (monitor < 0)
		return -errno;
	if (bind(monitor, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int error = -errno;
		close(monitor);
		return error;
	}
	return monitor;
}

struct monitoring {
	interface_monitor_callback callback;
	void *data;
};

static int report_link(const struct nlmsghdr *message, void *data)
{
	const struct monitoring *monitoring = data;
	struct interface interface;
	uint16_t type = message->nlmsg_type;

	if ((type == RTM_NEWLINK || type == RTM_DELLINK) && read_link(message, &interface))
		monitoring->callback(&interface, type == RTM_DELLINK, monitoring->data);
	return MNL_CB_OK;
}

int interface_monitor_read(int monitor, interface_monitor_callback callback, void *data)
{
	char report[REPORT_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct monitoring monitoring = { callback, data };
	int lost = 0;

	for (;;) {
		struct sockaddr_nl sender = {};
		socklen_t sender_size = sizeof(sender);
		ssize_t length = recvfrom(monitor, report, sizeof(report), 0,
			(struct sockaddr *)&sender, &sender_size);

		/* Until none is left the kernel drops more, and says so once: netlink_overrun() in
		 * net/netlink/af_netlink.c. */
		if (length < 0 && errno == ENOBUFS)
			lost = -ENOBUFS;
		if (length < 0 && (errno == EINTR || errno == ENOBUFS))
			continue;
		if (length < 0)
			return errno == EAGAIN ? lost : -errno;
		/* Port 0 is the kernel; anything else is ignored. */
		if (sender.nl_pid == 0)
			mnl_cb_run(report, (size_t)length, 0, 0, report_link, &monitoring);
	}
}
