// SPDX-License-Identifier: BSD-2-Clause
/* By which interface an address is reached. */
#include <errno.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "kernel/netlink.h"

static int fake_exchange(
	struct netlink *netlink, struct nlmsghdr *request, mnl_cb_t callback, void *data);

#define netlink_exchange fake_exchange
#include "../../core/kernel/route.c"

static struct {
	int error;
	uint32_t index; /* of the answer; 0: it names none */
	uint8_t family, length; /* of what was asked for */
} kernel;

static int fake_exchange(
	struct netlink *netlink, struct nlmsghdr *request, mnl_cb_t callback, void *data)
{
	const struct rtmsg *asked = mnl_nlmsg_get_payload(request);
	char buffer[256] __attribute__((aligned(NLMSG_ALIGNTO))) = { 0 };
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);

	(void)netlink;
	kernel.family = asked->rtm_family;
	kernel.length = asked->rtm_dst_len;
	mnl_nlmsg_put_extra_header(message, sizeof(struct rtmsg));
	mnl_attr_put_u32(message, RTA_TABLE, 77);
	if (kernel.index != 0)
		mnl_attr_put_u32(message, RTA_OIF, kernel.index);
	mnl_attr_put_u32(message, RTA_PRIORITY, 78);
	if (kernel.error == 0)
		assert_int_equal(callback(message, data), MNL_CB_OK);
	return kernel.error;
}

static void the_kernel_is_asked(void **state)
{
	(void)state;
	kernel.index = 5;
	assert_int_equal(route_interface("192.0.2.1"), 5);
	assert_int_equal(kernel.family, AF_INET);
	assert_int_equal(kernel.length, 32);
	assert_int_equal(route_interface("2001:db8::1"), 5);
	assert_int_equal(kernel.family, AF_INET6);
	assert_int_equal(kernel.length, 128);
	kernel.index = 0;
	assert_int_equal(route_interface("192.0.2.1"), -ENETUNREACH);
	kernel.error = -EHOSTUNREACH;
	assert_int_equal(route_interface("192.0.2.1"), -EHOSTUNREACH);
	kernel.error = 0;
}

/* An address of a link says itself which; and what is no address is not asked about. */
static void an_address_of_a_link_names_it(void **state)
{
	(void)state;
	kernel.index = 5;
	assert_int_equal(route_interface("fe80::1%lo"), if_nametoindex("lo"));
	assert_int_equal(route_interface("fe80::1%nowhere"), -ENODEV);
	assert_int_equal(route_interface("somewhere"), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_is_asked),
		cmocka_unit_test(an_address_of_a_link_names_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
