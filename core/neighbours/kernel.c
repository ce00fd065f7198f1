// SPDX-License-Identifier: BSD-2-Clause
/*
 * The kernel's neighbour table and routes. Multicast groups report each change; the whole is dumped at the
 * start, after a loss of reports, and after a change of links: the kernel does not report the IPv4 routes
 * that go with a link (fib_disable_ip() in net/ipv4/fib_frontend.c).
 */
#include "neighbours/kernel.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "kernel/netlink.h"

#define RECEIVE_BUFFER (1 << 20) /* bytes; the kernel doubles it */
#define DUMP_PERIOD    NS_PER_SECOND /* two dumps are as far apart at least */

enum {
	REPORT_LEN = 32768,
	REPORTS_AT_ONCE = 64, /* others have their turn then */
	DUMP_ATTEMPTS = 4,
	/* A host may have a million routes: the rest is not even read. */
	DUMP_OBJECTS_MAX = 4 * NEIGHBOURS_MAX,
};

struct kernel_source {
	struct mnl_socket *socket;
	struct loop_source *watch, *timer;
	uint64_t dumped_ns;
	bool due; /* a dump waits for the timer */
	bool lost; /* reports since the last dump, and perhaps still */
};

/* --- dumps ----------------------------------------------------------------------------------- */

struct dump {
	const struct neighbour_source *source;
	struct neighbour_set *set;
	uint32_t objects;
};

static int take_object(const struct nlmsghdr *message, void *data)
{
	struct dump *dump = data;

	neighbours_kernel_take(dump->source, message, dump->set);
	if (++dump->objects < DUMP_OBJECTS_MAX)
		return MNL_CB_OK;
	dump->set->left_out++;
	return MNL_CB_STOP;
}

static int dump_table(struct dump *dump, uint16_t type, size_t header_size)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct netlink netlink;
	int error = netlink_open(&netlink);

	if (error < 0)
		return error;
	dump->objects = 0;
	error = netlink_exchange(&netlink, netlink_request(buffer, type, NLM_F_DUMP, header_size),
		take_object, dump);
	netlink_close(&netlink); /* drops the rest of a dump that is not read to its end */
	return error;
}

static int dump_all(struct neighbour_source *source, struct neighbour_set *set)
{
	struct dump dump = { source, set, 0 };
	int disturbed = dump_table(&dump, RTM_GETNEIGH, sizeof(struct ndmsg));

	if (disturbed < 0 && disturbed != -EINTR)
		return disturbed;
	int error = dump_table(&dump, RTM_GETROUTE, sizeof(struct rtmsg));
	return error < 0 ? error : disturbed;
}

static void dump(struct neighbour_source *source)
{
	struct kernel_source *own = source->own;
	struct neighbour_set next = { 0 };
	int error = -EINTR;

	own->due = false;
	for (int attempt = 0; error == -EINTR && attempt < DUMP_ATTEMPTS; attempt++) {
		neighbour_set_clear(&next);
		error = dump_all(source, &next);
	}
	own->dumped_ns = clock_monotonic_ns();
	if (error == 0 || error == -EINTR) { /* tables that always change: as good as they get */
		source_replace(source, &next);
		return;
	}
	neighbour_set_clear(&next);
	source_gone(source, "Cannot read the kernel's neighbours: %s", strerror(-error));
}

/* Dumps now, or as soon as it is time again. */
static void dump_soon(struct neighbour_source *source)
{
	struct kernel_source *own = source->own;

	if (own->due)
		return;
	if (clock_monotonic_ns() - own->dumped_ns >= DUMP_PERIOD) {
		dump(source);
		return;
	}
	own->due = true;
	loop_timer_at(own->timer, own->dumped_ns + DUMP_PERIOD);
}

static void on_timer(void *context, uint32_t what)
{
	(void)what;
	dump(context);
}

/* --- reports --------------------------------------------------------------------------------- */

static int take_report(const struct nlmsghdr *message, void *data)
{
	struct neighbour_source *source = data;

	if (neighbours_kernel_take(source, message, &source->set))
		dump_soon(source);
	return MNL_CB_OK;
}

/* Returns the bytes of the next report; 0 for what is not from the kernel, port 0; a negative errno. */
static ssize_t receive(const struct kernel_source *own, char *report)
{
	struct sockaddr_nl sender = { 0 };
	socklen_t sender_size = sizeof(sender);
	ssize_t length = recvfrom(mnl_socket_get_fd(own->socket), report, REPORT_LEN, 0,
		(struct sockaddr *)&sender, &sender_size);

	return length < 0 ? -errno : sender.nl_pid == 0 ? length : 0;
}

static bool nothing_is_left(const struct kernel_source *own)
{
	char byte;

	return recv(mnl_socket_get_fd(own->socket), &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN;
}

/*
 * Once reports are lost, the kernel drops more, and says so no more, until none is left to read: netlink_overrun() and
 * netlink_rcv_wake() in net/netlink/af_netlink.c. So what is dumped before that is not the last word.
 */
static void dump_what_was_lost(struct neighbour_source *source)
{
	struct kernel_source *own = source->own;

	if (!own->lost || !nothing_is_left(own))
		return;
	own->lost = false;
	dump_soon(source);
}

static void on_report(void *context, uint32_t what)
{
	struct neighbour_source *source = context;
	struct kernel_source *own = source->own;
	char report[REPORT_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));

	(void)what;
	for (int i = 0; i < REPORTS_AT_ONCE; i++) {
		ssize_t length = receive(own, report);
		if (length == -EAGAIN)
			break;
		if (length == -ENOBUFS) {
			own->lost = true;
			dump_soon(source);
		}
		if (length > 0)
			mnl_cb_run(report, (size_t)length, 0, 0, take_report, source);
	}
	dump_what_was_lost(source);
	/* What had no room may have some now. */
	if (source->set.left_out > 0 && source->set.n < NEIGHBOURS_MAX / 2)
		dump_soon(source);
	if (source->state == SOURCE_LIVE)
		source_changed(source);
}

static int subscribe(struct kernel_source *own)
{
	static const int groups[] = { RTNLGRP_NEIGH, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE };
	int room = RECEIVE_BUFFER;

	own->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (own->socket == NULL || mnl_socket_bind(own->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	/* Needs CAP_NET_ADMIN; without it, a smaller one loses reports sooner. */
	setsockopt(mnl_socket_get_fd(own->socket), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		int group = groups[i];
		if (mnl_socket_setsockopt(
			    own->socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
			return -errno;
	}
	return 0;
}

static void open_kernel(struct neighbour_source *source)
{
	struct kernel_source *own = source->own;
	int error = subscribe(own);

	if (error == 0)
		error = loop_add_timer(source->loop, on_timer, source, &own->timer);
	if (error == 0)
		error = loop_add(source->loop, mnl_socket_get_fd(own->socket), EPOLLIN, on_report,
			source, &own->watch);
	if (error < 0)
		source_gone(source, "Cannot watch the kernel's neighbours: %s", strerror(-error));
}

/* The first list of links brings the first dump. */
static void links_changed(struct neighbour_source *source)
{
	struct kernel_source *own = source->own;

	if (own->watch != NULL)
		dump_soon(source);
}

static void close_kernel(struct neighbour_source *source)
{
	struct kernel_source *own = source->own;

	loop_remove(own->watch);
	loop_remove(own->timer);
	if (own->socket != NULL)
		mnl_socket_close(own->socket);
}

const struct neighbour_source_type neighbours_kernel = {
	.name = NEIGHBOURS_KERNEL,
	.size = sizeof(struct kernel_source),
	.open = open_kernel,
	.links_changed = links_changed,
	.close = close_kernel,
};
