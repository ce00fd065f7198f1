// SPDX-License-Identifier: BSD-2-Clause
/*
 * How many packets of 1500 bytes get through a veth pair with native XDP: with the chain on the end
 * that receives, and with an empty program there. BPF_PROG_RUN with live frames sends; behind the
 * program the packet goes the same way in both, to a stack that it is not addressed to.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "control/orchestrator.h"
#include "tests/lib/live_frames.h"

#define ROUNDS	   7
#define PACKETS	   1000000
#define BYTES	   1500
#define LIMIT_GBIT 10

static const char *const chain[] = { "xdp_counter", "xdp_mesh_filter", NULL };

/* Packets that an interface of this network namespace has received. */
static uint64_t received(const char *interface)
{
	unsigned long long packets = 0, bytes;
	char line[512], name[32];
	FILE *file = fopen("/proc/thread-self/net/dev", "re");

	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, " %31[^:]: %llu %llu", name, &bytes, &packets) == 3 &&
			strcmp(name, interface) == 0)
			break;
	fclose(file);
	return packets;
}

/* Packets a second that arrived; 0 when the kernel refuses to send. */
static double send_packets(int sender, const struct frame *frame)
{
	uint64_t before = received(BENCH_RECEIVES);
	double started = clock_monotonic_seconds();

	if (live_frames_send(sender, if_nametoindex(BENCH_SENDS), frame, PACKETS) < 0)
		return 0;
	return (double)(received(BENCH_RECEIVES) - before) / (clock_monotonic_seconds() - started);
}

/* With the chain, or an empty program, natively on the end that receives. Returns 0 if it cannot. */
static double measure(bool with_chain, int sender, int empty, const struct frame *frame)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
	double rate = 0;
	char why[256];

	if (with_chain) {
		struct orchestrator *o =
			open_programs_in_mode(XDP_WANT_NATIVE, chain, 8, why, sizeof(why));
		if (o != NULL)
			rate = send_packets(sender, frame);
		orchestrator_close(o);
		return rate;
	}
	int link = bpf_link_create(empty, (int)if_nametoindex(BENCH_RECEIVES), BPF_XDP, &options);
	if (link < 0)
		return 0;
	rate = send_packets(sender, frame);
	close(link);
	return rate;
}

static void report(double packets, double beside)
{
	struct measurement row = {
		.what = "XDP root, counter, mesh filter, 8 rules",
		.unit = "Gbit/s",
		.value = packets * BYTES * 8 / 1e9,
		.beside_what = "empty XDP program",
		.beside = beside * BYTES * 8 / 1e9,
		.rounds = ROUNDS,
		.above = LIMIT_GBIT,
	};

	report_add(&row);
	row.unit = "M/s";
	row.value = packets / 1e6;
	row.beside = beside / 1e6;
	row.above = 0;
	report_add(&row);
}

void bench_throughput(void)
{
	double with[ROUNDS], without[ROUNDS];
	int empty = load_empty(BPF_PROG_TYPE_XDP, XDP_PASS);
	int sender = live_frames_open(if_nametoindex(BENCH_SENDS));
	struct frame frame;

	report_section("THROUGHPUT", "1,000,000 live frames of 1500 bytes through a veth pair with "
				     "native XDP, one CPU; median of 7 rounds in turn");
	make_packet(&frame, BYTES);
	for (int round = 0; round < ROUNDS; round++) {
		without[round] = measure(false, sender, empty, &frame);
		with[round] = measure(true, sender, empty, &frame);
		if (without[round] == 0 || with[round] == 0) {
			report_missing("throughput", "no packet arrived: native XDP or live frames "
						     "(kernel 5.18) are missing");
			break;
		}
		if (round == ROUNDS - 1)
			report(bench_median(with, ROUNDS), bench_median(without, ROUNDS));
	}
	close(empty);
	close(sender);
}
