// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>

#include "kernel/interface.h"
#include "tests/lib/links.h"
#include "tests/lib/wait.h"

static __attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, ": %s\n", strerror(errno));
	abort();
}

void netns_enter(void)
{
	/* Of the namespace of whoever opens it. */
	static const char no_ipv6[] = "/proc/sys/net/ipv6/conf/default/disable_ipv6";
	int fd;

	if (unshare(CLONE_NEWNET))
		die("unshare");
	fd = open(no_ipv6, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return; /* a kernel without IPv6 */
	if (write(fd, "1", 1) != 1)
		die("%s", no_ipv6);
	close(fd);
}

bool netns_is_running(void *name)
{
	struct interface interface;

	return interface_find(name, &interface) == 0 && interface.running;
}

static void open_netlink(struct netlink *netlink)
{
	int error = netlink_open(netlink);

	errno = -error;
	if (error != 0)
		die("netlink");
}

static void must(int error, const char *what, const char *interface)
{
	errno = -error;
	if (error != 0)
		die("%s %s", what, interface);
}

void netns_delete(const char *interface)
{
	struct netlink netlink;

	open_netlink(&netlink);
	must(links_delete(&netlink, interface), "deleting", interface);
	netlink_close(&netlink);
}

void netns_delete_all(void)
{
	struct if_nameindex *all = if_nameindex();
	struct netlink netlink;

	if (all == NULL)
		die("interfaces");
	open_netlink(&netlink);
	/* Some are gone with others. */
	for (const struct if_nameindex *one = all; one->if_index != 0; one++)
		links_delete(&netlink, one->if_name);
	netlink_close(&netlink);
	if_freenameindex(all);
}

#define OPERATES 6 /* IF_OPER_UP of linux/if.h, which does not go with net/if.h */

/* Whether the kernel has seen the carrier: in the state that a new device begins with, it says that it runs. */
static bool has_carrier(void *name)
{
	struct interface interface;

	return interface_find(name, &interface) == 0 && interface.operstate == OPERATES;
}

void netns_veth(const char *left, const char *right)
{
	struct netlink netlink;

	if (if_nametoindex(left)) /* of a test that failed */
		netns_delete(left);
	open_netlink(&netlink);
	must(links_add_veth(&netlink, left, right, 0), "making", left);
	must(links_set_up(&netlink, left), "setting up", left);
	must(links_set_up(&netlink, right), "setting up", right);
	netlink_close(&netlink);
	/* Until the kernel has seen the carrier, it drops what is sent, and says nothing. */
	if (!wait_until(has_carrier, (void *)left) || !wait_until(has_carrier, (void *)right))
		die("%s and %s have no carrier", left, right);
}

/*
 * Returns a packet socket that only sends. Senders are kept until the process ends: closing one
 * waits for an RCU grace period.
 */
static int open_sender(void)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("AF_PACKET");
	return fd;
}

/* Where a frame goes, and which protocol its skb has: its own ethertype. */
static struct sockaddr_ll address_of(const char *interface, const void *frame)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_ifindex = if_nametoindex(interface),
	};

	memcpy(&address.sll_protocol, (const char *)frame + 2 * ETH_ALEN,
		sizeof(address.sll_protocol));
	return address;
}

void netns_send(const char *interface, const void *frame, size_t length, unsigned count)
{
	static int fd = -1;
	struct sockaddr_ll address = address_of(interface, frame);

	if (fd < 0)
		fd = open_sender();
	for (unsigned i = 0; i < count; i++)
		if (sendto(fd, frame, length, 0, (struct sockaddr *)&address, sizeof(address)) !=
			(ssize_t)length)
			die("sending %zu bytes to %s", length, interface);
}

/* A ring of one frame. */
static struct tpacket2_hdr *open_ring(int fd)
{
	struct tpacket_req ring = { 4096, 1, 4096, 1 };
	int version = TPACKET_V2;
	void *memory;

	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
		setsockopt(fd, SOL_PACKET, PACKET_TX_RING, &ring, sizeof(ring)))
		die("PACKET_TX_RING");
	memory = mmap(NULL, ring.tp_block_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		die("mapping PACKET_TX_RING");
	return memory;
}

/* A transmit ring's frames become skbs with the Ethernet header copied and the rest in pages. */
void netns_send_nonlinear(const char *interface, const void *frame, size_t length)
{
	static struct tpacket2_hdr *header;
	static int fd = -1;
	struct sockaddr_ll address = address_of(interface, frame);

	if (fd < 0) {
		fd = open_sender();
		header = open_ring(fd);
	}
	memcpy((char *)header + TPACKET2_HDRLEN - sizeof(struct sockaddr_ll), frame, length);
	header->tp_len = length;
	header->tp_status = TP_STATUS_SEND_REQUEST;
	/* Returns when the ring is free again. */
	if (sendto(fd, NULL, 0, 0, (struct sockaddr *)&address, sizeof(address)) != (ssize_t)length)
		die("sending %zu bytes to %s from a ring", length, interface);
}
