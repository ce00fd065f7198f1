// SPDX-License-Identifier: BSD-2-Clause
/* What counts as wrong, how it is said, and what comes first. */
#include <linux/bpf.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "model/judge.h"
#include "tests/lib/snapshot_sample.h"

static struct snapshot sample;
static struct judgement judgement;
static struct judge_past past;

static int set_up(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	snapshot_sample(&sample);
	memset(&past, 0, sizeof(past));
	return 0;
}

static void find(void)
{
	judge(&sample, &past, &judgement);
	judge_remember(&past, &sample);
}

static void assert_problem(
	uint32_t at, enum severity severity, const char *subject, const char *sentence)
{
	assert_true(at < judgement.n);
	assert_int_equal(judgement.list[at].severity, severity);
	assert_string_equal(judgement.list[at].subject, subject);
	assert_string_equal(judgement.list[at].sentence, sentence);
}

static void test_nothing_wrong(void **state)
{
	(void)state;
	sample.programs[4].state = PROGRAM_ON;
	find();
	assert_int_equal(judgement.n, 0);
}

/* What was never built is no alarm; what runs only partly is one. */
static void test_partly(void **state)
{
	(void)state;
	find();
	assert_int_equal(judgement.n, 1);
	assert_problem(0, SEVERITY_WARNING, "tc_classifier",
		"tc_classifier runs partly: wg0 already carries a clsact program of cilium (id "
		"412).");
}

static void test_worst_first(void **state)
{
	(void)state;
	snapshot_sample_troubled(&sample);
	sample.packets.sum.verdicts[XDP_ABORTED].packets.rate = 3;
	find();
	assert_int_equal(judgement.n, 8);
	assert_problem(0, SEVERITY_BAD, "kprobe_syscall_latency",
		"kprobe_syscall_latency failed: CAP_PERFMON is missing, which tracing programs "
		"need.");
	assert_problem(1, SEVERITY_BAD, "XDP chain",
		"The XDP chain aborts 3.0 packets/s: a stage is broken.");
	assert_problem(3, SEVERITY_WARNING, "wg0", "wg0 counts no packets: wg0 has disappeared.");
	assert_problem(
		4, SEVERITY_WARNING, "eth0", "The link eth0 is down since 00:02:44: no carrier.");
	assert_problem(5, SEVERITY_WARNING, "events: network",
		"x0top itself misses 44/s (events: network), 5.12K in all.");
	assert_problem(6, SEVERITY_WARNING, "malformed frames",
		"Malformed frames arrive: 31/s, 912 since start.");
	assert_problem(7, SEVERITY_NOTE, "x0top", "Read-only: changes are disabled.");
	for (uint32_t i = 1; i < judgement.n; i++)
		assert_true(judgement.list[i].severity >= judgement.list[i - 1].severity);
	assert_int_equal(judgement.found[SEVERITY_BAD], 2);
	assert_int_equal(judgement.found[SEVERITY_WARNING], 5);
	assert_int_equal(judgement.found[SEVERITY_NOTE], 1);
}

static void test_lost_neighbours(void **state)
{
	(void)state;
	snapshot_sample(&sample);
	find();
	uint32_t before = judgement.n;
	sample.neighbours.sources[NEIGHBOURS_WIREGUARD].state = SOURCE_ABSENT; /* no error */
	find();
	assert_int_equal(judgement.n, before);
	sample.neighbours.sources[NEIGHBOURS_BABEL].state = SOURCE_LOST;
	snprintf(sample.neighbours.sources[NEIGHBOURS_BABEL].reason, REASON_LEN,
		"babeld has closed its socket");
	find();
	assert_int_equal(judgement.n, before + 1);
	const struct problem *problem = judgement.list;
	while (strncmp(problem->sentence, "Neighbours of babel are those of ", 33) != 0)
		assert_true(++problem < &judgement.list[judgement.n]);
	assert_int_equal(problem->severity, SEVERITY_WARNING);
	assert_non_null(strstr(problem->sentence, ": babeld has closed its socket."));
}

/* Only a link that went down is a warning: not one that was down before, was switched off, or is absent. */
static void test_links_that_are_down(void **state)
{
	static const struct {
		uint32_t state;
		double changed;
		int severity; /* SEVERITIES: none */
		const char *sentence;
	} cases[] = {
		{ LINK_UP, 1000, SEVERITIES, NULL },
		{ LINK_NO_CARRIER, 60, SEVERITY_WARNING,
			"The link wg0 is down since 00:01:00: no carrier." },
		{ LINK_NO_CARRIER, NAN, SEVERITY_NOTE, "The link wg0 is down: no carrier." },
		{ LINK_LOWER_DOWN, 60, SEVERITY_WARNING,
			"The link wg0 is down since 00:01:00: its peer or lower device is down." },
		{ LINK_DORMANT, 60, SEVERITY_WARNING,
			"The link wg0 is down since 00:01:00: it is dormant." },
		{ LINK_OFF, 60, SEVERITIES, NULL },
		{ LINK_OFF, NAN, SEVERITIES, NULL },
		{ LINK_ABSENT, 60, SEVERITIES, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sample.links.links[2].state = cases[i].state;
		sample.links.links[2].changed = cases[i].changed;
		find();
		const struct problem *problem = NULL;
		for (uint32_t p = 0; p < judgement.n; p++)
			if (strcmp(judgement.list[p].subject, "wg0") == 0)
				problem = &judgement.list[p];
		assert_int_equal(problem == NULL, cases[i].severity == SEVERITIES);
		if (problem == NULL)
			continue;
		assert_int_equal(problem->severity, cases[i].severity);
		assert_string_equal(problem->sentence, cases[i].sentence);
	}
}

/* A loss that is over stays told, as a note. */
static void test_loss_of_the_past(void **state)
{
	(void)state;
	sample.self.losses[0].count = (struct counter) { 17, 0 };
	find();
	assert_problem(1, SEVERITY_NOTE, "events: network",
		"x0top itself missed 17 (events: network), none now.");
}

static void test_each_loss_is_told(void **state)
{
	(void)state;
	sample.programs[4].state = PROGRAM_ON;
	for (uint32_t i = 0; i < 3; i++) {
		struct snapshot_loss *loss = &sample.self.losses[i];
		*loss = (struct snapshot_loss) { .count = { i + 1, i == 1 ? 0 : 5 } };
		snprintf(loss->what, sizeof(loss->what), "kind %u", i);
	}
	sample.self.n_losses = 3;
	find();
	assert_int_equal(judgement.n, 3);
	assert_problem(
		0, SEVERITY_WARNING, "kind 0", "x0top itself misses 5.0/s (kind 0), 1 in all.");
	assert_problem(
		1, SEVERITY_WARNING, "kind 2", "x0top itself misses 5.0/s (kind 2), 3 in all.");
	assert_problem(2, SEVERITY_NOTE, "kind 1", "x0top itself missed 2 (kind 1), none now.");
}

static void set_drops(double rate)
{
	sample.net_events.dropped.rate = rate;
	sample.net_events.drops[0].packets.rate = rate;
}

/* Of one measure, what MAPE-K finds unusual is told, and not the bound for it as well. */
static void test_a_measure_is_told_once(void **state)
{
	struct snapshot_mapek_anomaly *anomaly = &sample.mapek.anomalies[0];

	(void)state;
	sample.programs[4].state = PROGRAM_ON;
	set_drops(100);
	find();
	set_drops(400);
	sample.packets.sum.malformed = (struct counter) { 7, 3 };
	*anomaly =
		(struct snapshot_mapek_anomaly) { .end = NAN, .series = "udp", .policy = "flood" };
	sample.mapek.n_anomalies = 1;
	find();
	assert_int_equal(judgement.n, 3);
	snprintf(anomaly->series, sizeof(anomaly->series), "malformed");
	set_drops(1000);
	find();
	assert_int_equal(judgement.n, 2);
	assert_string_equal(judgement.list[0].subject, "flood");
	assert_string_equal(judgement.list[1].subject, "kernel drops");
	snprintf(anomaly->series, sizeof(anomaly->series), "drops");
	set_drops(2000);
	find();
	assert_int_equal(judgement.n, 2);
	assert_string_equal(judgement.list[0].subject, "flood");
	assert_string_equal(judgement.list[1].subject, "malformed frames");
}

static void test_drops_that_rise(void **state)
{
	(void)state;
	sample.programs[4].state = PROGRAM_ON;
	for (int i = 0; i < 40; i++) {
		set_drops(100);
		find();
		assert_int_equal(judgement.n, 0);
	}
	set_drops(149);
	find();
	assert_int_equal(judgement.n, 0);
	set_drops(400);
	find();
	assert_int_equal(judgement.n, 1);
	assert_problem(0, SEVERITY_WARNING, "kernel drops",
		"The kernel drops more packets: 400/s, before 102/s, most for NO_SOCKET.");
	assert_non_null(strstr(judgement.list[0].remedy, "events view"));
	set_drops(NAN); /* the program was turned off */
	find();
	assert_int_equal(judgement.n, 0);
	/* Few drops are no alarm, however they rise. */
	set_up(NULL);
	sample.programs[4].state = PROGRAM_ON;
	set_drops(0);
	find();
	set_drops(9);
	find();
	assert_int_equal(judgement.n, 0);
}

static void test_observing(void **state)
{
	(void)state;
	sample.mesh.enforcing = false;
	sample.mesh.spared.packets.rate = 402;
	find();
	assert_problem(1, SEVERITY_NOTE, "mesh filter",
		"The mesh filter only observes: it would drop 402 packets/s.");
}

/* A hole in what is enforced comes before what is only not counted. */
static void test_uncovered_while_enforcing(void **state)
{
	enum { WG0 = 2 };

	(void)state;
	sample.programs[4].state = PROGRAM_ON;
	snprintf(sample.packets.interfaces[WG0].problem, REASON_LEN, "it is busy");
	sample.packets.interfaces[WG0].uncovered = true;
	sample.packets.n_left_out = 2;
	sample.packets.left_out[0] = (struct snapshot_left_out) { "lo", "loopback", false };
	sample.packets.left_out[1] = (struct snapshot_left_out) { "br0",
		"its packets are counted on eth0, but not those of veth1", true };
	sample.mesh.enforcing = false;
	sample.pqc.mode = PQC_OBSERVE;
	find();
	assert_problem(0, SEVERITY_WARNING, "wg0", "wg0 counts no packets: it is busy");
	sample.mesh.enforcing = true;
	find();
	assert_problem(0, SEVERITY_BAD, "wg0", "Nothing is enforced on wg0: it is busy");
	assert_problem(1, SEVERITY_BAD, "br0",
		"Not all is enforced on br0: its packets are counted on eth0, but not those of "
		"veth1");
	assert_int_equal(judgement.found[SEVERITY_BAD], 2);
	sample.mesh.enforcing = false;
	sample.pqc.mode = PQC_ENFORCE;
	find();
	assert_int_equal(judgement.found[SEVERITY_BAD], 2);
	sample.packets.interfaces[WG0].uncovered = false; /* it does not exist */
	find();
	assert_int_equal(judgement.found[SEVERITY_BAD], 1);
	assert_problem(1, SEVERITY_WARNING, "wg0", "wg0 counts no packets: it is busy");
}

/* What an ifb hands back: judged again where the chain is not told, and worse where the verdict holds. */
static void test_handed_back_by_an_ifb(void **state)
{
	(void)state;
	sample.programs[4].state = PROGRAM_ON;
	sample.mesh.enforcing = false;
	sample.pqc.mode = PQC_OBSERVE;
	find();
	uint32_t before = judgement.n;
	sample.packets.interfaces[1].judged_twice = true;
	sample.net_events.interfaces[1].handed_back = (struct counter) { 40, 0 };
	sample.packets.interfaces[0].hook = XDP_MODE_GENERIC;
	sample.net_events.interfaces[0].handed_back = (struct counter) { 40, 20 };
	find();
	assert_int_equal(judgement.n, before);
	sample.net_events.interfaces[1].handed_back.rate = 20;
	find();
	assert_int_equal(judgement.n, before + 1);
	assert_problem(0, SEVERITY_WARNING, "eth0",
		"Generic XDP judges 20 packets/s of eth0 twice: an ifb hands them back.");
	sample.pqc.mode = PQC_ENFORCE;
	find();
	assert_problem(0, SEVERITY_BAD, "eth0",
		"Generic XDP judges 20 packets/s of eth0 twice: an ifb hands them back.");
	sample.net_events.interfaces[1].ifindex = 99; /* of none that is watched */
	find();
	assert_int_equal(judgement.found[SEVERITY_BAD], 0);
}

/* What does not fit is counted, so that nobody reads a short list as a small trouble. */
static void test_more_than_fit(void **state)
{
	(void)state;
	sample.packets.n_interfaces = INTERFACES_MAX;
	for (uint32_t i = 0; i < INTERFACES_MAX; i++)
		snprintf(sample.packets.interfaces[i].problem, REASON_LEN, "gone %u", i);
	find();
	assert_int_equal(judgement.n, PROBLEMS_MAX);
	assert_int_equal(judgement.found[SEVERITY_WARNING], INTERFACES_MAX + 1);
	assert_int_equal(judgement_total(&judgement), INTERFACES_MAX + 1);
	sample.packets.n_interfaces = PROBLEMS_MAX - 1; /* and tc_classifier, which runs partly */
	find();
	assert_int_equal(judgement.n, PROBLEMS_MAX);
	assert_int_equal(judgement_total(&judgement), PROBLEMS_MAX);
}

/* --- one cause, one problem --------------------------------------------------------------------- */

static void set_program(uint32_t i, uint32_t state, const char *reason, const char *remedy)
{
	sample.programs[i].state = state;
	snprintf(sample.programs[i].reason, REASON_LEN, "%s", reason);
	snprintf(sample.programs[i].remedy, REASON_LEN, "%s", remedy);
}

/* An interface that is missing strikes four programs, and cannot be counted itself. */
static void test_one_cause_is_one_problem(void **state)
{
	const char *reason = "There is no interface v9";

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		set_program(i, PROGRAM_PARTLY, reason, i == 1 ? "Create it" : "");
	set_program(4, PROGRAM_PARTLY, reason, "Do something else");
	snprintf(sample.packets.interfaces[2].problem, REASON_LEN, "%s", reason);
	find();
	assert_int_equal(judgement_total(&judgement), 1);
	assert_problem(0, SEVERITY_WARNING, "xdp_counter, xdp_mesh_filter and 2 more",
		"xdp_counter, xdp_mesh_filter and 2 more run partly: There is no interface v9");
	assert_string_equal(judgement.list[0].remedy, "Create it");
	/* Another reason is another problem. */
	set_program(4, PROGRAM_PARTLY, "wg0 is busy", "");
	set_program(2, PROGRAM_ON, "", "");
	find();
	assert_int_equal(judgement_total(&judgement), 2);
	assert_problem(0, SEVERITY_WARNING, "xdp_counter and xdp_mesh_filter",
		"xdp_counter and xdp_mesh_filter run partly: There is no interface v9");
}

/* A reason that names who suffers from it is one for all of them. */
static void test_a_reason_with_their_names_is_one_problem(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		snprintf(sample.packets.interfaces[i].problem, REASON_LEN,
			"Cannot attach XDP to %s in native mode",
			sample.packets.interfaces[i].name);
	set_program(0, PROGRAM_FAILED, "Cannot load xdp_counter: Too many open files", "Raise it");
	set_program(4, PROGRAM_FAILED, "Cannot load tc_classifier: Too many open files", "");
	find();
	assert_int_equal(judgement_total(&judgement), 2);
	assert_problem(0, SEVERITY_BAD, "xdp_counter and tc_classifier",
		"xdp_counter and tc_classifier failed: Cannot load xdp_counter: Too many open files");
	assert_int_equal(judgement.list[1].n_names, 3);
	/* Another reason is another problem, and so is that of who is not named. */
	snprintf(sample.packets.interfaces[0].problem, REASON_LEN, "Cannot attach XDP to other");
	set_program(4, PROGRAM_FAILED, "Cannot load tc_classifier: Killed", "");
	find();
	assert_int_equal(judgement_total(&judgement), 4);
}

/* The same reason at its worst: what is not enforced comes before what is not counted. */
static void test_one_cause_is_told_at_its_worst(void **state)
{
	(void)state;
	set_program(4, PROGRAM_PARTLY, "it is busy", "");
	for (uint32_t i = 1; i < 3; i++) {
		snprintf(sample.packets.interfaces[i].problem, REASON_LEN, "it is busy");
		sample.packets.interfaces[i].uncovered = true;
	}
	find();
	assert_int_equal(judgement_total(&judgement), 1);
	assert_problem(
		0, SEVERITY_BAD, "eth0 and wg0", "Nothing is enforced on eth0 and wg0: it is busy");
}

/* Without a reason there is no colon that announces one, and no two programs share it. */
static void test_no_reason(void **state)
{
	(void)state;
	set_program(0, PROGRAM_PARTLY, "", "");
	set_program(4, PROGRAM_PARTLY, "", "");
	find();
	assert_int_equal(judgement.n, 2);
	assert_problem(0, SEVERITY_WARNING, "xdp_counter", "xdp_counter runs partly");
	assert_problem(1, SEVERITY_WARNING, "tc_classifier", "tc_classifier runs partly");
}

/* --- boundaries --------------------------------------------------------------------------------- */

static uint32_t problems_with_drops(double usual, double rate)
{
	set_up(NULL);
	sample.programs[4].state = PROGRAM_ON;
	set_drops(usual);
	find();
	set_drops(rate);
	find();
	return judgement.n;
}

static void test_bounds_of_drops(void **state)
{
	(void)state;
	assert_int_equal(problems_with_drops(0, 9.99), 0);
	assert_int_equal(problems_with_drops(0, 10), 1);
	assert_int_equal(problems_with_drops(100, 149.9), 0);
	assert_int_equal(problems_with_drops(100, 150), 1);
}

/* The alarm and the views count the same drops, with those for which the kernel gives no reason. */
static void test_drops_without_a_reason(void **state)
{
	(void)state;
	sample.programs[4].state = PROGRAM_ON;
	set_drops(0);
	snprintf(sample.net_events.drops[0].reason, NAME_LEN, "NOT_SPECIFIED");
	find();
	set_drops(5000);
	find();
	assert_true(judge_drop_rate(&sample) == sample.net_events.dropped.rate);
	assert_problem(0, SEVERITY_WARNING, "kernel drops",
		"The kernel drops more packets: 5.00K/s, before 0/s, most for NOT_SPECIFIED.");
}

static void test_drops_by_x0top_are_no_alarm(void **state)
{
	(void)state;
	sample.programs[4].state = PROGRAM_ON;
	set_drops(0);
	find();
	sample.net_events.dropped_by_x0top.rate = 5000;
	find();
	assert_int_equal(judgement.n, 0);
}

static void test_drops_of_no_reason_at_all(void **state)
{
	(void)state;
	sample.programs[4].state = PROGRAM_ON;
	set_drops(0);
	find();
	sample.net_events.n_drops = 0;
	sample.net_events.dropped.rate = 50;
	find();
	assert_problem(0, SEVERITY_WARNING, "kernel drops",
		"The kernel drops more packets: 50/s, before 0/s, most for no known reason.");
}

/* The first sample has no rates: its zero is not what is usual. */
static void test_a_sample_without_rates_is_not_remembered(void **state)
{
	(void)state;
	sample.interval = 0;
	judge_remember(&past, &sample);
	assert_int_equal(past.n, 0);
	sample.interval = 1;
	for (uint32_t i = 0; i <= JUDGE_SAMPLES; i++) {
		set_drops(i);
		judge_remember(&past, &sample);
	}
	assert_int_equal(past.n, JUDGE_SAMPLES);
	assert_true(past.drops[0] == JUDGE_SAMPLES + sample.net_events.dropped.rate -
					     sample.net_events.drops[0].packets.rate);
	assert_true(past.drops[1] == 1);
}

/* Judging is a function of what it is given, and changes neither. */
static void test_judging_twice_is_the_same(void **state)
{
	static struct judgement again;
	struct judge_past same;

	(void)state;
	snapshot_sample_troubled(&sample);
	find();
	same = past;
	judge(&sample, &past, &judgement);
	judge(&sample, &past, &again);
	assert_memory_equal(&judgement, &again, sizeof(again));
	assert_memory_equal(&past, &same, sizeof(same));
}

static void test_rates_of_zero_are_no_problems(void **state)
{
	(void)state;
	sample.programs[4].state = PROGRAM_ON;
	sample.packets.sum.malformed = (struct counter) { 912, 0 };
	sample.packets.sum.verdicts[XDP_ABORTED].packets = (struct counter) { 4, 0 };
	sample.mesh.enforcing = false;
	sample.mesh.spared.packets = (struct counter) { 17, 0 };
	sample.self.losses[0].count = (struct counter) { 0, 0 };
	find();
	assert_int_equal(judgement.n, 0);
}

static void test_signatures_that_are_only_observed(void **state)
{
	(void)state;
	sample.programs[4].state = PROGRAM_ON;
	memset(sample.pqc.results, 0, sizeof(sample.pqc.results));
	sample.pqc.mode = PQC_OBSERVE;
	sample.pqc.results[PQC_REFUSED - 1].rate = 100; /* the last that is not refused */
	find();
	assert_int_equal(judgement.n, 0);
	sample.pqc.results[PQC_REFUSED].rate = 2;
	sample.pqc.results[PQC_RESULTS - 1].rate = 3;
	find();
	assert_int_equal(judgement.n, 1);
	assert_problem(0, SEVERITY_NOTE, "signatures",
		"Signatures are only observed: 5.0 packets/s would be dropped.");
	sample.pqc.mode = PQC_ENFORCE;
	find();
	assert_int_equal(judgement.n, 0);
	sample.pqc.mode = PQC_OBSERVE;
	sample.pqc.available = false;
	find();
	assert_int_equal(judgement.n, 0);
}

/* --- classes ------------------------------------------------------------------------------------ */

static void test_classes_that_starve(void **state)
{
	(void)state;
	sample.programs[4].state = PROGRAM_ON;
	sample.qos.classes[2].starved = sample.qos.classes[2].short_of_rate = true;
	find();
	assert_int_equal(judgement.n, 1);
	assert_problem(0, SEVERITY_BAD, "bulk on eth0, out",
		"The class bulk starves on eth0: 90.8kB wait, and nothing of it is sent.");
	assert_non_null(strstr(judgement.list[0].remedy, "classes view"));
	sample.qos.classes[2].starved = false;
	sample.qos.classes[2].passed.rate = 62500;
	sample.qos.classes[0].short_of_rate = true;
	find();
	assert_int_equal(judgement.n, 2);
	assert_problem(0, SEVERITY_WARNING, "mesh on eth0, out",
		"The class mesh on eth0 has 2.00Mbit/s of its 4.00Mbit/s, and more waits.");
	assert_problem(1, SEVERITY_WARNING, "bulk on eth0, out",
		"The class bulk on eth0 has 500kbit/s of its 1.00Mbit/s, and more waits.");
}

static void test_an_interface_that_is_not_shaped_as_asked(void **state)
{
	(void)state;
	sample.programs[4].state = PROGRAM_ON;
	snprintf(sample.qos.interfaces[0].problem, REASON_LEN,
		"not shaped: somebody removed the qdisc");
	find();
	assert_int_equal(judgement.n, 1);
	assert_problem(0, SEVERITY_BAD, "eth0",
		"Classes on eth0 are not shaped: somebody removed the qdisc.");
}

static void add_anomaly(const char *policy, const char *series, double end)
{
	struct snapshot_mapek_anomaly *anomaly =
		&sample.mapek.anomalies[sample.mapek.n_anomalies++];

	*anomaly = (struct snapshot_mapek_anomaly) {
		.value = 5000, .low = -1, .high = 120, .end = end
	};
	snprintf(anomaly->policy, sizeof(anomaly->policy), "%s", policy);
	snprintf(anomaly->series, sizeof(anomaly->series), "%s", series);
}

/* While it lasts, and once of each series. */
static void test_what_is_unusual(void **state)
{
	(void)state;
	sample.programs[4].state = PROGRAM_ON;
	sample.mapek.n_anomalies = 0;
	snprintf(sample.talkers.remedy, sizeof(sample.talkers.remedy), "rule add drop 10.9.0.66");
	add_anomaly("over", "icmp", 7);
	add_anomaly("flood", "udp", NAN);
	add_anomaly("page", "udp", NAN);
	add_anomaly("pings", "icmp", NAN);
	find();
	assert_int_equal(judgement.n, 2);
	assert_problem(0, SEVERITY_WARNING, "flood",
		"Unusual by the policy flood: udp 5.00K, usually 0 to 120.");
	assert_string_equal(judgement.list[0].remedy, "rule add drop 10.9.0.66");
	assert_problem(1, SEVERITY_WARNING, "pings",
		"Unusual by the policy pings: icmp 5.00K, usually 0 to 120.");
	sample.mapek.anomalies[0] = sample.mapek.anomalies[3];
	sample.mapek.n_anomalies = 1;
	find();
	assert_int_equal(judgement.n, 1);
	assert_string_equal(judgement.list[0].subject, "pings");
}

/* Makes everything wrong that is `at` so far behind the first of its list. */
static void set_wrong(
	uint32_t loss, uint32_t source, uint32_t set, uint32_t class, uint32_t interface)
{
	sample.self.losses[loss] =
		(struct snapshot_loss) { .what = "samples", .count = { 9, 0.5 } };
	sample.neighbours.sources[source].left_out = 3;
	sample.mesh.sets[set].stale_since = 7;
	sample.qos.classes[class].starved = true;
	snprintf(sample.qos.interfaces[interface].problem, REASON_LEN, "not shaped: why");
}

static void test_lists_are_judged_from_the_first_to_the_last(void **state)
{
	(void)state;
	sample.programs[4].state = PROGRAM_ON;
	sample.self.n_losses = 1;
	sample.self.losses[0].count.total = 0;
	sample.neighbours.n_sources--;
	set_wrong(1, sample.neighbours.n_sources, sample.mesh.n_sets, sample.qos.n_classes,
		sample.qos.n_interfaces);
	find();
	assert_int_equal(judgement.n, 0);
	set_wrong(0, 0, 0, 0, 0);
	find();
	assert_int_equal(judgement.n, 5);
	sample.self.losses[0].count.total = 0;
	sample.neighbours.sources[0].left_out = 0;
	sample.mesh.sets[0].stale_since = NAN;
	sample.qos.classes[0].starved = false;
	sample.qos.interfaces[0].problem[0] = '\0';
	set_wrong(sample.self.n_losses++, sample.neighbours.n_sources - 1, sample.mesh.n_sets - 1,
		sample.qos.n_classes - 1, sample.qos.n_interfaces - 1);
	find();
	assert_int_equal(judgement.n, 5);
}

/* Also where there is less than one of them in a second. */
static void test_packets_that_are_broken(void **state)
{
	(void)state;
	sample.programs[4].state = PROGRAM_ON;
	sample.packets.sum.verdicts[XDP_ABORTED].packets.rate = 0.4;
	sample.packets.sum.malformed = (struct counter) { 1, 0.4 };
	find();
	assert_int_equal(judgement.n, 2);
	assert_problem(0, SEVERITY_BAD, "XDP chain",
		"The XDP chain aborts 0.4 packets/s: a stage is broken.");
	assert_problem(1, SEVERITY_WARNING, "malformed frames",
		"Malformed frames arrive: 0.4/s, 1 since start.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_nothing_wrong, set_up),
		cmocka_unit_test_setup(test_partly, set_up),
		cmocka_unit_test_setup(test_worst_first, set_up),
		cmocka_unit_test_setup(test_lost_neighbours, set_up),
		cmocka_unit_test_setup(test_links_that_are_down, set_up),
		cmocka_unit_test_setup(test_loss_of_the_past, set_up),
		cmocka_unit_test_setup(test_each_loss_is_told, set_up),
		cmocka_unit_test_setup(test_a_measure_is_told_once, set_up),
		cmocka_unit_test_setup(test_drops_that_rise, set_up),
		cmocka_unit_test_setup(test_observing, set_up),
		cmocka_unit_test_setup(test_what_is_unusual, set_up),
		cmocka_unit_test_setup(test_lists_are_judged_from_the_first_to_the_last, set_up),
		cmocka_unit_test_setup(test_packets_that_are_broken, set_up),
		cmocka_unit_test_setup(test_uncovered_while_enforcing, set_up),
		cmocka_unit_test_setup(test_handed_back_by_an_ifb, set_up),
		cmocka_unit_test_setup(test_more_than_fit, set_up),
		cmocka_unit_test_setup(test_a_reason_with_their_names_is_one_problem, set_up),
		cmocka_unit_test_setup(test_one_cause_is_one_problem, set_up),
		cmocka_unit_test_setup(test_one_cause_is_told_at_its_worst, set_up),
		cmocka_unit_test_setup(test_no_reason, set_up),
		cmocka_unit_test_setup(test_bounds_of_drops, set_up),
		cmocka_unit_test_setup(test_drops_by_x0top_are_no_alarm, set_up),
		cmocka_unit_test_setup(test_drops_without_a_reason, set_up),
		cmocka_unit_test_setup(test_drops_of_no_reason_at_all, set_up),
		cmocka_unit_test_setup(test_a_sample_without_rates_is_not_remembered, set_up),
		cmocka_unit_test_setup(test_judging_twice_is_the_same, set_up),
		cmocka_unit_test_setup(test_rates_of_zero_are_no_problems, set_up),
		cmocka_unit_test_setup(test_signatures_that_are_only_observed, set_up),
		cmocka_unit_test_setup(test_classes_that_starve, set_up),
		cmocka_unit_test_setup(test_an_interface_that_is_not_shaped_as_asked, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
