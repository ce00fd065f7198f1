// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/tc_attach.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/text.h"
#include "kernel/netlink.h"
#include "kernel/pin.h"
#include "kernel/program_info.h"

/* BPF_TCX_INGRESS and BPF_TCX_EGRESS of linux/bpf.h since 6.6, which older headers lack. */
static const int tcx_attach_types[TC_HOOKS] = { 46, 47 };

static const uint32_t parents[TC_HOOKS] = { TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
	TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS) };

const struct tc_attachment tc_not_attached = { .link_fds = { -1, -1 } };

/* The place of our clsact filters, where a later x0top finds them: "x0" and the object's handle; of those that are
 * to be first, the priority before. Of one priority the latest filter comes first. */
#define CLSACT_PRIORITY	      0x7830
#define CLSACT_PRIORITY_FIRST (CLSACT_PRIORITY - 1)

/* Of linux/bpf.h since 6.6: without another program, before all. */
#define TCX_BEFORE (1U << 3)

static int attach_tcx(struct tc_attachment *attachment, const struct tc_programs *programs)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = programs->first ? TCX_BEFORE : 0);
	int error = 0;

	for (int i = 0; i < TC_HOOKS && error == 0; i++) {
		if (programs->names[i] == NULL)
			continue;
		attachment->link_fds[i] =
			bpf_link_create(programs->fds[i], (int)attachment->ifindex,
				(enum bpf_attach_type)tcx_attach_types[i], &options);
		error = attachment->link_fds[i] < 0 ? -errno : 0;
	}
	attachment->kind = TC_TCX;
	if (error < 0)
		tc_detach(attachment, programs);
	return error;
}

/* --- clsact ---------------------------------------------------------------------------------- */

/* Starts a request of our own: libbpf would open a socket for each, and hundreds of interfaces take
 * thousands. */
static struct nlmsghdr *tc_request(
	void *buffer, uint16_t type, uint16_t flags, uint32_t ifindex, uint32_t parent)
{
	struct nlmsghdr *message = netlink_request(buffer, type, flags, sizeof(struct tcmsg));
	struct tcmsg *header = mnl_nlmsg_get_payload(message);

	header->tcm_ifindex = (int)ifindex;
	header->tcm_parent = parent;
	return message;
}

/* Starts a request about the filter at our place. */
static struct nlmsghdr *filter_request(void *buffer, const struct tc_programs *programs,
	uint16_t type, uint16_t flags, uint32_t ifindex, int hook)
{
	struct nlmsghdr *message = tc_request(buffer, type, flags, ifindex, parents[hook]);
	struct tcmsg *header = mnl_nlmsg_get_payload(message);

	header->tcm_handle = programs->handle;
	header->tcm_info =
		TC_H_MAKE((programs->first ? CLSACT_PRIORITY_FIRST : CLSACT_PRIORITY) << 16,
			htons(ETH_P_ALL));
	mnl_attr_put_strz(message, TCA_KIND, "bpf");
	return message;
}

static int change_qdisc(struct netlink *netlink, uint16_t type, uint16_t flags, uint32_t ifindex)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *message = tc_request(buffer, type, flags, ifindex, TC_H_CLSACT);
	struct tcmsg *header = mnl_nlmsg_get_payload(message);

	header->tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
	mnl_attr_put_strz(message, TCA_KIND, "clsact");
	return netlink_exchange(netlink, message, NULL, NULL);
}

/* `flags`: NLM_F_CREATE | NLM_F_EXCL for a new filter, 0 to change the one that is there. */
static int put_filter(
	const struct tc_programs *programs, uint16_t flags, uint32_t ifindex, int hook)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *message =
		filter_request(buffer, programs, RTM_NEWTFILTER, flags, ifindex, hook);
	struct nlattr *options = mnl_attr_nest_start(message, TCA_OPTIONS);

	mnl_attr_put_u32(message, TCA_BPF_FD, (uint32_t)programs->fds[hook]);
	mnl_attr_put_strz(message, TCA_BPF_NAME, programs->names[hook]);
	mnl_attr_put_u32(message, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	mnl_attr_nest_end(message, options);
	return netlink_exchange(programs->netlink, message, NULL, NULL);
}

static int delete_filter(const struct tc_programs *programs, uint32_t ifindex, int hook)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));

	return netlink_exchange(programs->netlink,
		filter_request(buffer, programs, RTM_DELTFILTER, 0, ifindex, hook), NULL, NULL);
}

struct filters {
	int all, ours; /* `ours`: of any x0top */
};

/* Leaves out the message without a handle, which describes a priority. */
static int on_filter(const struct nlmsghdr *message, void *data)
{
	const struct tcmsg *header = mnl_nlmsg_get_payload(message);
	struct filters *filters = data;

	uint32_t priority = TC_H_MAJ(header->tcm_info) >> 16;

	filters->all += header->tcm_handle != 0;
	filters->ours += header->tcm_handle != 0 &&
			 (priority == CLSACT_PRIORITY || priority == CLSACT_PRIORITY_FIRST);
	return MNL_CB_OK;
}

/* Counts the filters in both halves of the clsact qdisc. Returns 0 or a negative errno. */
static int count_filters(struct netlink *netlink, uint32_t ifindex, struct filters *filters)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	int error = 0;

	*filters = (struct filters) { 0 };
	for (int i = 0; i < TC_HOOKS && error == 0; i++)
		error = netlink_exchange(netlink,
			tc_request(buffer, RTM_GETTFILTER, NLM_F_DUMP, ifindex, parents[i]),
			on_filter, filters);
	return error;
}

static void remove_qdisc_if_unused(struct netlink *netlink, uint32_t ifindex)
{
	struct filters filters;

	if (count_filters(netlink, ifindex, &filters) == 0 && filters.all == 0)
		change_qdisc(netlink, RTM_DELQDISC, 0, ifindex);
}

/* Returns whether the qdisc holds filters of x0top and no others: another object's made it. */
static bool is_shared(struct netlink *netlink, uint32_t ifindex)
{
	struct filters filters;

	return count_filters(netlink, ifindex, &filters) == 0 && filters.all > 0 &&
	       filters.all == filters.ours;
}

/* Keeps the id of the program of a filter. */
static int read_program_id(const struct nlattr *attribute, void *data)
{
	if (mnl_attr_get_type(attribute) == TCA_BPF_ID)
		netlink_read_u32(attribute, data);
	return MNL_CB_OK;
}

static int read_filter(const struct nlattr *attribute, void *data)
{
	if (mnl_attr_get_type(attribute) == TCA_OPTIONS)
		mnl_attr_parse_nested(attribute, read_program_id, data);
	return MNL_CB_OK;
}

static int keep_program_id(const struct nlmsghdr *message, void *data)
{
	mnl_attr_parse(message, sizeof(struct tcmsg), read_filter, data);
	return MNL_CB_OK;
}

/*
 * Returns whether an x0top loaded this program; false without CAP_SYS_ADMIN, which its name needs.
 */
static bool is_ours(uint32_t program_id, const char *name)
{
	struct bpf_prog_info info;

	return program_info_find(program_id, &info) == 0 && strcmp(info.name, name) == 0;
}

static bool is_leftover(const struct tc_programs *programs, uint32_t ifindex, int hook)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	uint32_t id = 0;

	return programs->names[hook] != NULL &&
	       netlink_exchange(programs->netlink,
		       filter_request(buffer, programs, RTM_GETTFILTER, 0, ifindex, hook),
		       keep_program_id, &id) >= 0 &&
	       id != 0 && is_ours(id, programs->names[hook]);
}

static int count_leftovers(uint32_t ifindex, const struct tc_programs *programs)
{
	int found = 0;

	for (int i = 0; i < TC_HOOKS; i++)
		found += is_leftover(programs, ifindex, i);
	return found;
}

int tc_remove_leftovers(uint32_t ifindex, const struct tc_programs *programs)
{
	int removed = 0;

	for (int i = 0; i < TC_HOOKS; i++)
		removed += is_leftover(programs, ifindex, i) &&
			   delete_filter(programs, ifindex, i) == 0;
	if (removed > 0)
		remove_qdisc_if_unused(programs->netlink, ifindex);
	return removed;
}

int tc_all_leftovers(const struct tc_programs *programs, bool remove)
{
	struct tc_programs with_socket = *programs;
	struct netlink netlink;
	struct interface *list;
	int found = 0, error = netlink_open(&netlink);

	if (error < 0)
		return error;
	with_socket.netlink = &netlink;
	int n = interface_list(&list);
	for (int i = 0; i < n; i++)
		found += (remove ? tc_remove_leftovers : count_leftovers)(
			list[i].ifindex, &with_socket);
	if (n >= 0)
		free(list);
	netlink_close(&netlink);
	return n < 0 ? n : found;
}

static int make_qdisc(const struct tc_programs *programs, uint32_t ifindex)
{
	return change_qdisc(programs->netlink, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, ifindex);
}

static int attach_clsact(struct tc_attachment *attachment, const struct tc_programs *programs)
{
	uint32_t ifindex = attachment->ifindex;
	int error = make_qdisc(programs, ifindex);

	if (error == -EEXIST && !programs->replace && tc_remove_leftovers(ifindex, programs) > 0)
		error = make_qdisc(programs, ifindex);
	if (error < 0 && error != -EEXIST)
		return error;
	attachment->made_qdisc = error == 0 || is_shared(programs->netlink, ifindex);
	attachment->kind = TC_CLSACT;
	error = 0;
	for (int i = 0; i < TC_HOOKS && error == 0; i++)
		if (programs->names[i] != NULL)
			error = put_filter(programs,
				NLM_F_CREATE | (programs->replace ? 0 : NLM_F_EXCL), ifindex, i);
	if (error < 0)
		tc_detach(attachment, programs);
	return error;
}

static int count_hooks(const struct tc_programs *programs)
{
	int n = 0;

	for (int i = 0; i < TC_HOOKS; i++)
		n += programs->names[i] != NULL;
	return n;
}

/* Removes the qdisc and with it our filters, in one request, if it was made and has no others. */
static void detach_clsact(
	const struct tc_attachment *attachment, const struct tc_programs *programs)
{
	uint32_t ifindex = attachment->ifindex;
	struct filters filters;

	if (attachment->made_qdisc && count_filters(programs->netlink, ifindex, &filters) == 0 &&
		filters.all == count_hooks(programs) &&
		change_qdisc(programs->netlink, RTM_DELQDISC, 0, ifindex) == 0)
		return;
	for (int i = 0; i < TC_HOOKS; i++)
		if (programs->names[i] != NULL)
			delete_filter(programs, ifindex, i);
	if (attachment->made_qdisc)
		remove_qdisc_if_unused(programs->netlink, ifindex);
}

/* --- TCX or clsact --------------------------------------------------------------------------- */

static int explain(const struct tc_programs *programs, const struct interface *interface, int error,
	struct failure *failure)
{
	failure_set(failure, error, "Cannot attach %s to %s: %s", programs->object, interface->name,
		strerror(-error));
	failure_remedy(failure,
		error == -EPERM
			? "Run x0top as root, or give it CAP_NET_ADMIN and CAP_BPF"
			: "It needs TCX (kernel 6.6) or the module sch_ingress: modprobe sch_ingress cls_bpf");
	return failure_cause(failure, "%s", programs->netlink->message);
}

int tc_attach(struct tc_attachment *attachment, const struct tc_programs *programs, uint32_t kind,
	const struct interface *interface, struct failure *failure)
{
	int error = -EOPNOTSUPP;

	*attachment = tc_not_attached;
	attachment->ifindex = interface->ifindex;
	if (kind == TC_TCX && programs->replace &&
		count_leftovers(interface->ifindex, programs) > 0)
		kind = TC_CLSACT; /* where those are that enforce */
	if (kind == TC_TCX) {
		tc_remove_leftovers(interface->ifindex, programs);
		error = attach_tcx(attachment, programs);
	}
	if (error == 0)
		return 0;
	attachment->ifindex = interface->ifindex;
	error = attach_clsact(attachment, programs);
	if (error == 0)
		return 0;
	*attachment = tc_not_attached;
	return explain(programs, interface, error, failure);
}

int tc_replace(const struct tc_attachment *attachment, const struct tc_programs *programs)
{
	int error = 0;

	for (int i = 0; i < TC_HOOKS && error == 0; i++) {
		if (programs->names[i] == NULL)
			continue;
		if (attachment->kind == TC_CLSACT)
			error = put_filter(programs, 0, attachment->ifindex, i);
		else if (attachment->kind == TC_TCX &&
			 bpf_link_update(attachment->link_fds[i], programs->fds[i], NULL) < 0)
			error = -errno;
	}
	return error;
}

void tc_detach(struct tc_attachment *attachment, const struct tc_programs *programs)
{
	if (attachment->kind == TC_CLSACT)
		detach_clsact(attachment, programs);
	for (int i = 0; i < TC_HOOKS && attachment->kind == TC_TCX; i++)
		fd_close(&attachment->link_fds[i]);
	*attachment = tc_not_attached;
}

void tc_leave(struct tc_attachment *attachment)
{
	for (int i = 0; i < TC_HOOKS; i++)
		fd_close(&attachment->link_fds[i]);
	*attachment = tc_not_attached;
}

/* --- pins ------------------------------------------------------------------------------------ */

/* Of linux/bpf.h since 6.6: BPF_LINK_TYPE_TCX, and its part of struct bpf_link_info. */
#define LINK_TYPE_TCX 11

struct tcx_info {
	uint32_t ifindex, attach_type;
};

static const char *const pin_prefixes[TC_HOOKS] = { "tc_link_in_", "tc_link_out_" };

static void pin_name(char *name, size_t size, int hook, uint32_t ifindex)
{
	snprintf(name, size, "%s%u", pin_prefixes[hook], ifindex);
}

/* Reads where a TCX link is; ifindex 0: its interface is gone, or it is another kind of link. */
static struct tcx_info read_link(int fd)
{
	struct bpf_link_info info = { 0 };
	uint32_t size = sizeof(info);
	struct tcx_info tcx = { 0 };

	if (bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && info.type == LINK_TYPE_TCX)
		memcpy(&tcx, &info.xdp, sizeof(tcx)); /* members of one union */
	return tcx;
}

int tc_pin(const struct tc_attachment *attachment, int folder)
{
	char name[NAME_LEN];
	int error = 0;

	for (int i = 0; i < TC_HOOKS && error == 0; i++) {
		if (attachment->link_fds[i] < 0 || read_link(attachment->link_fds[i]).ifindex == 0)
			continue;
		pin_name(name, sizeof(name), i, attachment->ifindex);
		error = pin_put(folder, attachment->link_fds[i], name);
	}
	return error;
}

bool tc_is_pinned(const struct tc_attachment *attachment, int folder)
{
	char name[NAME_LEN];

	for (int i = 0; i < TC_HOOKS; i++) {
		pin_name(name, sizeof(name), i, attachment->ifindex);
		if (attachment->link_fds[i] >= 0 && !pin_exists(folder, name))
			return false;
	}
	return true;
}

static int unpin_one(int folder, const char *name, void *data)
{
	const bool *dead = data;
	enum pin_kind kind;

	for (int i = 0; i < TC_HOOKS; i++) {
		if (strncmp(name, pin_prefixes[i], strlen(pin_prefixes[i])) != 0)
			continue;
		int fd = *dead ? pin_get(folder, name, &kind) : -1;
		if (!*dead || (fd >= 0 && kind == PIN_LINK && read_link(fd).ifindex == 0))
			pin_remove(folder, name);
		fd_close(&fd);
	}
	return 0;
}

void tc_unpin(int folder, bool dead)
{
	pin_each(folder, unpin_one, &dead);
}

static int adopt_link(const struct tc_programs *programs, int folder, uint32_t ifindex, int hook)
{
	char name[NAME_LEN];
	enum pin_kind kind;

	pin_name(name, sizeof(name), hook, ifindex);
	int fd = pin_get(folder, name, &kind);
	if (fd < 0)
		return fd;
	struct tcx_info info = kind == PIN_LINK ? read_link(fd) : (struct tcx_info) { 0 };
	int error = info.ifindex != ifindex || info.attach_type != (uint32_t)tcx_attach_types[hook]
			    ? -ENODEV
			    : 0;
	if (error == 0 && bpf_link_update(fd, programs->fds[hook], NULL) < 0)
		error = -errno;
	if (error == 0)
		return fd;
	fd_close(&fd);
	return error;
}

int tc_adopt(struct tc_attachment *attachment, const struct tc_programs *programs, int folder,
	uint32_t ifindex)
{
	int error = 0;

	*attachment = tc_not_attached;
	for (int i = 0; i < TC_HOOKS && error >= 0; i++)
		error = attachment->link_fds[i] = adopt_link(programs, folder, ifindex, i);
	if (error < 0) {
		for (int i = 0; i < TC_HOOKS; i++)
			if (attachment->link_fds[i] < 0)
				attachment->link_fds[i] = -1;
		tc_leave(attachment);
		return error;
	}
	attachment->kind = TC_TCX;
	attachment->ifindex = ifindex;
	return 0;
}
