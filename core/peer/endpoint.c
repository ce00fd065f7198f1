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
	int socket, timer, epoll;
};

static void read_clocks(struct endpoint *endpoint)
{
	endpoint->now.monotonic_ns = clock_monotonic_ns();
	endpoint->now.realtime_ns = clock_realtime_ns();
}

/*
 * --- what the peer asks for ---------------------------------------------------------------------
 */

static void on_send(void *context, const struct peer_address *to, struct span packet)
{
	const struct endpoint *endpoint = context;
	ssize_t sent = sendto(endpoint->socket, packet.data, packet.size, 0,
		(const struct sockaddr *)&to->storage, to->length);

	if (endpoint->handlers.sent != NULL)
		endpoint->handlers.sent(endpoint->handlers.context, to, sent < 0 ? errno : 0);
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

static void receive(struct endpoint *endpoint)
{
	uint8_t packet[RECEIVE_BUFFER];

	for (int i = 0; i < RECEIVE_BURST; i++) {
		struct peer_address from = { .length = sizeof(from.storage) };
		ssize_t length = recvfrom(endpoint->socket, packet, sizeof(packet), 0,
			(struct sockaddr *)&from.storage, &from.length);

		if (length < 0)
			return;
		peer_receive(endpoint->peer, &from, (struct span) { packet, (size_t)length },
			&endpoint->now);
	}
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

static int open_socket(
	struct endpoint *endpoint, const struct peer_address *listen, struct failure *failure)
{
	int family = listen->storage.ss_family, off = 0;
	char text[ADDRESS_TEXT_LEN];

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
	return endpoint_watch(endpoint, endpoint->socket, failure);
}

static int open_timer(struct endpoint *endpoint, struct failure *failure)
{
	endpoint->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (endpoint->timer < 0)
		return failure_set(failure, -errno, "Cannot make a timer: %s", strerror(errno));
	set_timer(endpoint, 0);
	return endpoint_watch(endpoint, endpoint->timer, failure);
}

static int open_peer(struct endpoint *endpoint, const struct endpoint_settings *settings,
	struct failure *failure)
{
	const struct peer_handlers handlers = { endpoint, on_send, on_event };
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
