// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/link_beside.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/lib/wait.h"

#define PORT	     7001
#define RUN_MS	     300
#define PATIENCE_MS  (PATIENCE_S * 1000)
#define DATAGRAM     200
#define RECEIVE_ROOM (8 << 20)

static struct {
	pid_t pid, copier; /* 0: none is needed */
	int orders, answers; /* pipes to and from it; a byte each */
	char room[1 << 16];
} beside;

__attribute__((format(printf, 1, 2))) static int run(const char *format, ...)
{
	char line[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	return system(line);
}

/* --- beside ------------------------------------------------------------------------------------ */

/* Sends TCP for a run, or UDP. A receiver that is full, or gone, ends it. */
static void send_run(int type)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = inet_addr("10.77.0.1") };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	int64_t until = clock_monotonic_ms() + RUN_MS;

	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		while (clock_monotonic_ms() < until)
			send(fd, beside.room, type == SOCK_DGRAM ? DATAGRAM : sizeof(beside.room),
				MSG_NOSIGNAL);
	close(fd);
}

static void __attribute__((noreturn)) serve(const char *far, int orders, int answers, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* of a test that fails */
	char order = unshare(CLONE_NEWNET) == 0;

	for (ssize_t n = write(answers, &order, 1); n == 1; n = write(answers, &order, 1)) {
		if (read(orders, &order, 1) != 1 || order == 'q')
			break;
		if (order == 'b')
			order = run("{ ip link set lo up && ip link set peer up && %s; } "
				    ">/dev/null 2>&1",
					far) == 0;
		else
			send_run(order == 't' ? SOCK_STREAM : SOCK_DGRAM);
	}
	run("ip link set peer netns %d 2>/dev/null", parent); /* a real device does not end */
	_exit(0);
}

/* --- between --------------------------------------------------------------------------------- */

static int open_tun(const char *name, short flags)
{
	struct ifreq request = { .ifr_flags = (short)(flags | IFF_NO_PI) };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (fd >= 0 && ioctl(fd, TUNSETIFF, &request) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void __attribute__((noreturn)) copy_between(int one, int other)
{
	struct pollfd list[] = { { .fd = one, .events = POLLIN },
		{ .fd = other, .events = POLLIN } };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (poll(list, 2, -1) > 0)
		for (int i = 0; i < 2; i++) {
			ssize_t n = list[i].revents != 0
					    ? read(list[i].fd, beside.room, sizeof(beside.room))
					    : 0;
			if (n > 0 && write(list[1 - i].fd, beside.room, (size_t)n) < 0)
				continue; /* full, or down: it is lost, as on any link */
		}
	_exit(0);
}

/* Begins to copy between what is tested and its peer, while both are in this namespace. */
static bool join(short flags)
{
	int one = open_tun(LINK_TESTED, flags), other = open_tun("peer", flags);

	if (one >= 0 && other >= 0)
		beside.copier = fork();
	if (beside.copier == 0 && one >= 0 && other >= 0)
		copy_between(one, other);
	if (one >= 0)
		close(one);
	if (other >= 0)
		close(other);
	return beside.copier > 0;
}

/* --- here -------------------------------------------------------------------------------------- */

static bool answered(void)
{
	struct pollfd from = { .fd = beside.answers, .events = POLLIN };
	char answer = 0;

	return poll(&from, 1, PATIENCE_MS) == 1 && read(beside.answers, &answer, 1) == 1 &&
	       answer != 0;
}

static bool ordered(char order)
{
	return write(beside.orders, &order, 1) == 1;
}

void link_beside_end(void)
{
	ordered('q');
	close(beside.orders);
	close(beside.answers);
	waitpid(beside.pid, NULL, 0);
	if (beside.copier > 0) {
		kill(beside.copier, SIGKILL);
		waitpid(beside.copier, NULL, 0);
		beside.copier = 0;
	}
	/* A pair that was made for this; a part of what is tested is made again with it. */
	run("ip link del below 2>/dev/null; ip tuntap del dev peer mode tun 2>/dev/null || "
	    "ip tuntap del dev peer mode tap 2>/dev/null");
}

bool link_beside_begin(const struct link_type *type)
{
	int orders[2], answers[2];
	pid_t parent = getpid();

	if (type->far == NULL || pipe(orders) < 0 || pipe(answers) < 0)
		return false;
	beside.pid = fork();
	if (beside.pid == 0) {
		close(orders[1]);
		serve(type->far, orders[0], answers[1], parent);
	}
	close(orders[0]);
	close(answers[1]);
	beside.orders = orders[1];
	beside.answers = answers[0];
	if (answered() && run("{ %s; } >/dev/null 2>&1", type->near) == 0 &&
		(type->joined == 0 || join(type->joined)) &&
		run("ip link set peer netns %d", beside.pid) == 0 && ordered('b') && answered())
		return true;
	link_beside_end();
	return false;
}

static int listen_to(int type)
{
	const struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1,
	    room = RECEIVE_ROOM;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, type == SOCK_DGRAM ? sizeof(room) : 0);
	bind(fd, (const struct sockaddr *)&here, sizeof(here));
	if (type == SOCK_STREAM)
		listen(fd, 1);
	return fd;
}

/* What a run brought: bytes or packets, and in which time. */
struct run {
	double amount, seconds;
	double packets, bytes; /* of TCP, as a packet socket sees them */
};

static void look(int packets, struct run *run)
{
	struct iphdr ip;
	ssize_t length;

	while ((length = recv(packets, &ip, sizeof(ip), MSG_TRUNC | MSG_DONTWAIT)) > 0) {
		if (ip.protocol != IPPROTO_TCP || length <= 100)
			continue;
		run->packets++;
		run->bytes += (double)length;
	}
}

/* Receives until the sender has ended and nothing comes any more. */
static void receive(int fd, int type, int packets, struct run *run)
{
	struct pollfd list[] = { { .fd = fd, .events = POLLIN },
		{ .fd = beside.answers, .events = POLLIN } };
	double began = clock_monotonic_seconds();

	while (poll(list, 2, PATIENCE_MS) > 0) {
		ssize_t n =
			list[0].revents != 0 ? recv(fd, beside.room, sizeof(beside.room), 0) : 0;
		if (n > 0) {
			run->amount += type == SOCK_STREAM ? (double)n : 1;
			run->seconds = clock_monotonic_seconds() - began;
			if (packets >= 0)
				look(packets, run);
		} else if (list[1].revents != 0) {
			break;
		}
	}
	answered();
}

static struct run one_run(char order, bool with_packets)
{
	int type = order == 't' ? SOCK_STREAM : SOCK_DGRAM, fd = listen_to(type), packets = -1;
	const struct sockaddr_ll on = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP)
	}; /* of any device: an ifb hands them back to another */
	struct pollfd waiting = { .fd = fd, .events = POLLIN };
	struct run run = { 0 };

	if (with_packets) {
		packets = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		bind(packets, (const struct sockaddr *)&on, sizeof(on));
	}
	ordered(order);
	int stream = fd;
	if (type == SOCK_STREAM && poll(&waiting, 1, PATIENCE_MS) == 1)
		stream = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	receive(stream, type, packets, &run);
	if (stream != fd)
		close(stream);
	close(fd);
	if (packets >= 0)
		close(packets);
	return run;
}

static double rate(struct run run)
{
	return run.seconds > 0 ? run.amount / run.seconds : 0;
}

void link_beside_measure(struct link_speed *speed)
{
	struct run seen = one_run('t', true);

	speed->gro = seen.packets > 0 ? seen.bytes / seen.packets : 0;
	speed->tcp = rate(one_run('t', false));
	speed->udp = rate(one_run('u', false));
}
