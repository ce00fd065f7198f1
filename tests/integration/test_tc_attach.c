// SPDX-License-Identifier: BSD-2-Clause
/*
 * TC programs on an interface: what is there after attaching, and that nothing of others goes with it. What is
 * there is read by tc(8).
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>
#include <linux/bpf.h>
#include <net/if.h>

#include "kernel/tc_attach.h"
#include "tests/lib/host.h"
#include "tests/lib/netns.h"

#define LEFT  "x0left"
#define RIGHT "x0right"

enum { HANDLE_A = 1, HANDLE_B = 2 };

static struct netlink netlink;
static struct interface left, right;
static struct failure failure;
static struct tc_attachment first, second;
static struct tc_programs a, b;

static int load(const char *name)
{
	static const struct bpf_insn pass[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = -1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, name, "Dual BSD/GPL", pass, 2, NULL);

	assert_return_code(fd, -fd);
	return fd;
}

static struct tc_programs two_programs(const char *ingress, const char *egress, uint32_t handle)
{
	return (struct tc_programs) {
		.object = ingress,
		.names = { ingress, egress },
		.fds = { load(ingress), load(egress) },
		.handle = handle,
		.netlink = &netlink,
	};
}

static int start(void **state)
{
	(void)state;
	host_enter(1);
	a = two_programs("a_in", "a_out", HANDLE_A);
	b = two_programs("b_in", "b_out", HANDLE_B);
	return netlink_open(&netlink);
}

static int setup(void **state)
{
	(void)state;
	netns_veth(LEFT, RIGHT);
	first = second = tc_not_attached;
	return interface_find(LEFT, &left) + interface_find(RIGHT, &right);
}

/* Returns how many lines of a command have a part. */
static int lines(const char *part, const char *command)
{
	char line[512];
	int n = 0;
	FILE *pipe = popen(command, "r");

	assert_non_null(pipe);
	while (fgets(line, sizeof(line), pipe) != NULL)
		n += strstr(line, part) != NULL;
	pclose(pipe);
	return n;
}

static int qdiscs(void)
{
	return lines("clsact", "tc qdisc show dev " LEFT);
}

static int filters(void)
{
	return lines(" handle ", "tc filter show dev " LEFT " ingress") +
	       lines(" handle ", "tc filter show dev " LEFT " egress");
}

static void attach(struct tc_attachment *attachment, const struct tc_programs *programs)
{
	if (tc_attach(attachment, programs, TC_CLSACT, &left, &failure) < 0)
		fail_msg("%s: %s", failure.what, failure.cause);
	assert_int_equal(attachment->kind, TC_CLSACT);
	assert_int_equal(attachment->ifindex, left.ifindex);
	assert_int_equal(attachment->link_fds[TC_HOOK_INGRESS], -1);
	assert_int_equal(attachment->link_fds[TC_HOOK_EGRESS], -1);
}

/* A filter that is not x0top's, in a qdisc that may be its or ours. */
static void attach_foreign(void)
{
	LIBBPF_OPTS(
		bpf_tc_hook, hook, .ifindex = (int)left.ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = 7, .priority = 5, .prog_fd = a.fds[0]);

	assert_int_equal(bpf_tc_attach(&hook, &options), 0);
}

static void filters_stand_at_their_place(void **state)
{
	(void)state;
	attach(&first, &a);
	assert_true(first.made_qdisc);
	assert_int_equal(qdiscs(), 1);
	assert_int_equal(lines("pref 30768 bpf chain 0 handle 0x1 a_in direct-action",
				 "tc filter show dev " LEFT " ingress"),
		1);
	assert_int_equal(lines("pref 30768 bpf chain 0 handle 0x1 a_out direct-action",
				 "tc filter show dev " LEFT " egress"),
		1);
	tc_detach(&first, &a);
	assert_int_equal(qdiscs(), 0);
}

static void one_hook_alone(void **state)
{
	struct tc_programs egress = a;

	(void)state;
	egress.names[TC_HOOK_INGRESS] = NULL;
	egress.fds[TC_HOOK_INGRESS] = -1;
	attach(&first, &egress);
	assert_int_equal(filters(), 1);
	assert_int_equal(lines("a_out", "tc filter show dev " LEFT " egress"), 1);
	tc_detach(&first, &egress);
	assert_int_equal(qdiscs(), 0);
}

/* The qdisc goes with the last of those who share it. */
static void two_objects_share_a_qdisc(void **state)
{
	(void)state;
	attach(&first, &a);
	attach(&second, &b);
	assert_true(second.made_qdisc);
	assert_int_equal(filters(), 4);
	tc_detach(&first, &a);
	assert_int_equal(qdiscs(), 1);
	assert_int_equal(filters(), 2);
	assert_int_equal(lines("b_in", "tc filter show dev " LEFT " ingress"), 1);
	tc_detach(&second, &b);
	assert_int_equal(qdiscs(), 0);
}

static void filters_of_others_stay(void **state)
{
	(void)state;
	attach(&first, &a);
	attach_foreign();
	tc_detach(&first, &a);
	assert_int_equal(qdiscs(), 1);
	assert_int_equal(filters(), 1);
	attach(&first, &a); /* into a qdisc with a filter of others, which is theirs now */
	assert_false(first.made_qdisc);
	assert_int_equal(filters(), 3);
	tc_detach(&first, &a);
	assert_int_equal(filters(), 1);
	assert_int_equal(lines("pref 5 ", "tc filter show dev " LEFT " ingress"), 2);
}

/* An empty qdisc of somebody else stays, too. */
static void a_qdisc_of_others_stays(void **state)
{
	LIBBPF_OPTS(
		bpf_tc_hook, hook, .ifindex = (int)left.ifindex, .attach_point = BPF_TC_INGRESS);

	(void)state;
	assert_int_equal(bpf_tc_hook_create(&hook), 0);
	attach(&first, &a);
	assert_false(first.made_qdisc);
	assert_int_equal(filters(), 2);
	tc_detach(&first, &a);
	assert_int_equal(qdiscs(), 1);
	assert_int_equal(filters(), 0);
}

/* --- what a killed x0top leaves ---------------------------------------------------------------------- */

static void leftovers_are_counted_and_removed(void **state)
{
	struct tc_programs other_names = a, other_place = a;

	(void)state;
	other_names.names[TC_HOOK_INGRESS] = "c_in";
	other_names.names[TC_HOOK_EGRESS] = "c_out";
	other_place.handle = 9;
	assert_int_equal(tc_all_leftovers(&a, false), 0);
	attach(&first, &a);
	assert_int_equal(tc_attach(&second, &a, TC_CLSACT, &right, &failure), 0);
	assert_int_equal(tc_all_leftovers(&a, false), 4);
	assert_int_equal(tc_all_leftovers(&b, false), 0);
	assert_int_equal(tc_all_leftovers(&other_names, true), 0);
	assert_int_equal(tc_all_leftovers(&other_place, true), 0);
	other_names.names[TC_HOOK_EGRESS] = "a_out";
	assert_int_equal(tc_all_leftovers(&other_names, false), 2);
	assert_int_equal(filters(), 2);
	assert_int_equal(tc_remove_leftovers(left.ifindex, &b), 0);
	assert_int_equal(tc_remove_leftovers(left.ifindex, &a), 2);
	assert_int_equal(qdiscs(), 0);
	assert_int_equal(tc_all_leftovers(&a, true), 2);
	assert_int_equal(lines("clsact", "tc qdisc show dev " RIGHT), 0);
	assert_int_equal(tc_all_leftovers(&a, true), 0);
}

static void leftovers_give_way(void **state)
{
	(void)state;
	attach(&first, &a);
	attach(&second, &a); /* the first is forgotten, as by a kill */
	assert_true(second.made_qdisc);
	assert_int_equal(filters(), 2);
	attach_foreign();
	attach(&second, &a);
	assert_false(second.made_qdisc);
	assert_int_equal(filters(), 3);
}

/* Links in place of the filters that a killed x0top left. */
static void links_where_the_kernel_has_them(void **state)
{
	(void)state;
	attach(&second, &a);
	assert_int_equal(tc_attach(&first, &a, TC_TCX, &left, &failure), 0);
	assert_int_equal(first.ifindex, left.ifindex);
	if (first.kind == TC_CLSACT) { /* before 6.6 */
		assert_int_equal(filters(), 2);
		return;
	}
	assert_int_equal(first.kind, TC_TCX);
	assert_int_equal(qdiscs(), 0);
	for (int i = 0; i < TC_HOOKS; i++) {
		struct bpf_link_info info = { 0 };
		uint32_t length = sizeof(info);
		assert_int_equal(bpf_obj_get_info_by_fd(first.link_fds[i], &info, &length), 0);
		const uint32_t *tcx = (const void *)&info.iter; /* ifindex, attach type */
		assert_int_equal(tcx[0], left.ifindex);
		assert_int_equal(tcx[1], 46 + i);
	}
	tc_detach(&first, &a);
	assert_int_equal(first.link_fds[TC_HOOK_INGRESS], -1);
	assert_int_equal(first.link_fds[TC_HOOK_EGRESS], -1);
	assert_int_equal(first.kind, TC_NONE);
}

static uint32_t id_of(int program)
{
	struct bpf_prog_info info = { 0 };
	uint32_t length = sizeof(info);

	assert_int_equal(bpf_obj_get_info_by_fd(program, &info, &length), 0);
	return info.id;
}

/* The next x0top finds the links by their pins, and puts its own programs in place of theirs. */
static void pinned_links_are_taken_over(void **state)
{
	(void)state;
	assert_int_equal(tc_attach(&first, &a, TC_TCX, &left, &failure), 0);
	if (first.kind == TC_CLSACT) /* before 6.6 */
		return;
	int folder = open("/sys/fs/bpf", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_false(tc_is_pinned(&first, folder));
	assert_int_equal(tc_pin(&first, folder), 0);
	assert_true(tc_is_pinned(&first, folder));
	tc_leave(&first);
	assert_int_equal(tc_adopt(&second, &b, folder, right.ifindex), -ENOENT);
	assert_int_equal(second.kind, TC_NONE);
	assert_int_equal(tc_adopt(&second, &b, folder, left.ifindex), 0);
	assert_int_equal(second.kind, TC_TCX);
	assert_int_equal(second.ifindex, left.ifindex);
	for (int i = 0; i < TC_HOOKS; i++) {
		struct bpf_link_info info = { 0 };
		uint32_t length = sizeof(info);
		assert_int_equal(bpf_obj_get_info_by_fd(second.link_fds[i], &info, &length), 0);
		assert_int_equal(info.prog_id, id_of(b.fds[i]));
	}
	assert_true(tc_is_pinned(&second, folder));
	tc_unpin(folder, true); /* of interfaces that are gone */
	assert_true(tc_is_pinned(&second, folder));
	tc_unpin(folder, false);
	assert_false(tc_is_pinned(&second, folder));
	tc_detach(&second, &b);
	close(folder);
}

static void a_failure_leaves_nothing(void **state)
{
	struct tc_programs broken = a;
	struct interface none = { .ifindex = 9999, .name = "x0none" };

	(void)state;
	broken.fds[TC_HOOK_EGRESS] = -1;
	assert_true(tc_attach(&first, &broken, TC_CLSACT, &left, &failure) < 0);
	assert_int_equal(first.kind, TC_NONE);
	assert_int_equal(qdiscs(), 0);
	assert_true(tc_attach(&first, &broken, TC_TCX, &left, &failure) < 0);
	assert_int_equal(first.link_fds[TC_HOOK_INGRESS], -1);
	assert_int_equal(qdiscs(), 0);
	assert_int_equal(tc_attach(&first, &a, TC_CLSACT, &none, &failure), -ENODEV);
	assert_string_equal(failure.what, "Cannot attach a_in to x0none: No such device");
	assert_string_equal(failure.remedy,
		"It needs TCX (kernel 6.6) or the module sch_ingress: modprobe sch_ingress cls_bpf");
}

#define test(function) cmocka_unit_test_setup(function, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(filters_stand_at_their_place),
		test(one_hook_alone),
		test(two_objects_share_a_qdisc),
		test(filters_of_others_stay),
		test(a_qdisc_of_others_stays),
		test(leftovers_are_counted_and_removed),
		test(leftovers_give_way),
		test(links_where_the_kernel_has_them),
		test(pinned_links_are_taken_over),
		test(a_failure_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
