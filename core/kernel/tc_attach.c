// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/tc_attach.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/messages.h"
#include "kernel/netlink.h"
#include "kernel/object.h"

/* BPF_TCX_INGRESS and BPF_TCX_EGRESS of linux/bpf.h since 6.6, which older headers lack. */
static const int tcx_attach_types[TRAFFIC_DIRECTIONS] = { 46, 47 };

static const char *const program_names[TRAFFIC_DIRECTIONS] = { "tc_ingress", "tc_egress" };

static const enum bpf_tc_attach_point attach_points[TRAFFIC_DIRECTIONS] = { BPF_TC_INGRESS,
	BPF_TC_EGRESS };

/* Where our clsact filters sit, so that a later x0top finds them: "x0" and a fixed handle. */
#define CLSACT_PRIORITY 0x7830
#define CLSACT_HANDLE	1

static int attach_tcx(struct tc_attachment *attachment)
{
	for (int i = 0; i < TRAFFIC_DIRECTIONS; i++) {
		attachment->link_fds[i] = bpf_link_create(attachment->program_fds[i],
			(int)attachment->ifindex, (enum bpf_attach_type)tcx_attach_types[i], NULL);
		if (attachment->link_fds[i] < 0)
			return -errno;
	}
	attachment->kind = TC_TCX;
	return 0;
}

/* --- clsact ---------------------------------------------------------------------------------- */

/* True if the filter at our place was loaded by an x0top. Reading its name needs CAP_SYS_ADMIN. */
static bool is_ours(uint32_t program_id, int direction)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(program_id);

	if (fd < 0)
		return false;
	bpf_obj_get_info_by_fd(fd, &info, &size);
	close(fd);
	return strcmp(info.name, program_names[direction]) == 0;
}

static bool remove_filter(uint32_t ifindex, int direction)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex,
		.attach_point = attach_points[direction]);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = CLSACT_HANDLE, .priority = CLSACT_PRIORITY);

	if (bpf_tc_query(&hook, &options) < 0 || !is_ours(options.prog_id, direction))
		return false;
	options.prog_id = 0;
	options.prog_fd = 0;
	options.flags = 0;
	return bpf_tc_detach(&hook, &options) == 0;
}

static int on_filter(const struct nlmsghdr *message, void *data)
{
	(void)message;
	*(int *)data += 1;
	return MNL_CB_OK;
}

/* Filters of any kind in both halves of the clsact qdisc; negative errno if that cannot be told. */
static int count_filters(uint32_t ifindex)
{
	static const uint32_t parents[] = { TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
		TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS) };
	struct netlink netlink;
	int filters = 0;

	int error = netlink_open(&netlink);
	for (int i = 0; i < TRAFFIC_DIRECTIONS && error == 0; i++) {
		char buffer[NETLINK_REQUEST_LEN];
		struct nlmsghdr *message =
			netlink_request(buffer, RTM_GETTFILTER, NLM_F_DUMP, sizeof(struct tcmsg));
		struct tcmsg *request = mnl_nlmsg_get_payload(message);
		request->tcm_ifindex = (int)ifindex;
		request->tcm_parent = parents[i];
		error = netlink_exchange(&netlink, message, on_filter, &filters);
	}
	netlink_close(&netlink);
	return error < 0 ? error : filters;
}

static void remove_qdisc_if_unused(uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex,
		.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);

	if (count_filters(ifindex) == 0)
		bpf_tc_hook_destroy(&hook);
}

static int attach_clsact(struct tc_attachment *attachment)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)attachment->ifindex,
		.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	int error = bpf_tc_hook_create(&hook);

	if (error < 0 && error != -EEXIST)
		return error;
	attachment->made_qdisc = error == 0;
	attachment->kind = TC_CLSACT;
	for (int i = 0; i < TRAFFIC_DIRECTIONS; i++) {
		LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = attachment->program_fds[i],
			.handle = CLSACT_HANDLE, .priority = CLSACT_PRIORITY);
		hook.attach_point = attach_points[i];
		error = bpf_tc_attach(&hook, &options);
		if (error < 0)
			return error;
	}
	return 0;
}

/* --- both ------------------------------------------------------------------------------------ */

static int keep_programs(struct tc_attachment *attachment, const struct bpf_object *object)
{
	for (int i = 0; i < TRAFFIC_DIRECTIONS; i++) {
		int fd = object_program_fd(object, program_names[i]);
		attachment->program_fds[i] = fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (attachment->program_fds[i] < 0)
			return -EBADMSG;
	}
	return 0;
}

int tc_attach(struct tc_attachment *attachment, const struct bpf_object *object,
	const struct interface *interface, struct failure *failure)
{
	*attachment = (struct tc_attachment) {
		.ifindex = interface->ifindex, .link_fds = { -1, -1 }, .program_fds = { -1, -1 }
	};
	int error = keep_programs(attachment, object);

	if (error < 0)
		return failure_set(failure, error, "tc_classifier is not the one of this x0top");
	error = attach_tcx(attachment);
	if (error == 0)
		return 0;
	for (int i = 0; i < TRAFFIC_DIRECTIONS; i++)
		if (attachment->link_fds[i] >= 0)
			close(attachment->link_fds[i]);
	messages_clear();
	tc_remove_leftovers(interface->ifindex);
	error = attach_clsact(attachment);
	if (error == 0)
		return 0;
	tc_detach(attachment);
	failure_set(failure, error, "tc_classifier cannot be attached to %s: %s", interface->name,
		strerror(-error));
	failure_remedy(failure,
		error == -EPERM
			? "Run x0top as root, or give it CAP_NET_ADMIN and CAP_BPF"
			: "It needs TCX (kernel 6.6) or the module sch_ingress: modprobe sch_ingress cls_bpf");
	return failure_cause(failure, "%s", messages_text());
}

void tc_detach(struct tc_attachment *attachment)
{
	for (int i = 0; i < TRAFFIC_DIRECTIONS; i++) {
		if (attachment->kind == TC_TCX)
			close(attachment->link_fds[i]);
		if (attachment->kind == TC_CLSACT) {
			LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)attachment->ifindex,
				.attach_point = attach_points[i]);
			LIBBPF_OPTS(bpf_tc_opts, options, .handle = CLSACT_HANDLE,
				.priority = CLSACT_PRIORITY);
			bpf_tc_detach(&hook, &options);
		}
		if (attachment->program_fds[i] >= 0)
			close(attachment->program_fds[i]);
	}
	if (attachment->made_qdisc)
		remove_qdisc_if_unused(attachment->ifindex);
	*attachment = (struct tc_attachment) { .link_fds = { -1, -1 }, .program_fds = { -1, -1 } };
}

int tc_remove_leftovers(uint32_t ifindex)
{
	int removed = 0;

	for (int i = 0; i < TRAFFIC_DIRECTIONS; i++)
		removed += remove_filter(ifindex, i);
	if (removed > 0)
		remove_qdisc_if_unused(ifindex);
	return removed;
}
