// SPDX-License-Identifier: BSD-2-Clause
/*
 * What an observer takes from others: a sender in a network namespace of its own, a receiver in that
 * of the watched interface, with and without all programs of x0top.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "control/orchestrator.h"
#include "least.h"
#include "tests/lib/netns.h"

#define ROUNDS	     21
#define SECONDS	     0.2
#define ADDRESS	     "10.213.0.2"
#define PORT	     5213
#define TCP_WRITE    131072
#define UDP_PAYLOAD  64
#define BATCH	     32 /* datagrams of one sendmmsg() or GSO send() */
#define GSO_PAYLOAD  1400
#define SENDER_CPU   0
#define RECEIVER_CPU 1
#define WAIT_MS	     100 /* for packets, after the last */

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum sender {
	SENDER_TCP,
	SENDER_UDP,
	SENDER_UDP_BATCH,
	SENDER_UDP_GSO,
	SENDER_END,
};

/* The sender, in a process of its own. */
struct peer {
	pid_t pid;
	int socket; /* a byte to it begins a flow of that enum sender; one back: it is over */
};

/* --- the sender -------------------------------------------------------------------------------- */

static const char payload[TCP_WRITE];

static void send_tcp(int fd)
{
	if (write(fd, payload, sizeof(payload)) < 0)
		_exit(1);
}

static void send_udp(int fd)
{
	for (int i = 0; i < BATCH; i++)
		send(fd, payload, UDP_PAYLOAD, 0);
}

static void send_udp_batch(int fd)
{
	struct iovec data = { (void *)payload, UDP_PAYLOAD };
	struct mmsghdr messages[BATCH] = { 0 };

	for (int i = 0; i < BATCH; i++)
		messages[i].msg_hdr = (struct msghdr) { .msg_iov = &data, .msg_iovlen = 1 };
	sendmmsg(fd, messages, BATCH, 0);
}

static void send_udp_gso(int fd)
{
	send(fd, payload, (size_t)BATCH * GSO_PAYLOAD, 0);
}

static void (*const senders[])(int fd) = { send_tcp, send_udp, send_udp_batch, send_udp_gso };

static void send_flow(enum sender sender)
{
	const struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = inet_addr(ADDRESS),
	};
	int segment = GSO_PAYLOAD;
	int fd = socket(AF_INET, sender == SENDER_TCP ? SOCK_STREAM : SOCK_DGRAM, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0 ||
		(sender == SENDER_UDP_GSO &&
			setsockopt(fd, SOL_UDP, UDP_SEGMENT, &segment, sizeof(segment)) < 0))
		_exit(1);
	for (double end = clock_monotonic_seconds() + SECONDS; clock_monotonic_seconds() < end;)
		senders[sender](fd);
	close(fd);
}

/* Sender and receiver stay where they are: on one CPU they would share its time, and by turns they do. */
static void stay_on_cpu(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) < 0)
		fprintf(stderr, "no CPU %d for the benchmark: %s\n", cpu, strerror(errno));
}

static void run_peer(int commands)
{
	char command = 0;

	stay_on_cpu(SENDER_CPU);
	if (unshare(CLONE_NEWNET) < 0 || write(commands, &command, 1) != 1)
		_exit(1);
	if (read(commands, &command, 1) != 1 ||
		system("ip addr add 10.213.0.1/24 dev " BENCH_SENDS " && ip link set " BENCH_SENDS
		       " up") != 0 ||
		write(commands, &command, 1) != 1)
		_exit(1);
	while (read(commands, &command, 1) == 1) {
		send_flow((enum sender)command);
		if (write(commands, &command, 1) != 1)
			break;
	}
	_exit(0);
}

/* --- the receiver ------------------------------------------------------------------------------ */

/* Starts the sender, and moves its end of the pair to it. Returns 0, or -1. */
static int start_peer(struct peer *peer)
{
	int sockets[2];
	char command[96], byte;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		return -1;
	peer->pid = fork();
	if (peer->pid == 0) {
		close(sockets[0]); /* the last copy closed ends run_peer() */
		run_peer(sockets[1]);
	}
	close(sockets[1]);
	peer->socket = sockets[0];
	snprintf(command, sizeof(command),
		"ip link set " BENCH_SENDS " netns %d && ip addr add " ADDRESS
		"/24 dev " BENCH_RECEIVES,
		peer->pid);
	return read(peer->socket, &byte, 1) == 1 && system(command) == 0 &&
			       write(peer->socket, &byte, 1) == 1 &&
			       read(peer->socket, &byte, 1) == 1
		       ? 0
		       : -1;
}

static void stop_peer(struct peer *peer)
{
	netns_delete(BENCH_RECEIVES); /* before the peer's namespace goes, and the pair with it */
	if (peer->socket >= 0)
		close(peer->socket);
	if (peer->pid > 0)
		waitpid(peer->pid, NULL, 0);
	netns_veth(BENCH_SENDS, BENCH_RECEIVES);
}

static int open_receiver(enum sender sender)
{
	const struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	const struct timeval wait = { .tv_usec = WAIT_MS * 1000 };
	const int yes = 1, room = 8 << 20;
	int fd = socket(AF_INET, sender == SENDER_TCP ? SOCK_STREAM : SOCK_DGRAM, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (sender != SENDER_TCP)
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
		(sender != SENDER_TCP || listen(fd, 1) == 0))
		return fd;
	close(fd);
	return -1;
}

/* Bytes a second, or packets a second. */
static double receive(int fd, enum sender sender)
{
	static char data[262144];
	double amount = 0, seconds = SECONDS;
	ssize_t n;

	if (sender == SENDER_TCP) {
		int connection = accept(fd, NULL, NULL);
		double started = clock_monotonic_seconds();
		while ((n = read(connection, data, sizeof(data))) > 0)
			amount += (double)n;
		seconds = clock_monotonic_seconds() - started;
		close(connection);
	} else {
		while ((n = recv(fd, data, sizeof(data), 0)) > 0)
			amount++;
	}
	return amount / seconds;
}

/* One flow; 0 if it failed. */
static double measure_flow(const struct peer *peer, enum sender sender)
{
	char command = (char)sender;
	int fd = open_receiver(sender);
	double rate = 0;

	if (fd < 0)
		return 0;
	if (write(peer->socket, &command, 1) == 1)
		rate = receive(fd, sender);
	close(fd);
	return read(peer->socket, &command, 1) == 1 ? rate : 0;
}

/* --- the table --------------------------------------------------------------------------------- */

/* Programs at every system call beside x0top's: a tracer costs no less. */
enum pair {
	PAIR_NONE,
	PAIR_EMPTY,
	PAIR_CLOCK, /* as one that times calls */
};

struct subject {
	const char *what;
	enum sender sender;
	const char *const *programs; /* NULL ends the list; an empty list: all; NULL: none */
	enum pair pair;
	double unit; /* 1e9 / 8 bytes: Gbit/s; 1000: thousand packets */
	const char *unit_name;
	double required; /* of the rate without x0top; 0: reported only */
};

static double measure_with(const struct peer *peer, const struct subject *subject)
{
	char why[256];
	struct least least = LEAST_NONE;
	struct orchestrator *o = NULL;
	double rate = 0;
	bool watched = true;

	if (subject->pair != PAIR_NONE)
		watched = least_attach(&least,
			subject->pair == PAIR_CLOCK ? LEAST_CLOCK : LEAST_EMPTY, LEAST_ALL_CALLS,
			why, sizeof(why));
	if (watched && subject->programs != NULL) {
		o = open_programs(subject->programs, 0, why, sizeof(why));
		watched = o != NULL;
	}
	if (watched)
		rate = measure_flow(peer, subject->sender);
	else
		report_missing(subject->what, "%s", why);
	least_detach(&least);
	orchestrator_close(o);
	return rate;
}

static void compare(const struct peer *peer, const struct subject *subject)
{
	double with[ROUNDS], without[ROUNDS], ratios[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		/* A B, B A: what drifts favours neither. */
		if (round % 2 == 0)
			without[round] = measure_flow(peer, subject->sender);
		with[round] = measure_with(peer, subject);
		if (round % 2 == 1)
			without[round] = measure_flow(peer, subject->sender);
		if (with[round] == 0 || without[round] == 0) {
			report_missing(subject->what, "no traffic arrived");
			return;
		}
		ratios[round] = with[round] / without[round];
	}
	const struct measurement row = {
		.what = subject->what,
		.unit = subject->unit_name,
		.value = bench_median(with, ROUNDS) / subject->unit,
		.beside_what = "without x0top",
		.beside = bench_median(without, ROUNDS) / subject->unit,
		.ratio = bench_median(ratios, ROUNDS),
		.rounds = ROUNDS,
		.ratio_above = subject->required,
	};
	report_add(&row);
}

void bench_observing(void)
{
	static const char *const all[] = { NULL };
	static const char *const network[] = { "xdp_counter", "xdp_mesh_filter", "xdp_pqc_verify",
		"tracepoint_net", "tc_classifier", NULL };
	static const struct subject subjects[] = {
		{ "TCP, all programs", SENDER_TCP, all, PAIR_NONE, 1e9 / 8, "Gbit/s", 0.97 },
		{ "UDP by send(), all programs", SENDER_UDP, all, PAIR_NONE, 1000, "k/s", 0.95 },
		{ "UDP by send(), no system calls traced", SENDER_UDP, network, PAIR_NONE, 1000,
			"k/s", 0.95 },
		{ "the most: empty programs at system calls", SENDER_UDP, NULL, PAIR_EMPTY, 1000,
			"k/s", 0 },
		{ "the most: those, and the network's", SENDER_UDP, network, PAIR_EMPTY, 1000,
			"k/s", 0 },
		{ "the same, each reads the clock", SENDER_UDP, network, PAIR_CLOCK, 1000, "k/s",
			0 },
		{ "UDP by sendmmsg(), all programs", SENDER_UDP_BATCH, all, PAIR_NONE, 1000, "k/s",
			0 },
		{ "UDP GSO, all programs", SENDER_UDP_GSO, all, PAIR_NONE, 1000, "k/s", 0 },
	};
	struct peer peer = { .socket = -1 };

	report_section("OBSERVING", "a veth pair between two namespaces, the receiving end "
				    "watched; median of 21 rounds in turn");
	stay_on_cpu(RECEIVER_CPU);
	if (start_peer(&peer) < 0)
		report_missing("observing", "no namespace for the sender");
	else
		for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
			compare(&peer, &subjects[i]);
	stop_peer(&peer);
}
