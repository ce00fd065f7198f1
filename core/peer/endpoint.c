// SPDX-License-Identifier: BSD-2-Clause
#include "peer/endpoint.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"

#define RECEIVE_BURST  64 /* packets before the clocks are read again */
#define RECEIVE_BUFFER 2048 /* more than any good packet */

struct endpoint {
	struct endpoint_handlers handlers;
	struct identity *identity;
	struct peer *peer;
	struct peer_time now;
	struct peer_address listen; /* with the port that the socket has */
	int64_t clock_offset_ns;
	int socket, timer, epoll;
};

/* Control messages with a packet's address at this host: struct in6_pktinfo is the largest. */
union control {
	struct cmsghdr align;
	uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

static void read_clocks(struct endpoint *endpoint)
{
	endpoint->now.monotonic_ns = clock_boottime_ns();
	endpoint->now.realtime_ns = clock_realtime_ns() + (uint64_t)endpoint->clock_offset_ns;
}

void endpoint_set_clock(struct endpoint *endpoint, int64_t offset_ns)
{
	endpoint->clock_offset_ns = offset_ns;
}

/*
 * --- what the peer asks for ---------------------------------------------------------------------
 */

/* Returns the address that the kernel would send from to this one: length 0 if there is no way there. */
static struct peer_address source_to(const struct endpoint *endpoint, const struct peer_address *to)
{
	struct peer_address source = { .length = sizeof(source.storage) };
	int probe = socket(endpoint->listen.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (probe >= 0) /* a broadcast address is one to send to, too */
		setsockopt(probe, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on));
	if (probe < 0 || connect(probe, (const struct sockaddr *)&to->storage, to->length) < 0 ||
		getsockname(probe, (struct sockaddr *)&source.storage, &source.length) < 0)
		source.length = 0;
	fd_close(&probe);
	return source;
}

static bool on_path(void *context, const struct peer_address *to, struct pqc_path *path)
{
	const struct endpoint *endpoint = context;
	struct peer_address source = endpoint->listen;
	__be16 ignored;

	*path = (struct pqc_path) { 0 };
	if (address_is_any(&source))
		source = source_to(endpoint, to);
	if (source.length == 0)
		return false;
	address_to_wire(&source, path->source, &ignored);
	address_to_wire(&endpoint->listen, path->destination, &path->source_port);
	address_to_wire(to, path->destination, &path->destination_port);
	return true;
}

/* Makes the kernel send from this address (ipv6(7), ip(7)). */
static void put_source(struct msghdr *message, int family, const struct pqc_path *path)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);

	if (family == AF_INET6) {
		struct in6_pktinfo info = { 0 };

		memcpy(&info.ipi6_addr, path->source, sizeof(info.ipi6_addr));
		*header = (struct cmsghdr) { CMSG_LEN(sizeof(info)), IPPROTO_IPV6, IPV6_PKTINFO };
		memcpy(CMSG_DATA(header), &info, sizeof(info));
		message->msg_controllen = CMSG_SPACE(sizeof(info));
	} else {
		struct in_pktinfo info = { 0 };

		memcpy(&info.ipi_spec_dst, path->source + 12, sizeof(info.ipi_spec_dst));
		*header = (struct cmsghdr) { CMSG_LEN(sizeof(info)), IPPROTO_IP, IP_PKTINFO };
		memcpy(CMSG_DATA(header), &info, sizeof(info));
		message->msg_controllen = CMSG_SPACE(sizeof(info));
	}
}

/*
 * Sends a datagram in two parts: the kernel then computes the whole UDP checksum itself, as
 * __ip_append_data() does it for MSG_MORE. Else it leaves it to the device, and over one without a wire
 * the packet arrives without it.
 */
static int send_whole(const struct endpoint *endpoint, const struct peer_address *to,
	const struct pqc_path *path, struct span packet)
{
	const size_t first = sizeof(struct pqc_header);
	struct iovec part = { (void *)packet.data, first };
	union control control = { 0 };
	struct msghdr message = {
		.msg_name = (void *)&to->storage,
		.msg_namelen = to->length,
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	put_source(&message, to->storage.ss_family, path);
	if (sendmsg(endpoint->socket, &message, MSG_MORE) < 0 ||
		send(endpoint->socket, packet.data + first, packet.size - first, 0) < 0)
		return errno;
	return 0;
}

static void on_send(void *context, const struct peer_address *to, const struct pqc_path *path,
	struct span packet)
{
	const struct endpoint *endpoint = context;
	int error = send_whole(endpoint, to, path, packet);

	if (endpoint->handlers.sent != NULL)
		endpoint->handlers.sent(endpoint->handlers.context, to, error);
}

static void on_event(void *context, const struct peer_event *event)
{
	const struct endpoint *endpoint = context;

	if (endpoint->handlers.event != NULL)
		endpoint->handlers.event(endpoint->handlers.context, event);
}

/*
 * --- packets and time ---------------------------------------------------------------------------
 */

/* Fills the path of a received packet from its control message. */
static void read_path(const struct endpoint *endpoint, struct msghdr *message,
	const struct peer_address *from, struct pqc_path *path)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);

	*path = (struct pqc_path) { 0 };
	address_to_wire(&endpoint->listen, path->destination, &path->destination_port);
	address_to_wire(from, path->source, &path->source_port);
	if (header != NULL && header->cmsg_level == IPPROTO_IPV6 &&
		header->cmsg_type == IPV6_PKTINFO) {
		memcpy(path->destination,
			CMSG_DATA(header) + offsetof(struct in6_pktinfo, ipi6_addr),
			PQC_ADDRESS_LEN);
	} else if (header != NULL && header->cmsg_level == IPPROTO_IP &&
		   header->cmsg_type == IP_PKTINFO) {
		memcpy(path->destination + 12,
			CMSG_DATA(header) + offsetof(struct in_pktinfo, ipi_addr),
			sizeof(struct in_addr));
	}
}

static bool receive_one(struct endpoint *endpoint)
{
	uint8_t packet[RECEIVE_BUFFER];
	struct peer_address from = { 0 };
	struct pqc_path path;
	union control control;
	struct iovec part = { packet, sizeof(packet) };
	struct msghdr message = {
		.msg_name = &from.storage,
		.msg_namelen = sizeof(from.storage),
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t length = recvmsg(endpoint->socket, &message, 0);

	if (length < 0)
		return false;
	from.length = message.msg_namelen;
	read_path(endpoint, &message, &from, &path);
	peer_receive(endpoint->peer, &from, &path, (struct span) { packet, (size_t)length },
		&endpoint->now);
	return true;
}

static void receive(struct endpoint *endpoint)
{
	for (int i = 0; i < RECEIVE_BURST; i++)
		if (!receive_one(endpoint))
			return;
}

/* A time that has passed expires at once; 0 would stop the timer. */
static void set_timer(struct endpoint *endpoint, uint64_t at_ns)
{
	const struct itimerspec at = {
		.it_value = { .tv_sec = (time_t)(at_ns / NS_PER_SECOND),
			.tv_nsec = at_ns == 0 ? 1 : (long)(at_ns % NS_PER_SECOND) },
	};

	timerfd_settime(endpoint->timer, TFD_TIMER_ABSTIME, &at, NULL);
}

bool endpoint_handle(struct endpoint *endpoint)
{
	uint64_t expirations;
	bool due = read(endpoint->timer, &expirations, sizeof(expirations)) > 0;

	read_clocks(endpoint);
	if (endpoint->handlers.collect != NULL)
		endpoint->handlers.collect(endpoint->handlers.context);
	receive(endpoint);
	set_timer(endpoint, peer_work(endpoint->peer, &endpoint->now));
	return due;
}

/*
 * --- opening and closing ------------------------------------------------------------------------
 */

/* Notes where the socket is bound, and makes it say where each packet was sent to. */
static int note_address(struct endpoint *endpoint, struct failure *failure)
{
	int family = endpoint->listen.storage.ss_family, on = 1;

	endpoint->listen.length = sizeof(endpoint->listen.storage);
	if (getsockname(endpoint->socket, (struct sockaddr *)&endpoint->listen.storage,
		    &endpoint->listen.length) < 0 ||
		(family == AF_INET6 && setsockopt(endpoint->socket, IPPROTO_IPV6, IPV6_RECVPKTINFO,
					       &on, sizeof(on)) < 0) ||
		(family == AF_INET &&
			setsockopt(endpoint->socket, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) < 0))
		return failure_set(failure, -errno, "Cannot learn the addresses of packets: %s",
			strerror(errno));
	return endpoint_watch(endpoint, endpoint->socket, failure);
}

/*
 * Makes the kernel send packets whole or not at all: it believes no message that a path takes less than its
 * device does. Anybody can forge one, and verifiers refuse fragments of IP.
 */
static int forbid_fragments(struct endpoint *endpoint, struct failure *failure)
{
	static const struct {
		int family, level, option, value;
	} options[] = {
		{ AF_INET, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE },
		{ AF_INET6, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE }, /* mapped addresses */
		{ AF_INET6, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE },
		{ AF_INET6, IPPROTO_IPV6, IPV6_DONTFRAG, 1 },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].family == endpoint->listen.storage.ss_family &&
			setsockopt(endpoint->socket, options[i].level, options[i].option,
				&options[i].value, sizeof(options[i].value)) < 0)
			return failure_set(failure, -errno,
				"Cannot forbid fragments of packets: %s", strerror(errno));
	return 0;
}

static int open_socket(
	struct endpoint *endpoint, const struct peer_address *listen, struct failure *failure)
{
	int family = listen->storage.ss_family, off = 0;
	char text[ADDRESS_TEXT_LEN];

	endpoint->listen = *listen;
	endpoint->socket = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (endpoint->socket < 0 && errno == EAFNOSUPPORT && family == AF_INET6) {
		failure_set(failure, -EAFNOSUPPORT, "This host has no IPv6");
		return failure_remedy(failure, "Listen at an IPv4 address");
	}
	if (endpoint->socket >= 0 && family == AF_INET6)
		setsockopt(endpoint->socket, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (endpoint->socket < 0 ||
		bind(endpoint->socket, (const struct sockaddr *)&listen->storage, listen->length) <
			0) {
		failure_set(failure, -errno, "Cannot receive packets at %s: %s",
			address_format(listen, text), strerror(errno));
		return failure_remedy(failure, "Choose another address or port");
	}
	int error = forbid_fragments(endpoint, failure);
	return error < 0 ? error : note_address(endpoint, failure);
}

static int open_timer(struct endpoint *endpoint, struct failure *failure)
{
	endpoint->timer = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (endpoint->timer < 0)
		return failure_set(failure, -errno, "Cannot make a timer: %s", strerror(errno));
	set_timer(endpoint, 0);
	return endpoint_watch(endpoint, endpoint->timer, failure);
}

static int open_peer(struct endpoint *endpoint, const struct endpoint_settings *settings,
	struct failure *failure)
{
	const struct peer_handlers handlers = { endpoint, on_path, on_send, on_event };
	struct peer_settings peer_settings = settings->peer;
	int error = identity_open(settings->identity, &endpoint->identity, failure);

	peer_settings.identity = endpoint->identity;
	return error < 0 ? error : peer_open(&peer_settings, &handlers, &endpoint->peer, failure);
}

int endpoint_open(const struct endpoint_settings *settings,
	const struct endpoint_handlers *handlers, struct endpoint **opened, struct failure *failure)
{
	struct endpoint *endpoint = calloc(1, sizeof(*endpoint));
	int error = 0;

	if (endpoint == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	endpoint->handlers = *handlers;
	endpoint->socket = endpoint->timer = -1;
	endpoint->epoll = epoll_create1(EPOLL_CLOEXEC);
	prctl(PR_SET_DUMPABLE, 0); /* no core file and no tracer: there will be keys in memory */
	read_clocks(endpoint);
	if (endpoint->epoll < 0)
		error = failure_set(failure, -errno, "Cannot make an epoll: %s", strerror(errno));
	if (error == 0)
		error = open_peer(endpoint, settings, failure);
	if (error == 0)
		error = open_socket(endpoint, &settings->listen, failure);
	if (error == 0)
		error = open_timer(endpoint, failure);
	if (error < 0)
		endpoint_close(endpoint);
	else
		*opened = endpoint;
	return error;
}

void endpoint_close(struct endpoint *endpoint)
{
	if (endpoint == NULL)
		return;
	peer_close(endpoint->peer);
	identity_close(endpoint->identity);
	fd_close(&endpoint->socket);
	fd_close(&endpoint->timer);
	fd_close(&endpoint->epoll);
	free(endpoint);
}

int endpoint_watch(struct endpoint *endpoint, int fd, struct failure *failure)
{
	struct epoll_event event = { .events = EPOLLIN };

	if (epoll_ctl(endpoint->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return failure_set(
			failure, -errno, "Cannot wait for a descriptor: %s", strerror(errno));
	return 0;
}

int endpoint_fd(const struct endpoint *endpoint)
{
	return endpoint->epoll;
}

struct peer *endpoint_peer(struct endpoint *endpoint)
{
	return endpoint->peer;
}

const struct peer_time *endpoint_now(const struct endpoint *endpoint)
{
	return &endpoint->now;
}

const struct identity *endpoint_identity(const struct endpoint *endpoint)
{
	return endpoint->identity;
}
