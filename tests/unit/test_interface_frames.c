// SPDX-License-Identifier: BSD-2-Clause
/* What frames begin with, by an interface's hardware type as rtnetlink reports it: Ethernet, IP, or neither. */
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/interface.h"
#include "kernel/netlink.h"
#include "kernel/release.h"

/* As drivers of Linux 6.18 set them. Others have headers of their own, or are monitors of them. */
static const struct {
	uint16_t hardware;
	enum interface_frames frames;
} known[] = {
	{ ARPHRD_ETHER, FRAMES_ETHERNET },
	{ ARPHRD_LOOPBACK, FRAMES_ETHERNET },
	{ ARPHRD_NONE, FRAMES_IP }, /* tun, WireGuard, xfrm */
	{ ARPHRD_RAWIP, FRAMES_IP }, /* modems */
	{ ARPHRD_PPP, FRAMES_IP },
	{ ARPHRD_SLIP, FRAMES_IP },
	{ ARPHRD_CSLIP, FRAMES_IP },
	{ ARPHRD_SLIP6, FRAMES_IP },
	{ ARPHRD_CSLIP6, FRAMES_IP },
	{ ARPHRD_ADAPT, FRAMES_IP },
	{ ARPHRD_TUNNEL, FRAMES_OUTER },
	{ ARPHRD_TUNNEL6, FRAMES_OUTER },
	{ ARPHRD_SIT, FRAMES_OUTER },
	{ ARPHRD_IPGRE, FRAMES_OUTER },
	{ ARPHRD_IP6GRE, FRAMES_OUTER },
};

static enum interface_frames expected(uint16_t hardware)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].hardware == hardware)
			return known[i].frames == FRAMES_OUTER && release_at_least(5, 14)
				       ? FRAMES_IP
				       : known[i].frames;
	return FRAMES_UNKNOWN;
}

static void keep(const struct interface *interface, bool gone, void *data)
{
	assert_false(gone);
	*(struct interface *)data = *interface;
}

/* A socket without a name has the number of the kernel, 0. */
static void every_hardware_type(void **state)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct interface interface;
	int ends[2];

	(void)state;
	assert_return_code(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
	for (uint32_t hardware = 0; hardware <= UINT16_MAX; hardware++) {
		struct nlmsghdr *report =
			netlink_request(buffer, RTM_NEWLINK, 0, sizeof(struct ifinfomsg));
		struct ifinfomsg *header = mnl_nlmsg_get_payload(report);
		header->ifi_type = (uint16_t)hardware;
		header->ifi_index = 7;
		mnl_attr_put_strz(report, IFLA_IFNAME, "test0");
		assert_int_equal(
			write(ends[1], report, report->nlmsg_len), (ssize_t)report->nlmsg_len);
		interface.ifindex = 0;
		assert_int_equal(interface_monitor_read(ends[0], keep, &interface), 0);
		assert_int_equal(interface.ifindex, 7);
		if (interface.frames != expected((uint16_t)hardware))
			fail_msg("hardware type %u: %u", hardware, interface.frames);
	}
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_hardware_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
