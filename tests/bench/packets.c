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
#include "own_cgroup.h"
#include "programs/class_acts.h"
#include "programs/class_maps.h"
#include "qos/act.h"
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
	bool sends;
	bool by_cgroup; /* a line names the group of this process */
	bool polices;
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
	{ .what = "TC classifier, egress", .programs = classifier, .tc = true, .sends = true },
	{ .what = "TC classifier, egress, a line with a cgroup",
		.programs = classifier,
		.tc = true,
		.sends = true,
		.by_cgroup = true },
	{ .what = "TC classifier, ingress", .programs = classifier, .tc = true },
	{ .what = "TC classifier, ingress, policing",
		.programs = classifier,
		.tc = true,
		.polices = true },
};

#define VARIANTS  (sizeof(variants) / sizeof(variants[0]))
#define SENDING	  (VARIANTS - 4)
#define BY_CGROUP (VARIANTS - 3)
#define COUNTING  (VARIANTS - 2)
#define POLICING  (VARIANTS - 1)
#define COUNT_NS  60 /* over an empty program */
#define POLICE_TO 1.3 /* of counting, both with the call of the program */
#define RATE	  UINT64_C(100000000000) /* bit/s: what the packets of the benchmark do not reach */

/* Polices all classes of the loopback. Returns 0 or a negative errno. */
static int police_loopback(struct orchestrator *o)
{
	struct program *program = orchestrator_find(o, "tc_classifier");
	struct class_acts acts = { .modes = CLASS_ACT_POLICE };
	int error = program->type->enforce(program, true);

	for (uint32_t i = 0; i < TRAFFIC_DIRECTIONS * CLASS_ACT_PLACES; i++)
		act_police(&acts.classes[i], RATE, 0);
	return error < 0 ? error : class_acts_write(&o->context.maps, 0, &acts);
}

/* Puts a line in force that names the group of this process. Returns 0 or a negative errno. */
static int name_cgroup(struct orchestrator *o)
{
	struct class_lines *lines = malloc(sizeof(*lines));
	struct class_maps made = { 0 };
	struct failure failure;
	struct class_line line;
	char path[64], text[96];

	if (lines == NULL)
		abort();
	int error = own_cgroup_enter(path, sizeof(path));
	classes_copy(lines, &o->settings.classes);
	snprintf(text, sizeof(text), "cgroup %s bulk", path);
	if (error == 0)
		error = classes_parse(text, &lines->names, &line, &failure);
	if (error == 0)
		error = classes_put(lines, &line);
	if (error == 0)
		error = class_maps_put(&o->context.maps, lines, &made, &failure);
	free(lines);
	return error < 0 ? error : made.unmet.error;
}

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
		if (variants[i].polices && police_loopback(o) < 0) {
			snprintf(why, size, "the classifier does not act");
			return -EINVAL;
		}
		if (variants[i].by_cgroup && name_cgroup(o) < 0) {
			snprintf(why, size, "there are no control groups");
			return -EINVAL;
		}
		fd = newest_program(variants[i].sends ? "tc_egress" : "tc_ingress");
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

/* What counting costs over an empty program, and policing beside counting. */
static void measure_classifier(double *counts, double *polices, const double *empty)
{
	double over[ROUNDS], ratio[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		over[round] = counts[round] - empty[round];
		ratio[round] = polices != NULL ? polices[round] / counts[round] : 0;
	}
	report_add(&(struct measurement) {
		.what = "counting a class, without the call",
		.unit = "ns",
		.value = bench_median(over, ROUNDS),
		.rounds = ROUNDS,
		.below = COUNT_NS,
	});
	if (polices == NULL)
		return;
	report_add(&(struct measurement) {
		.what = "policing beside counting",
		.unit = "ns",
		.value = bench_median(polices, ROUNDS),
		.beside_what = "counting",
		.beside = bench_median(counts, ROUNDS),
		.ratio = bench_median(ratio, ROUNDS),
		.rounds = ROUNDS,
		.ratio_below = POLICE_TO,
	});
}

/* What it costs to look for the group of each packet that is sent: packets of one flow, here. */
static void measure_cgroups(const double *with, const double *without)
{
	double over[ROUNDS];

	for (int round = 0; round < ROUNDS; round++)
		over[round] = with[round] - without[round];
	report_add(&(struct measurement) {
		.what = "a line with a cgroup, without the rest",
		.unit = "ns",
		.value = bench_median(over, ROUNDS),
		.rounds = ROUNDS,
	});
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
	/* Before the medians, which sort. */
	if (opened[SENDING] && opened[BY_CGROUP])
		measure_cgroups(ns[BY_CGROUP], ns[SENDING]);
	if (opened[COUNTING])
		measure_classifier(
			ns[COUNTING], opened[POLICING] ? ns[POLICING] : NULL, ns[VARIANTS + 1]);
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
	own_cgroup_leave();
}
