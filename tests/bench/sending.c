// SPDX-License-Identifier: BSD-2-Clause
/*
 * What watching adds to one send() of a UDP datagram through a veth pair: system call, both ends of the
 * pair and the receiver's queue, in one thread on one CPU. What else the machine does slows some batches,
 * and speeds up none, so the fastest says what the programs cost where a rate of packets says little.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "bench.h"
#include "control/orchestrator.h"
#include "least.h"
#include "tests/lib/netns.h"

#define ROUNDS	7
#define BATCHES 1000
#define BATCH	32 /* datagrams: fewer than a receiver's queue holds */
#define BYTES	64
#define PORT	5214

struct pair {
	int home, away; /* the namespaces of receiver and sender */
	int sender, receiver;
};

/* --- the pair ---------------------------------------------------------------------------------- */

static int run(const char *command)
{
	return system(command) == 0 ? 0 : -1;
}

/* Moves one end of the veth pair to a new namespace. */
static int move_sender(struct pair *pair)
{
	char command[96];

	pair->home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (pair->home < 0 || unshare(CLONE_NEWNET) < 0)
		return -1;
	pair->away = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (pair->away < 0 || setns(pair->home, CLONE_NEWNET) < 0)
		return -1;
	snprintf(command, sizeof(command), "ip link set " BENCH_SENDS " netns /proc/%d/fd/%d",
		getpid(), pair->away);
	return run(command);
}

static int open_socket(const char *address, bool receives)
{
	const struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = inet_addr(address),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && (receives ? bind : connect)(fd, (const void *)&at, sizeof(at)) < 0)
		fd_close(&fd);
	return fd;
}

static int open_pair(struct pair *pair)
{
	if (move_sender(pair) < 0 || run("ip addr add 10.214.0.2/24 dev " BENCH_RECEIVES) < 0)
		return -1;
	pair->receiver = open_socket("10.214.0.2", true);
	if (setns(pair->away, CLONE_NEWNET) < 0)
		return -1;
	if (run("ip addr add 10.214.0.1/24 dev " BENCH_SENDS " && ip link set " BENCH_SENDS
		" up") == 0)
		pair->sender = open_socket("10.214.0.2", false);
	if (setns(pair->home, CLONE_NEWNET) < 0)
		return -1;
	return pair->receiver >= 0 && pair->sender >= 0 ? 0 : -1;
}

static void close_pair(struct pair *pair)
{
	fd_close(&pair->sender);
	fd_close(&pair->receiver);
	netns_delete(BENCH_RECEIVES);
	fd_close(&pair->away);
	fd_close(&pair->home);
	netns_veth(BENCH_SENDS, BENCH_RECEIVES);
}

/* Returns the ns of a send() in the fastest batch, or NAN if a datagram does not arrive. */
static double measure_send(const struct pair *pair)
{
	char data[BYTES] = { 0 };
	double best = INFINITY;

	for (int batch = 0; batch < BATCHES; batch++) {
		double started = clock_monotonic_seconds();
		for (int i = 0; i < BATCH; i++)
			send(pair->sender, data, sizeof(data), 0);
		best = fmin(best, (clock_monotonic_seconds() - started) * 1e9 / BATCH);
		for (int i = 0; i < BATCH; i++)
			if (recv(pair->receiver, data, sizeof(data),
				    batch == 0 ? 0 : MSG_DONTWAIT) != sizeof(data))
				return NAN;
	}
	return best;
}

/* --- the table --------------------------------------------------------------------------------- */

static const char *const all[] = { NULL };
static const char *const network[] = { "xdp_counter", "xdp_mesh_filter", "xdp_pqc_verify",
	"tracepoint_net", "tc_classifier", NULL };
static const char *const tracers[] = { "kprobe_syscall_latency", "kprobe_syscall_latency_secure",
	NULL };
static const char *const latency[] = { "kprobe_syscall_latency", NULL };
static const char *const secure[] = { "kprobe_syscall_latency_secure", NULL };
static const char *const counter[] = { "xdp_counter", NULL };
static const char *const events[] = { "tracepoint_net", NULL };
static const char *const classes[] = { "tc_classifier", NULL };

/* With neither programs nor empty ones: x0top does not run. */
static const struct subject {
	const char *what;
	const char *const *programs; /* of x0top */
	bool empty; /* a pair of programs that do nothing */
	enum least_place place; /* where they are */
} subjects[] = {
	{ .what = "without x0top" },
	{ .what = "all programs", .programs = all },
	{ .what = "no system calls traced", .programs = network },
	{ .what = "both tracers of system calls", .programs = tracers },
	{ .what = "kprobe_syscall_latency", .programs = latency },
	{ .what = "the secure one", .programs = secure },
	{ .what = "the least: empty programs at system calls",
		.empty = true,
		.place = LEAST_ALL_CALLS },
	{ .what = "xdp_counter", .programs = counter },
	{ .what = "tracepoint_net", .programs = events },
	{ .what = "the least: empty programs at packets", .empty = true, .place = LEAST_PACKETS },
	{ .what = "tc_classifier", .programs = classes },
};

#define SUBJECTS (sizeof(subjects) / sizeof(subjects[0]))

static double measure_with(
	const struct pair *pair, const struct subject *subject, char *why, size_t size)
{
	struct least least = LEAST_NONE;
	struct orchestrator *o = NULL;
	double ns = NAN;

	if (subject->programs != NULL) {
		o = open_programs(subject->programs, 0, why, size);
		if (o == NULL)
			return NAN;
	}
	if (!subject->empty || least_attach(&least, LEAST_EMPTY, subject->place, why, size))
		ns = measure_send(pair);
	least_detach(&least);
	orchestrator_close(o);
	return ns;
}

static void report(double (*ns)[ROUNDS])
{
	double ratios[ROUNDS];

	for (size_t i = 1; i < SUBJECTS; i++) {
		for (int round = 0; round < ROUNDS; round++)
			ratios[round] = ns[i][round] / ns[0][round];
		report_add(&(struct measurement) {
			.what = subjects[i].what,
			.unit = "ns",
			.value = bench_median(ns[i], ROUNDS),
			.beside_what = subjects[0].what,
			.beside = bench_median(ns[0], ROUNDS),
			.ratio = bench_median(ratios, ROUNDS),
			.rounds = ROUNDS,
		});
	}
}

static bool measure_all(const struct pair *pair, double (*ns)[ROUNDS])
{
	char why[256] = "a datagram did not arrive";

	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < SUBJECTS; i++) {
			ns[i][round] = measure_with(pair, &subjects[i], why, sizeof(why));
			if (isnan(ns[i][round])) {
				report_missing(subjects[i].what, "%s", why);
				return false;
			}
		}
	return true;
}

void bench_sending(void)
{
	static double ns[SUBJECTS][ROUNDS];
	struct pair pair = { -1, -1, -1, -1 };

	report_section("A SEND",
		"one send() of 64 bytes by UDP through a veth pair, the receiving end "
		"watched; the fastest 32, median of 7 rounds in turn");
	if (open_pair(&pair) < 0)
		report_missing("sending", "no pair of namespaces: %s", strerror(errno));
	else if (measure_all(&pair, ns))
		report(ns);
	close_pair(&pair);
}
