// SPDX-License-Identifier: BSD-2-Clause
/* Interfaces as rtnetlink reports them, in a network namespace of the test's own. */
#include <errno.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include "kernel/interface.h"
#include "kernel/netlink.h"
#include "tests/lib/links.h"
#include "tests/lib/wait.h"

#define PAIRS	      40 /* more than one answer of the kernel holds */
#define XDP_PASS_INSN 2

static struct netlink netlink;

static int rename_link(const char *old, const char *new)
{
	char buffer[NETLINK_REQUEST_LEN];
	struct interface interface;
	int error = interface_find(old, &interface);

	if (error)
		return error;
	struct nlmsghdr *request = links_message(buffer, RTM_NEWLINK, 0, new);
	struct ifinfomsg *header = mnl_nlmsg_get_payload(request);
	header->ifi_index = (int)interface.ifindex;
	return netlink_exchange(&netlink, request, NULL, NULL);
}

/* Each test has an empty namespace; the old one goes with its interfaces. */
static int open_namespace(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNET) < 0)
		return -1;
	return netlink_open(&netlink);
}

static int close_namespace(void **state)
{
	(void)state;
	netlink_close(&netlink);
	return 0;
}

/* --- listing -------------------------------------------------------------------------------- */

static void a_new_namespace_has_a_loopback_that_is_down(void **state)
{
	struct interface interface;

	(void)state;
	assert_int_equal(interface_find("lo", &interface), 0);
	assert_string_equal(interface.name, "lo");
	assert_int_equal(interface.ifindex, 1);
	assert_int_equal(interface.hardware, ARPHRD_LOOPBACK);
	assert_true(interface.loopback);
	assert_false(interface.up);
	assert_int_equal(interface.frames, FRAMES_ETHERNET);
	assert_false(interface.container_end);
	assert_string_equal(interface.kind, "");
	assert_int_equal(interface.xdp_attached, XDP_ATTACHED_NONE);
}

/* Kernels up to 6.1 notice the carrier on a work queue, which may take a second. */
static bool is_running(void *context)
{
	struct interface *interface = context;

	return interface_find(interface->name, interface) == 0 && interface->running;
}

static bool is_not_running(void *context)
{
	struct interface *interface = context;

	return interface_find(interface->name, interface) == 0 && !interface->running;
}

static void a_veth_runs_when_both_ends_are_up(void **state)
{
	struct interface interface;

	(void)state;
	assert_int_equal(links_add_veth(&netlink, "one", "two", 0), 0);
	assert_int_equal(links_set_up(&netlink, "one"), 0);
	assert_int_equal(interface_find("one", &interface), 0);
	assert_string_equal(interface.kind, "veth");
	assert_int_equal(interface.mtu, 1500);
	assert_int_equal(interface.hardware, ARPHRD_ETHER);
	assert_true(interface.up);
	assert_true(wait_until(is_not_running, &interface));
	assert_false(interface.container_end);
	assert_int_equal(links_set_up(&netlink, "two"), 0);
	assert_true(wait_until(is_running, &interface));
}

static void the_list_is_whole_and_ordered(void **state)
{
	struct interface *list;
	char name[INTERFACE_NAME_LEN], peer[INTERFACE_NAME_LEN];

	(void)state;
	for (int i = 0; i < PAIRS; i++) {
		snprintf(name, sizeof(name), "a%d", i);
		snprintf(peer, sizeof(peer), "b%d", i);
		assert_int_equal(links_add_veth(&netlink, name, peer, 0), 0);
	}
	/* Loopback (and whatever fallback devices this kernel makes) plus the ends. */
	int n = interface_list(&list);
	assert_in_range(n, 2 * PAIRS + 1, 2 * PAIRS + 20);
	for (int i = 1; i < n; i++)
		assert_true(list[i - 1].ifindex < list[i].ifindex);
	for (int i = 0; i < n; i++)
		assert_ptr_equal(interface_in_list(list, (size_t)n, list[i].ifindex), &list[i]);
	assert_null(interface_in_list(list, (size_t)n, 0));
	assert_null(interface_in_list(list, (size_t)n, list[n - 1].ifindex + 1));
	free(list);
}

/* What `ip` makes here with one command; false if this kernel lacks it. */
static bool make(const char *command)
{
	return system(command) == 0;
}

static void a_device_says_what_it_is_over(void **state)
{
	struct interface port, bridge, upper;

	(void)state;
	assert_int_equal(links_add_veth(&netlink, "one", "two", 0), 0);
	assert_int_equal(interface_find("one", &port), 0);
	assert_int_equal(port.master, 0);
	if (!make("ip link add bridge0 type bridge && ip link set one master bridge0"))
		skip();
	assert_int_equal(interface_find("bridge0", &bridge), 0);
	assert_int_equal(interface_find("one", &port), 0);
	assert_int_equal(port.master, bridge.ifindex);
	assert_int_equal(bridge.master, 0);
	assert_int_equal(bridge.link, 0);
	assert_string_equal(bridge.kind, "bridge");
	if (!make("ip link add over link two type macvlan"))
		skip();
	assert_int_equal(interface_find("two", &port), 0);
	assert_int_equal(interface_find("over", &upper), 0);
	assert_int_equal(upper.link, port.ifindex);
	assert_string_equal(upper.kind, "macvlan");
	assert_false(upper.by_source);
	assert_true(make("ip link del over && ip link add over link two type macvlan mode source"));
	assert_int_equal(interface_find("over", &upper), 0);
	assert_true(upper.by_source);
}

static void it_goes_by_all_its_names(void **state)
{
	static const char longest[] =
		"0123456789012345678901234567890123456789012345678901234567890123456789"
		"012345678901234567890123456789012345678901234567890123456";
	struct interface interface, by_name;

	(void)state;
	assert_int_equal(strlen(longest), INTERFACE_ALTNAME_LEN - 1);
	assert_int_equal(links_add_veth(&netlink, "one", "two", 0), 0);
	assert_true(make("ip link property add dev one altname other altname "
			 "a_name_of_more_than_fifteen altname "
			 "0123456789012345678901234567890123456789012345678901234567890123456789"
			 "012345678901234567890123456789012345678901234567890123456"));
	assert_int_equal(interface_find("one", &interface), 0);
	assert_true(interface_is_called(&interface, "one"));
	assert_true(interface_is_called(&interface, "other"));
	assert_true(interface_is_called(&interface, "a_name_of_more_than_fifteen"));
	assert_true(interface_is_called(&interface, longest));
	assert_false(interface_is_called(&interface, "two"));
	assert_false(interface_is_called(&interface, ""));
	assert_int_equal(interface_find(longest, &by_name), 0);
	assert_int_equal(by_name.ifindex, interface.ifindex);
}

static void found_by_name_or_index_or_not_at_all(void **state)
{
	struct interface by_name, by_index;

	(void)state;
	assert_int_equal(links_add_veth(&netlink, "one", "two", 0), 0);
	assert_int_equal(interface_find("one", &by_name), 0);
	assert_int_equal(interface_find_index(by_name.ifindex, &by_index), 0);
	assert_string_equal(by_index.name, "one");
	assert_int_equal(interface_find("none", &by_name), -ENODEV);
	assert_int_equal(interface_find("", &by_name), -ENODEV);
	assert_int_equal(interface_find("longer-than-fifteen-bytes", &by_name), -ENODEV);
	assert_int_equal(interface_find_index(0, &by_index), -ENODEV);
	assert_int_equal(interface_find_index(9999, &by_index), -ENODEV);
}

static void ends_of_containers_are_told(void **state)
{
	struct interface interface;
	int ready[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNET) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(links_add_veth(&netlink, "outer", "inner", child), 0);
	assert_int_equal(links_add_veth(&netlink, "one", "two", 0), 0);
	assert_int_equal(links_set_up(&netlink, "outer"), 0);
	assert_int_equal(links_set_up(&netlink, "one"), 0);
	assert_int_equal(links_set_up(&netlink, "lo"), 0);
	assert_int_equal(interface_find("outer", &interface), 0);
	assert_true(interface.container_end);
	assert_true(interface.up);
	assert_int_equal(interface.link, 0); /* an index of the other namespace */
	assert_int_equal(interface_find("one", &interface), 0);
	assert_false(interface.container_end);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(ready[0]);
	close(ready[1]);
}

static void an_xdp_program_shows_with_its_mode_and_id(void **state)
{
	/* r0 = XDP_PASS; exit */
	const struct bpf_insn instructions[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = XDP_PASS_INSN },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct bpf_prog_info information = {};
	__u32 size = sizeof(information);
	struct interface interface;

	(void)state;
	assert_int_equal(links_add_veth(&netlink, "one", "two", 0), 0);
	assert_int_equal(interface_find("one", &interface), 0);
	int program = bpf_prog_load(BPF_PROG_TYPE_XDP, "pass", "GPL", instructions, 2, NULL);
	assert_true(program >= 0);
	assert_int_equal(bpf_obj_get_info_by_fd(program, &information, &size), 0);
	LIBBPF_OPTS(bpf_link_create_opts, generic, .flags = XDP_FLAGS_SKB_MODE);
	int link = bpf_link_create(program, (int)interface.ifindex, BPF_XDP, &generic);
	assert_true(link >= 0);
	assert_int_equal(interface_find("one", &interface), 0);
	assert_int_equal(interface.xdp_attached, XDP_ATTACHED_SKB);
	assert_int_equal(interface.xdp_program, information.id);
	close(link);
	close(program);
	assert_int_equal(interface_find("one", &interface), 0);
	assert_int_equal(interface.xdp_attached, XDP_ATTACHED_NONE);
	assert_int_equal(interface.xdp_program, 0);
}

/* --- monitoring ----------------------------------------------------------------------------- */

struct seen {
	const char *name; /* what is waited for */
	bool gone;
	uint32_t ifindex; /* 0 until it was reported */
};

static void look(const struct interface *interface, bool gone, void *data)
{
	struct seen *seen = data;

	if (gone == seen->gone && strcmp(interface->name, seen->name) == 0)
		seen->ifindex = interface->ifindex;
}

static uint32_t wait_for(int monitor, const char *name, bool gone)
{
	struct seen seen = { .name = name, .gone = gone };
	struct pollfd readable = { .fd = monitor, .events = POLLIN };

	while (seen.ifindex == 0 && poll(&readable, 1, PATIENCE_S * 1000) == 1)
		assert_int_equal(interface_monitor_read(monitor, look, &seen), 0);
	return seen.ifindex;
}

static void the_monitor_reports_appearance_rename_and_removal(void **state)
{
	struct seen nothing = { .name = "" };
	struct interface interface;

	(void)state;
	int monitor = interface_monitor_open();
	assert_true(monitor >= 0);
	assert_int_equal(interface_monitor_read(monitor, look, &nothing), 0);
	assert_int_equal(links_add_veth(&netlink, "one", "two", 0), 0);
	assert_int_equal(interface_find("one", &interface), 0);
	assert_int_equal(wait_for(monitor, "one", false), interface.ifindex);
	assert_int_equal(rename_link("one", "renamed"), 0);
	assert_int_equal(wait_for(monitor, "renamed", false), interface.ifindex);
	assert_int_equal(links_delete(&netlink, "renamed"), 0);
	assert_int_equal(wait_for(monitor, "renamed", true), interface.ifindex);
	close(monitor);
}

static void count(const struct interface *interface, bool gone, void *data)
{
	(void)interface, (void)gone;
	(*(unsigned int *)data)++;
}

/* Whoever is told that reports were lost lists the interfaces: none may be lost after that without a word. */
static void after_a_loss_nothing_is_left_unread(void **state)
{
	unsigned int told = 0;
	int monitor = interface_monitor_open();

	(void)state;
	assert_true(monitor >= 0);
	assert_int_equal(links_add_veth(&netlink, "one", "two", 0), 0);
	for (int i = 0; i < 300; i++)
		assert_int_equal(
			rename_link(i % 2 == 0 ? "one" : "other", i % 2 == 0 ? "other" : "one"), 0);
	assert_int_equal(interface_monitor_read(monitor, count, &told), -ENOBUFS);
	assert_true(told > 0);
	told = 0;
	assert_int_equal(interface_monitor_read(monitor, count, &told), 0);
	assert_int_equal(told, 0);
	assert_int_equal(rename_link("one", "renamed"), 0);
	assert_true(wait_for(monitor, "renamed", false) > 0);
	close(monitor);
}

static void errors_carry_the_words_of_the_kernel(void **state)
{
	char buffer[NETLINK_REQUEST_LEN];

	(void)state;
	assert_int_equal(links_add_veth(&netlink, "one", "two", 0), 0);
	assert_int_equal(links_add_veth(&netlink, "one", "three", 0), -EEXIST);
	assert_int_equal(links_delete(&netlink, "none"), -ENODEV);
	/* An unknown kind is refused with a text, and the next success clears it. */
	struct nlmsghdr *request = links_message(buffer, RTM_NEWLINK, NLM_F_CREATE, "three");
	struct nlattr *information = mnl_attr_nest_start(request, IFLA_LINKINFO);
	mnl_attr_put_strz(request, IFLA_INFO_KIND, "no-such-kind");
	mnl_attr_nest_end(request, information);
	assert_true(netlink_exchange(&netlink, request, NULL, NULL) < 0);
	assert_string_not_equal(netlink.message, "");
	assert_int_equal(links_set_up(&netlink, "one"), 0);
	assert_string_equal(netlink.message, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_namespace, close_namespace)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_namespace_has_a_loopback_that_is_down),
		TEST(a_veth_runs_when_both_ends_are_up),
		TEST(the_list_is_whole_and_ordered),
		TEST(a_device_says_what_it_is_over),
		TEST(it_goes_by_all_its_names),
		TEST(found_by_name_or_index_or_not_at_all),
		TEST(ends_of_containers_are_told),
		TEST(an_xdp_program_shows_with_its_mode_and_id),
		TEST(the_monitor_reports_appearance_rename_and_removal),
		TEST(after_a_loss_nothing_is_left_unread),
		TEST(errors_carry_the_words_of_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
