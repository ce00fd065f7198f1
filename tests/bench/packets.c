// SPDX-License-Identifier: BSD-2-Clause
/* What a packet costs in the XDP chain and in tc_classifier, by BPF_PROG_RUN. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "control/state.h"
#include "kernel/interface_table.h"
#include "tests/lib/packets.h"

#define ROUNDS	 15
#define RUNS	 200000
#define LIMIT_NS 1000

static const char *const counter[] = { "xdp_counter", NULL };
static const char *const counter_and_filter[] = { "xdp_counter", "xdp_mesh_filter", NULL };
static const char *const classifier[] = { "tc_classifier", NULL };

/* What is measured, each beside the empty program of its type. */
static const struct {
	const char *what;
	const char *const *programs;
	uint32_t n_rules;
	bool root_alone;
	bool tc;
} variants[] = {
	{ .what = "XDP root alone", .programs = counter, .root_alone = true },
	{ .what = "XDP root, counter", .programs = counter },
	{ .what = "XDP root, counter, mesh filter, no rules", .programs = counter_and_filter },
	{ .what = "XDP root, counter, mesh filter, 8 rules",
		.programs = counter_and_filter,
		.n_rules = 8 },
	{ .what = "XDP root, counter, mesh filter, 1000 rules",
		.programs = counter_and_filter,
		.n_rules = 1000 },
	{ .what = "TC classifier, ingress", .programs = classifier, .tc = true },
};

#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

/*
 * Opens a variant as x0top does. Returns its first program, which outlives the attachment: the next
 * variant needs the interface. The orchestrator stays, and with it the maps and the other programs.
 */
static int open_variant(size_t i, char *why, size_t size)
{
	struct orchestrator *o = open_programs_in_mode(
		XDP_WANT_NATIVE, variants[i].programs, variants[i].n_rules, why, size);
	int fd;

	if (o == NULL)
		return -ENOEXEC;
	if (variants[i].root_alone)
		chain_clear_stage(&o->context.chain, XDP_COUNTER);
	if (variants[i].tc) {
		fd = newest_program("tc_ingress");
		program_stop(orchestrator_find(o, "tc_classifier"));
	} else {
		fd = dup(o->context.chain.root_fd);
		chain_detach(&o->context.chain, 0);
	}
	watch_loopback(o, variants[i].tc ? "tc_interfaces" : "xdp_interfaces");
	if (fd < 0)
		snprintf(why, size, "its program cannot be opened: %s", strerror(errno));
	return fd;
}

/* The empty programs come last, one for each type. */
static void measure(int *fds, bool *opened)
{
	static double ns[VARIANTS + 2][ROUNDS];
	double empty[2];
	struct frame frame;

	make_packet(&frame, 64);
	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < VARIANTS + 2; i++)
			ns[i][round] =
				i >= VARIANTS || opened[i] ? run_ns(fds[i], &frame, RUNS) : 0;
	for (int tc = 0; tc < 2; tc++)
		empty[tc] = bench_median(ns[VARIANTS + tc], ROUNDS);
	for (size_t i = 0; i < VARIANTS; i++) {
		if (!opened[i])
			continue;
		report_add(&(struct measurement) {
			.what = variants[i].what,
			.unit = "ns",
			.value = bench_median(ns[i], ROUNDS),
			.beside_what = variants[i].tc ? "empty TC program" : "empty XDP program",
			.beside = empty[variants[i].tc],
			.rounds = ROUNDS,
			.below = LIMIT_NS,
		});
	}
}

void bench_packets(void)
{
	int fds[VARIANTS + 2];
	bool opened[VARIANTS];
	char why[256];

	report_section("NS A PACKET",
		"a UDP packet of 64 bytes by BPF_PROG_RUN, 200,000 at a time; "
		"median of 15 rounds in turn");
	for (size_t i = 0; i < VARIANTS; i++) {
		fds[i] = open_variant(i, why, sizeof(why));
		opened[i] = fds[i] >= 0;
		if (!opened[i])
			report_missing(variants[i].what, "%s", why);
	}
	fds[VARIANTS] = load_empty(BPF_PROG_TYPE_XDP, XDP_PASS);
	fds[VARIANTS + 1] = load_empty(BPF_PROG_TYPE_SCHED_CLS, TC_ACT_UNSPEC);
	if (fds[VARIANTS] < 0 || fds[VARIANTS + 1] < 0)
		report_missing("all", "an empty program cannot be loaded");
	else
		measure(fds, opened);
}
