// SPDX-License-Identifier: BSD-2-Clause
/*
 * Shaping by departure times: what comes out of an interface with several queues, and fq in them, while more is sent than
 * it takes. Kernels without fq or ifb skip it.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <cmocka.h>
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "class_act.h"
#include "qos/act_time.h"
#include "qos/shape.h"
#include "tests/lib/bpf_program.h"
#include "tests/lib/class_lines.h"
#include "tests/lib/netns.h"

#define LINK	"x0timed"
#define SLOT	5
#define RATE	UINT64_C(10000000)
#define URGENT	0x88b5 /* the ethertype of the packets that are timed: IEEE 802, local */
#define FRAME	1514
#define TEST_S	1.5
#define SHARE_S 0.8
#define FULL_S	(RATE / 8.0 / FRAME) /* frames that leave in a second */
#define WARM_S	0.2
#define EXACT	0.05
#define LEAST	0.7
#define MOST_MS 5

enum { PACKETS = 50, PATIENCE_MS = 2000, TRIES = 20 };

static struct {
	struct netlink netlink;
	struct interface link;
	struct shape_state before;
	struct bpf_object *object;
	struct map_registry registry;
} test;

static const struct shape by_priority = {
	.rate = RATE,
	.fallback = CLASS_BEST_EFFORT,
	.n = 2,
	.classes = {
		{ .number = CLASS_CONTROL, .share = 1, .priority = 0, .rate = 1000000, .ceiling = RATE },
		{ .number = CLASS_BEST_EFFORT, .share = 1, .priority = 7, .rate = 500000,
			.ceiling = RATE },
	},
};

/* Of what is left, 8 Mbit/s, one gets three quarters. */
static const struct shape by_share = {
	.rate = RATE,
	.fallback = CLASS_BEST_EFFORT,
	.n = 2,
	.classes = {
		{ .number = CLASS_CONTROL, .share = 3, .rate = 1000000, .ceiling = RATE },
		{ .number = CLASS_BEST_EFFORT, .share = 1, .rate = 1000000, .ceiling = RATE },
	},
};

/* Shapes by this from now on, as if nothing had been sent before. */
static void put(const struct shape *shape)
{
	struct class_acts acts = { .modes = CLASS_ACT_SHAPE };
	const struct gcra_bucket empty = { .arrival = 0 };
	const uint32_t slot = SLOT;

	act_time(&acts, shape, test.link.mtu);
	for (uint16_t i = 0; i < shape->n; i++)
		acts.classes[CLASS_ACT_PLACE(DIRECTION_EGRESS, shape->classes[i].number)].modes =
			CLASS_ACT_SHAPE;
	for (uint32_t i = CLASS_CLOCK_INDEX(SLOT, 0, 0); i < CLASS_CLOCK_INDEX(SLOT + 1, 0, 0); i++)
		assert_int_equal(
			bpf_map_update_elem(bpf_program_map_fd(test.object, "class_clocks"), &i,
				&empty, BPF_ANY),
			0);
	assert_int_equal(bpf_map_update_elem(bpf_program_map_fd(test.object, "class_acts"), &slot,
				 &acts, BPF_ANY),
		0);
}

static void load(void)
{
	test.object = bpf_program_open("tc_classifier");
	bpf_program_set(test.object, "class_acting", true);
	bpf_program_load(test.object);
	map_registry_init(&test.registry);
	map_registry_declare(&test.registry, class_lines_maps);
	assert_int_equal(map_registry_keep(&test.registry, test.object), 0);
	class_lines_put(&test.registry, (const char *const[]) { "ethertype 0x88b5 control", NULL });
}

static void attach(void)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)test.link.ifindex,
		.attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = bpf_program_fd(test.object, "tc_egress"));

	bpf_program_watch(
		bpf_program_map_fd(test.object, "tc_interfaces"), test.link.ifindex, SLOT, 0);
	assert_int_equal(bpf_tc_hook_create(&hook), 0);
	assert_int_equal(bpf_tc_attach(&hook, &options), 0);
}

static int open_packets(uint16_t protocol)
{
	const struct sockaddr_ll at = { .sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = (int)test.link.ifindex };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	assert_return_code(fd, errno);
	assert_return_code(bind(fd, (const struct sockaddr *)&at, sizeof(at)), errno);
	return fd;
}

/* Starts a process that always has more to send. */
static pid_t flood(void)
{
	static const uint8_t frame[FRAME] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0 };
	int fd = open_packets(ETH_P_IP);
	pid_t pid = fork();

	if (pid != 0) {
		close(fd);
		return pid;
	}
	for (int i = 0;; i++)
		if (send(fd, frame, sizeof(frame), 0) < 0 || i % 64 == 0)
			usleep(200); /* what is beyond the rate is dropped, and told */
}

/* Returns the bytes that fq has let out of all queues. */
static double read_sent(void)
{
	FILE *pipe = popen("tc -s qdisc show dev " LINK, "r");
	double sum = 0, sent;
	char line[512];
	int fq = 0;

	assert_non_null(pipe);
	while (fgets(line, sizeof(line), pipe) != NULL)
		if (strncmp(line, "qdisc ", 6) == 0)
			fq = strncmp(line, "qdisc fq ", 9) == 0;
		else if (fq && sscanf(line, " Sent %lf bytes", &sent) == 1)
			sum += sent;
	assert_int_equal(pclose(pipe), 0);
	return sum;
}

/*
 * Floods, measures the rate from the first frame on, and returns who goes on flooding. Nothing leaves before its time,
 * however long this host stood still meanwhile. Reading the counters takes a while: *least is of the time with it, *most
 * without.
 */
static pid_t flood_for_rates(double *least, double *most)
{
	double outer = clock_monotonic_seconds(), first = read_sent();
	double inner = clock_monotonic_seconds();
	pid_t pid = flood();

	usleep((useconds_t)(TEST_S * 1e6));
	inner = clock_monotonic_seconds() - inner;
	double bits = 8 * (read_sent() - first);
	outer = clock_monotonic_seconds() - outer;
	*least = bits / outer;
	*most = bits / inner;
	return pid;
}

/* Returns the ms until a packet of the class that goes first comes out, as a tap on the interface sees it. */
static double time_packet(int sender, int tap)
{
	uint8_t frame[64] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, URGENT >> 8, URGENT & 0xff };
	struct pollfd polled = { .fd = tap, .events = POLLIN };
	double began = clock_monotonic_seconds();

	assert_int_equal(send(sender, frame, sizeof(frame), 0), sizeof(frame));
	do {
		assert_int_equal(poll(&polled, 1, PATIENCE_MS), 1);
		assert_true(recv(tap, frame, sizeof(frame), 0) > 0);
	} while (frame[12] != URGENT >> 8);
	return (clock_monotonic_seconds() - began) * 1e3;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void rates_and_delays(void **state)
{
	int sender = open_packets(URGENT), tap;
	double ms[PACKETS], least, most;

	(void)state;
	put(&by_priority);
	pid_t pid = flood_for_rates(&least, &most);
	print_message("%.0f to %.0f of %.0f bit/s\n", least, most, (double)RATE);
	tap = open_packets(ETH_P_ALL); /* others do not see what is sent */
	for (int i = 0; i < PACKETS; i++) {
		ms[i] = time_packet(sender, tap);
		usleep(10000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	qsort(ms, PACKETS, sizeof(ms[0]), by_size);
	print_message("the urgent wait %.2f ms, half of them, and %.2f at most\n", ms[PACKETS / 2],
		ms[PACKETS - 1]);
	/* An emulator lets the sender pause for longer than what may wait, and a busy one for much longer. */
	if (getenv("X0_EMULATED") == NULL)
		assert_true(most > (1 - EXACT) * RATE);
	else if (most <= LEAST * RATE)
		print_message(
			"not judged: whether it has its rate, which this emulated sender never asked for\n");
	assert_true(least < (1 + EXACT) * RATE);
	assert_true(ms[PACKETS / 2] < MOST_MS);
	close(sender);
	close(tap);
}

/* Starts a process that always has more to send of both classes, in turn. */
static pid_t flood_both(void)
{
	uint8_t frame[FRAME] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
	int fd = open_packets(ETH_P_IP);
	pid_t pid = fork();

	if (pid != 0) {
		close(fd);
		return pid;
	}
	for (int i = 0;; i++) {
		const uint16_t type = htons(i % 2 == 0 ? URGENT : ETH_P_IP);
		memcpy(frame + 2 * ETH_ALEN, &type, sizeof(type));
		if (send(fd, frame, sizeof(frame), 0) < 0 && i % 8 == 0)
			usleep(200);
	}
}

/* Counts the frames of both classes that leave in so many seconds. */
static void count_left(int tap, double seconds, double left[2])
{
	const double until = clock_monotonic_seconds() + seconds;
	uint8_t frame[64];

	left[0] = left[1] = 0;
	while (clock_monotonic_seconds() < until) {
		struct pollfd polled = { .fd = tap, .events = POLLIN };
		assert_int_equal(poll(&polled, 1, PATIENCE_MS), 1);
		assert_true(recv(tap, frame, sizeof(frame), 0) > 0);
		left[frame[12] == URGENT >> 8 ? 0 : 1]++;
	}
}

/* Two classes of one priority that want more than there is: each has its rate, and of what is left its share. */
static void shares_are_held(void **state)
{
	int tap = open_packets(ETH_P_ALL);
	const bool emulated = getenv("X0_EMULATED") != NULL;
	double left[2];

	(void)state;
	put(&by_share);
	pid_t pid = flood_both();
	count_left(tap, WARM_S, left);
	/* Of a sender that pauses for longer than what may wait, there are no shares: a busy emulator makes it. */
	bool full = false, held = false;
	for (int i = 0; i < TRIES && !held; i++) {
		count_left(tap, SHARE_S, left);
		if (left[0] + left[1] < (1 - EXACT / 2) * FULL_S * SHARE_S)
			continue;
		full = true;
		const double first = left[0] / (left[0] + left[1]);
		print_message("%.0f and %.0f frames: %.1f %% and %.1f %%\n", left[0], left[1],
			100 * first, 100 * (1 - first));
		held = first > 0.7 - EXACT && first < 0.7 + EXACT;
		if (!emulated)
			break;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(tap);
	if (!full && emulated) {
		print_message("skipped: this emulated sender never filled the link\n");
		skip();
	}
	assert_true(held);
}

/* The root qdisc is the kernel's own again. */
static void what_was_there_comes_back(void **state)
{
	struct shape_state now;
	struct failure failure;

	(void)state;
	assert_int_equal(shape_leftovers(false), 1);
	assert_int_equal(shape_remove(&test.netlink, &test.link, &failure), 1);
	assert_int_equal(shape_read(&test.netlink, test.link.ifindex, &now), 0);
	assert_int_equal(now.owner, SHAPE_NONE);
	assert_string_equal(now.kind, test.before.kind);
	assert_int_equal(shape_apply_times(&test.netlink, &test.link, &failure), 0);
	assert_int_equal(shape_leftovers(true), 1);
	assert_int_equal(shape_read(&test.netlink, test.link.ifindex, &now), 0);
	assert_int_equal(now.owner, SHAPE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_and_delays),
		cmocka_unit_test(shares_are_held),
		cmocka_unit_test(what_was_there_comes_back),
	};
	struct failure failure;

	netns_enter();
	if (system("ip link add " LINK " numtxqueues 4 type ifb 2>/dev/null && ip link set " LINK
		   " up") != 0 ||
		interface_find(LINK, &test.link) < 0 || netlink_open(&test.netlink) < 0 ||
		shape_read(&test.netlink, test.link.ifindex, &test.before) < 0 ||
		!shape_by_time(&test.netlink, test.link.ifindex, &test.before)) {
		puts("skipped: this kernel has no fq, or no ifb");
		return 77;
	}
	load();
	attach();
	if (shape_apply_times(&test.netlink, &test.link, &failure) < 0)
		fail_msg("%s: %s", failure.what, failure.cause);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
