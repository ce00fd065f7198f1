// SPDX-License-Identifier: BSD-2-Clause
/*
 * Links of 10 Mbit/s that get more than they take: how long a packet of the control class waits behind bulk,
 * by x0top's classes and in one queue; and how well rates are held.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <math.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "bench.h"
#include "qos/shape_preset.h"
#include "tests/lib/netns.h"

#define ROUNDS	  3
#define PACKETS	  300
#define PERIOD_NS 5000000
#define RATE	  10000000
#define PATIENCE  10000 /* ms, for a packet behind a whole queue */
#define CONTROL	  1 /* numbers of labels[] */
#define BULK	  4
#define MARK	  0x88b5 /* the ethertype of the packets that are timed: IEEE 802, local */
#define FRAME	  1514

/* One class for all, with the queue that HTB makes by itself: pfifo of 1000 packets. */
#define ONE_CLASS                                                        \
	"tc qdisc add dev " BENCH_SENDS                                  \
	" root handle 1: htb default 1 && tc class add dev " BENCH_SENDS \
	" parent 1: classid 1:1 htb rate 10mbit"

/* What there is beside x0top's classes. */
static const struct queueing {
	const char *what, *make;
	unsigned int packets; /* that are timed: in one queue, each waits a second */
} others[] = {
	{ "one pfifo", ONE_CLASS, PACKETS / 100 },
	{ "fq_codel",
		ONE_CLASS " && tc qdisc add dev " BENCH_SENDS " parent 1:1 fq_codel 2>/dev/null",
		PACKETS },
	{ "cake", "tc qdisc add dev " BENCH_SENDS " root cake bandwidth 10mbit 2>/dev/null",
		PACKETS },
};

#define OTHERS (sizeof(others) / sizeof(others[0]))

static int open_packets(const char *interface, uint16_t protocol, uint32_t priority)
{
	const struct sockaddr_ll at = { .sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = (int)if_nametoindex(interface) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority)) < 0 ||
			       bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0))
		fd_close(&fd);
	return fd;
}

/* Starts a process that always has more to send. Returns it. */
static pid_t flood(void)
{
	static const uint8_t frame[FRAME] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0 };
	const int room = 16 << 20;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	int fd = open_packets(BENCH_SENDS, ETH_P_IP, shape_priority(BULK));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	for (;;)
		if (send(fd, frame, sizeof(frame), 0) < 0)
			usleep(1000); /* the queue is full */
}

/* Sends one packet and returns the ms until it comes out, or NAN. */
static double time_packet(int sender, int receiver)
{
	const struct pollfd waiting = { .fd = receiver, .events = POLLIN };
	uint8_t frame[64] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, MARK >> 8, MARK & 0xff };
	struct pollfd polled = waiting;
	double began = clock_monotonic_seconds();

	while (send(sender, frame, sizeof(frame), 0) < 0)
		usleep(100);
	if (poll(&polled, 1, PATIENCE) != 1 || recv(receiver, frame, sizeof(frame), 0) < 0)
		return NAN;
	return (clock_monotonic_seconds() - began) * 1e3;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Returns the ms that 99 of 100 packets wait at most, behind bulk or with the link for themselves, or NAN if one does not
 * arrive. */
static double delay(unsigned int packets, bool behind)
{
	const struct timespec pause = { .tv_nsec = PERIOD_NS };
	int sender = open_packets(BENCH_SENDS, MARK, shape_priority(CONTROL));
	int receiver = open_packets(BENCH_RECEIVES, MARK, 0);
	double ms[PACKETS];
	pid_t pid = behind ? flood() : -1;

	nanosleep(&(struct timespec) { .tv_nsec = 300000000 }, NULL); /* fills the queue */
	for (unsigned int i = 0; i < packets; i++) {
		ms[i] = time_packet(sender, receiver);
		nanosleep(&pause, NULL);
	}
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	fd_close(&sender);
	fd_close(&receiver);
	for (unsigned int i = 0; i < packets; i++)
		if (isnan(ms[i]))
			return NAN;
	qsort(ms, packets, sizeof(ms[0]), compare);
	return ms[packets * 99 / 100];
}

static const char labels[TRAFFIC_CLASSES][CLASS_NAME_LEN] = { "", "control", "mesh", "interactive",
	"bulk", "best_effort" };

static double shaped_delay(struct netlink *netlink, bool behind)
{
	struct interface interface;
	struct failure failure;
	struct shape shape;

	shape_preset(SHAPE_UPLINK, RATE, labels, &shape);
	if (interface_find(BENCH_SENDS, &interface) < 0 ||
		shape_apply(netlink, &interface, &shape, &failure) < 0)
		return NAN;
	double ms = delay(PACKETS, behind);
	shape_remove(netlink, &interface, &failure);
	return ms;
}

static double queued_delay(const struct queueing *other)
{
	double ms = system(other->make) == 0 ? delay(other->packets, true) : NAN;

	if (system("tc qdisc del dev " BENCH_SENDS " root 2>/dev/null") != 0)
		return NAN;
	return ms;
}

static bool is_emulated(void)
{
	return getenv("X0_EMULATED") != NULL;
}

static void report_delay(const struct queueing *other, double *shaped, double *queued)
{
	char what[64];

	snprintf(what, sizeof(what), "control behind bulk at 10 Mbit/s, p99%s%s",
		other == others ? "" : ", beside ", other == others ? "" : other->what);
	report_add(&(struct measurement) {
		.what = what,
		.unit = "ms",
		.value = bench_median(shaped, ROUNDS),
		.beside_what = other->what,
		.beside = bench_median(queued, ROUNDS),
		.rounds = ROUNDS,
		/* What an emulator adds is the same for both. */
		.below = is_emulated() ? 0 : 5,
		.ratio_below = is_emulated() ? 1 : 0,
	});
}

/* Returns whether the kernel has such a queue; the first one has every kernel. */
static bool has_queue(const struct queueing *other)
{
	bool has = system(other->make) == 0;

	/* What is half made goes, too. */
	return system("tc qdisc del dev " BENCH_SENDS " root 2>/dev/null") == 0 && has;
}

/* Measures x0top's classes and another queue in turn. Returns whether all packets came out. */
static bool compare_with(struct netlink *netlink, const struct queueing *other)
{
	double shaped[ROUNDS], queued[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		shaped[round] = shaped_delay(netlink, true);
		queued[round] = queued_delay(other);
		if (isnan(shaped[round]) || isnan(queued[round]))
			return false;
	}
	report_delay(other, shaped, queued);
	return true;
}

/* What the machine itself takes: an emulated one sleeps, and wakes, for milliseconds. */
static void report_alone(struct netlink *netlink)
{
	double alone[ROUNDS];

	for (int round = 0; round < ROUNDS; round++)
		alone[round] = shaped_delay(netlink, false);
	report_add(&(struct measurement) {
		.what = "control alone at 10 Mbit/s, p99",
		.unit = "ms",
		.value = bench_median(alone, ROUNDS),
		.rounds = ROUNDS,
	});
}

void bench_shaping(void)
{
	struct netlink netlink;

	report_section("SHAPING",
		"until a packet of 64 bytes comes out, beside full queues: by x0top qos, and in others");
	if (netlink_open(&netlink) < 0)
		return report_missing("control behind bulk", "there is no netlink socket");
	report_alone(&netlink);
	for (size_t i = 0; i < OTHERS; i++)
		if (has_queue(&others[i]) && !compare_with(&netlink, &others[i]))
			report_missing(others[i].what, "a packet did not come out");
	netlink_close(&netlink);
}
