// SPDX-License-Identifier: BSD-2-Clause
/*
 * What policies can watch beside counts of packets: each on a synthetic series with a known change, from a
 * snapshot that is made up to the anomaly. Nothing is found before the change, and it is found in time.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mix.h"
#include "mapek/mapek.h"
#include "mapek/measure.h"

enum {
	QUIET = 600, /* samples before the change */
	DELAY_MOST = 3, /* samples until it is found */
};

static uint64_t seed;

/* Noise from 0 to 1, the same on every run. */
static double noise(void)
{
	return (double)(mix64(seed++) % 10000) / 10000;
}

/* --- series --------------------------------------------------------------------------------------- */

static void add_call(struct snapshot *now, double rate, double p50_ns, double p99_ns)
{
	struct snapshot_syscall *call = SNAPSHOT_ADD(now, &now->syscalls, calls);

	call->calls.rate = rate;
	call->recent = (struct quantiles) { p50_ns, NAN, p99_ns, NAN };
	now->syscalls.available = true;
}

/* Nine calls in ten are quick; one that nobody made says nothing. */
static void fill_calls(struct snapshot *now, bool changed)
{
	add_call(now, 900, 1000 + 200 * noise(), 20000 + 5000 * noise());
	add_call(now, 100, 2000 + 400 * noise(), (changed ? 2000000 : 30000) + 5000 * noise());
	add_call(now, 0, NAN, NAN);
	if (changed)
		now->syscalls.calls[0].recent.p50 = 30000;
}

static void fill_errors(struct snapshot *now, bool changed)
{
	fill_calls(now, false);
	now->syscalls.calls[0].errors.rate = (changed ? 400 : 5) + 4 * noise();
	now->syscalls.calls[1].errors.rate = NAN;
}

static void fill_entropy(struct snapshot *now, bool changed)
{
	now->talkers.available = true;
	now->talkers.source_entropy = (changed ? 8.5 : 2.5) + 0.4 * noise();
	now->talkers.port_entropy = (changed ? 9 : 3.1) + 0.3 * noise();
}

/* Of one source all comes, where ten shared it. */
static void fill_one_source(struct snapshot *now, bool changed)
{
	now->talkers.available = true;
	now->talkers.source_entropy = changed ? 0.01 : 3.2 + 0.3 * noise();
}

static void add_drops(struct snapshot *now, double rate)
{
	struct snapshot_drop *drop = SNAPSHOT_ADD(now, &now->net_events, drops);

	drop->packets.rate = rate;
	now->net_events.available = true;
}

/* One reason, and some of another; then eight alike. */
static void fill_drops(struct snapshot *now, bool changed)
{
	add_drops(now, 10 + noise());
	add_drops(now, 1 + 0.5 * noise());
	add_drops(now, NAN);
	for (int i = 0; changed && i < 6; i++)
		add_drops(now, 10);
}

static void add_refused(struct snapshot *now, const char *node, double refused)
{
	struct snapshot_pqc_node *shown = SNAPSHOT_ADD(now, &now->pqc, nodes);

	snprintf(shown->node, sizeof(shown->node), "%s", node);
	shown->refused.rate = refused;
	now->pqc.available = true;
}

static void fill_refusals(struct snapshot *now, bool changed)
{
	add_refused(now, "aa", 3 * noise());
	add_refused(now, "bb", (changed ? 100 : 2) + 3 * noise());
	add_refused(now, "cc", NAN);
}

static void set_class(struct snapshot *now, int class, double total, double rate)
{
	struct counter *sent =
		&now->tc.classes[class - CLASS_CONTROL].directions[DIRECTION_EGRESS].packets;

	*sent = (struct counter) { (uint64_t)total, rate };
	now->tc.available = true;
	now->tc.n_classes = CLASS_BEST_EFFORT;
}

/* Bulk takes what control had; a class of hardly anything is not looked at. */
static void fill_classes(struct snapshot *now, bool changed)
{
	set_class(now, CLASS_CONTROL, 100000, changed ? 0.5 : 95 + 10 * noise());
	set_class(now, CLASS_BULK, 900000, 900 + 20 * noise());
	set_class(now, CLASS_MESH, 10, 0);
}

static void add_node(struct snapshot *now, const char *name, double heard)
{
	struct snapshot_pqc_node *node = SNAPSHOT_ADD(now, &now->pqc, nodes);

	snprintf(node->name, sizeof(node->name), "%s", name);
	node->last_time = heard;
	now->pqc.available = true;
}

/* Heard every 5 seconds; one was never heard, and one is trusted no more. */
static void fill_silence(struct snapshot *now, bool changed)
{
	const double since = changed ? 30 : fmod(now->time, 5) + 0.2 * noise();

	add_node(now, "alder", now->time - since);
	add_node(now, "birch", now->time - 1);
	add_node(now, "new", 0);
	add_node(now, "", now->time - 9000);
}

static void add_qos(struct snapshot *now, double delay, bool is_short)
{
	struct snapshot_qos_class *class = SNAPSHOT_ADD(now, &now->qos, classes);

	class->delay = delay;
	class->short_of_rate = is_short;
}

/* One that is only policed has no queue. */
static void fill_queues(struct snapshot *now, bool changed)
{
	add_qos(now, 0.002 * noise(), false);
	add_qos(now, (changed ? 0.4 : 0.01) + 0.005 * noise(), changed);
	add_qos(now, NAN, false);
}

static const struct kind {
	const char *watch, *is;
	void (*fill)(struct snapshot *now, bool changed);
} kinds[] = {
	{ "call-p50", "high", fill_calls },
	{ "call-p99", "high", fill_calls },
	{ "call-errors", "high", fill_errors },
	{ "source-entropy", "high", fill_entropy },
	{ "port-entropy", "high", fill_entropy },
	{ "source-entropy", "low", fill_one_source },
	{ "drop-reasons", "high", fill_drops },
	{ "node-refusals", "high", fill_refusals },
	{ "starvation", "high", fill_classes },
	{ "class-delay", "high", fill_queues },
	{ "short-classes", "high", fill_queues },
	{ "silence", "high", fill_silence },
};

/* --- from a snapshot to an anomaly ------------------------------------------------------------------- */

static void read_policies(const struct kind *kind, struct policies *policies)
{
	char path[] = "/tmp/test_measures.XXXXXX", text[256];
	struct failure failure;
	int fd = mkstemp(path);
	int length = snprintf(text, sizeof(text),
		"policies:\n- name: it\n  watch: %s\n  is: %s\n  hold: 5ms\n", kind->watch,
		kind->is);

	assert_int_equal(write(fd, text, (size_t)length), length);
	close(fd);
	if (policies_read(policies, path, NULL, &failure) < 0)
		fail_msg("%s", failure.what);
	unlink(path);
}

static uint64_t turn(struct mapek *mapek, struct snapshot *now, const struct kind *kind, int at)
{
	snapshot_clear(now);
	now->time = 1000000 + at;
	now->interval = 1;
	kind->fill(now, at >= QUIET);
	mapek_turn(mapek, now);
	return now->mapek.found;
}

static void is_found(const struct kind *kind)
{
	static const struct mapek_ears deaf;
	struct policies policies;
	struct snapshot *now = snapshot_open();
	int at = 0;

	seed = 7;
	read_policies(kind, &policies);
	struct mapek *mapek = mapek_open(&policies, NULL, &deaf);
	assert_non_null(now);
	assert_non_null(mapek);
	for (; at < QUIET; at++)
		if (turn(mapek, now, kind, at) != 0)
			fail_msg("%s: a false alarm at %d, of %g", kind->watch, at,
				now->mapek.series[0].value);
	while (turn(mapek, now, kind, at) == 0)
		if (++at >= QUIET + DELAY_MOST)
			fail_msg("%s %s: %g is not found beside %g to %g", kind->watch, kind->is,
				now->mapek.series[0].value, now->mapek.series[0].low,
				now->mapek.series[0].high);
	mapek_close(mapek);
	snapshot_close(now);
}

static void test_each_change_is_found_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		is_found(&kinds[i]);
}

/* Without its part of the snapshot, a measure is unknown: no silence, no 0. */
static void test_nothing_is_known_of_what_does_not_run(void **state)
{
	struct snapshot *now = snapshot_open();

	(void)state;
	assert_non_null(now);
	now->interval = 1;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const int at = measure_find(kinds[i].watch);
		assert_true(at >= 0);
		assert_true(isnan(measures[at].read(now)));
	}
	snapshot_close(now);
}

/* Whose values are no counts: a deviation of theirs may be less than 1. */
static void test_what_is_no_count_has_a_grain(void **state)
{
	static const char *const counts[] = { "packets", "udp", "call-errors", "node-refusals" };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		assert_true(measure_spread(&measures[measure_find(counts[i])], 400) == 21);
	assert_true(measure_spread(&measures[measure_find("port-entropy")], 9) == 0.1);
}

static double read_measure(const struct snapshot *now, const char *name)
{
	const int at = measure_find(name);

	assert_true(at >= 0);
	return measures[at].read(now);
}

static bool is_near(double value, double wanted)
{
	return fabs(value - wanted) < 1e-9;
}

static void fill_packets(struct snapshot *now)
{
	struct snapshot_packets_interface *sum = &now->packets.sum;

	now->packets.available = now->mesh.available = now->pqc.available = true;
	sum->all = (struct traffic) { { 0, 100 }, { 0, 6000 } };
	sum->transports[TRANSPORT_UDP].packets.rate = 40;
	sum->transports[TRANSPORT_TCP].packets.rate = 30;
	sum->transports[TRANSPORT_ICMP].packets.rate = 20;
	sum->transports[TRANSPORT_ICMPV6].packets.rate = 10;
	sum->networks[NETWORK_ARP].packets.rate = 5;
	sum->fragments.rate = 4;
	sum->malformed.rate = 3;
	now->mesh.dropped.packets.rate = 7;
	now->mesh.refused.packets.rate = 2;
	now->net_events.tcp_retransmits.rate = 1;
	now->net_events.tcp_resets_sent.rate = 11;
	now->net_events.tcp_resets_received.rate = 12;
	now->pqc.results[PQC_REPLAYED].rate = 13;
}

static void fill_exactly(struct snapshot *now)
{
	fill_packets(now);
	add_call(now, 3, 1000, 4000);
	add_call(now, 1, 5000, 8000);
	now->syscalls.calls[0].errors.rate = 0.5;
	now->syscalls.calls[1].errors.rate = 0.25;
	add_drops(now, 6);
	add_drops(now, 1);
	add_drops(now, 1);
	add_refused(now, "aa", 3);
	add_refused(now, "bb", 2);
	add_node(now, "alder", now->time - 5);
	add_node(now, "birch", now->time - 7);
	add_node(now, "ahead", now->time + 7);
	set_class(now, CLASS_CONTROL, 200, 5);
	set_class(now, CLASS_BULK, 792, 95);
	set_class(now, CLASS_MESH, 8, 0); /* below a hundredth */
	add_qos(now, 0.25, true);
	add_qos(now, 0.5, false);
	now->qos.classes[1].starved = true;
	add_qos(now, 0, false);
	for (uint32_t i = 0; i < 2; i++)
		now->neighbours.sources[i].nodes = 3 + i;
	now->neighbours.sources[2].nodes = COUNT_UNKNOWN;
	now->neighbours.n_sources = 3;
}

/* By the formulas of the manual. */
static void test_what_each_measures(void **state)
{
	static const struct {
		const char *name;
		double value;
	} cases[] = {
		{ "packets", 100 },
		{ "bits", 48000 },
		{ "udp", 40 },
		{ "tcp", 30 },
		{ "icmp", 20 },
		{ "icmpv6", 10 },
		{ "arp", 5 },
		{ "fragments", 4 },
		{ "malformed", 3 },
		{ "filtered", 9 },
		{ "retransmits", 1 },
		{ "resets-sent", 11 },
		{ "resets-received", 12 },
		{ "replayed", 13 },
		{ "call-p50", 2 },
		{ "call-p99", 5 },
		{ "call-errors", 0.75 },
		{ "drop-reasons", 1.0612781244591328 }, /* of 6/8, 1/8, 1/8 */
		{ "node-refusals", 3 },
		{ "silence", 7 },
		{ "starvation", 0.75 },
		{ "class-delay", 0.5 },
		{ "short-classes", 2 },
		{ "neighbours", 7 },
	};
	struct snapshot *now = snapshot_open();

	(void)state;
	assert_non_null(now);
	now->time = 1e6;
	now->interval = 1;
	fill_exactly(now);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (!is_near(read_measure(now, cases[i].name), cases[i].value))
			fail_msg("%s is %.17g", cases[i].name, read_measure(now, cases[i].name));
	now->net_events.drops[1].packets.rate = 6;
	now->net_events.drops[2].packets.rate = 0;
	assert_true(is_near(read_measure(now, "drop-reasons"), 1));
	now->net_events.drops[1].packets.rate = now->net_events.drops[2].packets.rate = 0;
	assert_true(read_measure(now, "drop-reasons") == 0);
	now->net_events.drops[0].packets.rate = 0; /* there is none to be spread */
	assert_true(isnan(read_measure(now, "drop-reasons")));
	now->neighbours.sources[0].nodes = now->neighbours.sources[1].nodes = COUNT_UNKNOWN;
	assert_true(isnan(read_measure(now, "neighbours")));
	for (uint32_t i = 0; i < now->tc.n_classes; i++)
		now->tc.classes[i].directions[DIRECTION_EGRESS].packets.rate = 0;
	assert_true(isnan(read_measure(now, "starvation"))); /* nobody sends */
	now->interval = 0; /* without a sample before, no rate is known */
	assert_true(isnan(read_measure(now, "node-refusals")));
	assert_true(isnan(read_measure(now, "call-errors")));
	assert_true(isnan(read_measure(now, "short-classes")));
	snapshot_close(now);
}

/* They come with the busiest sources, which are looked at for them alone. */
static void test_entropy_is_looked_for(void **state)
{
	static const struct mapek_ears deaf;
	const struct kind entropy = { "port-entropy", "high", fill_entropy };
	const struct kind silence = { "silence", "high", fill_silence };
	struct policies policies;

	(void)state;
	read_policies(&entropy, &policies);
	struct mapek *mapek = mapek_open(&policies, NULL, &deaf);
	assert_true(mapek_looks(mapek));
	mapek_close(mapek);
	read_policies(&silence, &policies);
	mapek = mapek_open(&policies, NULL, &deaf);
	assert_false(mapek_looks(mapek));
	mapek_close(mapek);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_change_is_found_and_nothing_else),
		cmocka_unit_test(test_nothing_is_known_of_what_does_not_run),
		cmocka_unit_test(test_what_is_no_count_has_a_grain),
		cmocka_unit_test(test_what_each_measures),
		cmocka_unit_test(test_entropy_is_looked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
