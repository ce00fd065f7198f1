// SPDX-License-Identifier: BSD-2-Clause
/*
 * From the attacker's first frame to the first that is dropped: `serve` with MAPE-K acting by the policies that
 * come with it, and what becomes of honest traffic of the same protocol beside the flood. Frames go through a
 * veth pair; drops are read from the filter's pinned counts after each batch.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "bench.h"
#include "kernel/pins.h"
#include "mapek/policy.h"
#include "tests/lib/packets.h"
#include "xdp_mesh_filter.h"

#define FLOODS	      200 /* of each kind; FLOODS in the environment changes it */
#define LATEST_MS     60
#define NEVER_MS      200
#define HONEST	      0.95
#define LEARN_SECONDS 45 /* of honest traffic alone, first */
#define FLOOD_NS      300000000
#define GIVE_UP_NS    3000000000
#define QUIET_NS      1300000000 /* from one flood to the next: x0top rests, rules expire */
#define BATCH_NS      1000000
#define BATCH	      30 /* frames a millisecond */
#define HONEST_EVERY  5 /* ms */
#define MANY	      10000 /* addresses */
#define CPUS_MAX      1024

static const struct kind {
	const char *what;
	bool tcp, many;
} kinds[] = {
	{ "UDP flood from one address", false, false },
	{ "UDP flood from 10,000 addresses", false, true },
	{ "SYN flood from one address", true, false },
	{ "SYN flood from 10,000 addresses", true, true },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

struct range {
	int sends, receives; /* packet sockets */
	int totals; /* map */
	struct frame flood[BATCH];
	struct frame honest;
	uint32_t sources; /* of floods so far */
	uint64_t sent, received; /* honest frames */
	uint64_t ticks; /* ms of traffic */
};

/* --- frames ------------------------------------------------------------------------------------- */

static void make_frame(struct frame *frame, bool tcp, uint8_t neighbour, uint32_t source)
{
	const struct frame_ipv4 ip = { .protocol = tcp ? IPPROTO_TCP : IPPROTO_UDP };
	const uint32_t address = htonl(source);

	frame_ethernet(frame, ETHERTYPE_IP);
	frame_ipv4(frame, &ip);
	if (tcp)
		frame_tcp(frame, 40000, 80, 0);
	else
		frame_udp(frame, 40000, 9999);
	frame_payload(frame, tcp ? 0 : 18);
	memcpy(&frame->bytes[frame->ip + 12], &address, sizeof(address));
	frame->bytes[ETH_ALEN + 5] = neighbour;
	frame_finish(frame);
}

/* Counts the honest frames alone: those of neighbour 1. */
static int filter_honest(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETH_ALEN + 5),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 64),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static int open_socket(const char *interface)
{
	const struct sockaddr_ll link = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(interface) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && (filter_honest(fd) < 0 ||
			       bind(fd, (const struct sockaddr *)&link, sizeof(link)) < 0))
		fd_close(&fd);
	return fd;
}

static void receive_honest(struct range *range)
{
	uint8_t bytes[64];

	while (recv(range->receives, bytes, sizeof(bytes), 0) > 0)
		range->received++;
}

static void send_honest(struct range *range)
{
	if (range->ticks++ % HONEST_EVERY == 0)
		range->sent += send(range->sends, range->honest.bytes, range->honest.length, 0) > 0;
	receive_honest(range);
}

static void send_flood(struct range *range)
{
	struct mmsghdr messages[BATCH] = { 0 };
	struct iovec parts[BATCH];

	for (int i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec) { range->flood[i].bytes, range->flood[i].length };
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	sendmmsg(range->sends, messages, BATCH, 0);
}

/* --- time --------------------------------------------------------------------------------------- */

static void sleep_until(uint64_t ns)
{
	const struct timespec at = { (time_t)(ns / NS_PER_SECOND), (long)(ns % NS_PER_SECOND) };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static uint64_t dropped(const struct range *range)
{
	static struct mesh_filter_totals values[CPUS_MAX];
	uint64_t sum = 0;
	uint32_t zero = 0;

	memset(values, 0, sizeof(values));
	bpf_map_lookup_elem(range->totals, &zero, values);
	for (int i = 0; i < CPUS_MAX; i++)
		sum += values[i].dropped.packets;
	return sum;
}

static void be_honest_for(struct range *range, uint64_t ns)
{
	const uint64_t began = clock_monotonic_ns();

	for (uint64_t at = began; at < began + ns; at += BATCH_NS) {
		sleep_until(at);
		send_honest(range);
	}
}

/* --- a flood ------------------------------------------------------------------------------------ */

/* The attacker of each flood is another one, and so is its neighbour. */
static void make_flood(struct range *range, const struct kind *kind, uint32_t batch)
{
	const uint32_t first = 0x0a400000 + range->sources;

	for (uint32_t i = 0; i < BATCH; i++)
		make_frame(&range->flood[i], kind->tcp, (uint8_t)(2 + range->sources % 250),
			kind->many ? 0x0b000000 + (batch * BATCH + i) * 7919 % MANY : first);
}

/* Returns the ms until the first drop; beyond GIVE_UP_NS there is none. */
static double flood(struct range *range, const struct kind *kind)
{
	const uint64_t before = dropped(range);
	uint32_t batch = 0;
	double ms = 0;

	range->sources++;
	make_flood(range, kind, batch);
	const uint64_t began = clock_monotonic_ns();
	for (uint64_t at = began; at < began + (ms > 0 ? FLOOD_NS : GIVE_UP_NS); at += BATCH_NS) {
		sleep_until(at);
		send_flood(range);
		if (ms == 0 && dropped(range) > before)
			ms = (double)(clock_monotonic_ns() - began) / 1e6;
		send_honest(range);
		if (kind->many)
			make_flood(range, kind, ++batch);
	}
	return ms > 0 ? ms : GIVE_UP_NS / 1e6;
}

static int ascending(const void *a, const void *b)
{
	const double *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

static void report_kind(const struct kind *kind, double *ms, int n, double share)
{
	struct measurement row = { .what = kind->what, .unit = "ms", .rounds = (unsigned int)n };
	char line[96];

	qsort(ms, (size_t)n, sizeof(*ms), ascending);
	row.value = ms[n / 2];
	report_add(&row);
	snprintf(line, sizeof(line), "%s, 99 %%", kind->what);
	row.what = line;
	row.value = ms[(n * 99 + 99) / 100 - 1];
	row.below = LATEST_MS;
	report_add(&row);
	snprintf(line, sizeof(line), "%s, the latest", kind->what);
	row.value = ms[n - 1];
	row.below = NEVER_MS;
	report_add(&row);
	snprintf(line, sizeof(line), "%s, honest traffic that arrives", kind->what);
	row = (struct measurement) {
		.what = line, .unit = "", .value = share, .above = HONEST, .rounds = (unsigned int)n
	};
	report_add(&row);
}

static void measure(struct range *range, const struct kind *kind)
{
	const char *asked = getenv("FLOODS");
	const int n =
		asked != NULL && atoi(asked) > 0 && atoi(asked) < FLOODS ? atoi(asked) : FLOODS;
	double ms[FLOODS];

	make_frame(&range->honest, kind->tcp, 1, 0x0a010909);
	be_honest_for(range, LEARN_SECONDS * NS_PER_SECOND);
	range->sent = range->received = 0;
	for (int i = 0; i < n; i++) {
		ms[i] = flood(range, kind);
		be_honest_for(range, QUIET_NS);
	}
	receive_honest(range);
	report_kind(
		kind, ms, n, range->sent > 0 ? (double)range->received / (double)range->sent : 0);
}

/* --- x0top -------------------------------------------------------------------------------------- */

/* The policies that come with x0top, with times that let floods follow one another. */
static const struct change {
	const char *from, *to;
} changes[] = {
	{ "mode: advise", "mode: act" },
	{ "brake: 10\n", "brake: 1000\n" },
	{ "hold: 5ms\n", "hold: 10ms\n    calm: 200ms\n" },
	{ "for: 2m", "for: 2s" },
	{ "most: 2\n", "most: 16\n" },
	{ "most: 8\n", "most: 16\n" },
};

static void write_line(FILE *file, const char *line, size_t length)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const char *at = memmem(line, length, changes[i].from, strlen(changes[i].from));
		if (at == NULL)
			continue;
		fprintf(file, "%.*s%s", (int)(at - line), line, changes[i].to);
		fprintf(file, "%.*s", (int)(line + length - at - (ssize_t)strlen(changes[i].from)),
			at + strlen(changes[i].from));
		return;
	}
	fprintf(file, "%.*s", (int)length, line);
}

static int write_policies(const char *path)
{
	FILE *file = fopen(path, "we");

	if (file == NULL)
		return -errno;
	for (const char *line = policies_built_in; *line != '\0';) {
		const size_t length = strcspn(line, "\n") + 1;
		write_line(file, line, length);
		line += length;
	}
	return fclose(file) == 0 ? 0 : -errno;
}

static int write_rules(const char *path)
{
	FILE *file = fopen(path, "we");

	if (file == NULL)
		return -errno;
	fputs("rules: [count all]\n", file);
	return fclose(file) == 0 ? 0 : -errno;
}

/* Waits until it enforces. Returns the descriptor of its totals, or a negative errno. */
static int await_totals(void)
{
	const uint64_t end = clock_monotonic_ns() + 20 * NS_PER_SECOND;
	int fd;

	while ((fd = bpf_obj_get(PINS_FOLDER "/mesh_filter_totals")) < 0 &&
		clock_monotonic_ns() < end)
		sleep_until(clock_monotonic_ns() + NS_PER_SECOND / 20);
	return fd;
}

static void measure_all(struct range *range)
{
	range->totals = await_totals();
	range->sends = open_socket(BENCH_SENDS);
	range->receives = open_socket(BENCH_RECEIVES);
	if (range->totals < 0 || range->sends < 0 || range->receives < 0)
		report_missing("floods", "x0top does not enforce, or there is no packet socket");
	else
		for (int i = 0; i < KINDS; i++)
			measure(range, &kinds[i]);
	fd_close(&range->totals);
	fd_close(&range->sends);
	fd_close(&range->receives);
}

void bench_mapek(void)
{
	static struct range range;
	char folder[] = "/tmp/x0-bench-XXXXXX", rules[64], policies[64], known[64], down[128];
	const char *x0top = getenv("X0TOP") ? getenv("X0TOP") : "./x0top";
	const char *const arguments[] = { x0top, "serve", "-i", BENCH_RECEIVES, "--enforce",
		"--yes", "--config", rules, "--mapek-policy", policies, "--mapek-knowledge", known,
		"--listen", "127.0.0.1:26978", NULL };

	report_section("MAPE-K",
		"30,000 frames a second through a veth pair, honest traffic of the "
		"same protocol beside them; to the first drop");
	if (mkdtemp(folder) == NULL) {
		report_missing("floods", "no folder: %s", strerror(errno));
		return;
	}
	snprintf(rules, sizeof(rules), "%s/rules.yaml", folder);
	snprintf(policies, sizeof(policies), "%s/policies.yaml", folder);
	snprintf(known, sizeof(known), "%s/mapek.db", folder);
	snprintf(down, sizeof(down), "'%s' programs down >/dev/null 2>&1; rm -r '%s'", x0top,
		folder);
	if (system("ip link set lo up") == 0 && write_rules(rules) == 0 &&
		write_policies(policies) == 0) {
		pid_t pid = bench_start(arguments);
		measure_all(&range);
		bench_stop(pid);
	}
	if (system(down) != 0)
		fprintf(stderr, "bench: x0top programs down failed.\n");
}
