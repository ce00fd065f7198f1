// SPDX-License-Identifier: BSD-2-Clause
/* What counts as wrong, how it is said, and what comes first. */
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/snapshot_sample.h"
#include "tui/alerts.h"

static struct snapshot sample;
static struct alerts alerts;
static struct history drops;

static int set_up(void **state)
{
	(void)state;
	snapshot_sample(&sample);
	memset(&drops, 0, sizeof(drops));
	return 0;
}

static void find(void)
{
	history_add(&drops, sample.net_events.dropped.rate);
	alerts_find(&alerts, &sample, &drops);
}

static void assert_alert(uint32_t at, enum alert_level level, const char *text)
{
	assert_true(at < alerts.n);
	assert_int_equal(alerts.list[at].level, level);
	assert_string_equal(alerts.list[at].text, text);
}

static void test_nothing_wrong(void **state)
{
	(void)state;
	sample.programs[4].state = PROGRAM_ON;
	find();
	assert_int_equal(alerts.n, 0);
}

/* What was never built is no alarm; what runs only partly is one. */
static void test_partly(void **state)
{
	(void)state;
	find();
	assert_int_equal(alerts.n, 1);
	assert_alert(0, ALERT_WARN,
		"tc_classifier runs partly: wg0 already carries a clsact program of cilium (id "
		"412).");
}

static void test_worst_first(void **state)
{
	(void)state;
	snapshot_sample_troubled(&sample);
	sample.packets.sum.verdicts[XDP_ABORTED].packets.rate = 3;
	find();
	assert_int_equal(alerts.n, 7);
	assert_alert(0, ALERT_BAD,
		"kprobe_syscall_latency failed: CAP_PERFMON is missing, which tracing programs "
		"need.");
	assert_alert(1, ALERT_BAD, "The XDP chain aborts 3.0 packets/s: a stage is broken.");
	assert_alert(3, ALERT_WARN, "wg0 counts no packets: wg0 has disappeared.");
	assert_alert(4, ALERT_WARN, "x0top itself missed 5.12K (events: network): 44/s now.");
	assert_alert(5, ALERT_WARN, "Malformed frames arrive: 31/s, 912 since start.");
	assert_alert(6, ALERT_NOTE, "Read-only: nothing can be changed from here.");
	for (uint32_t i = 1; i < alerts.n; i++)
		assert_true(alerts.list[i].level >= alerts.list[i - 1].level);
	assert_int_equal(alerts.levels[ALERT_BAD], 2);
	assert_int_equal(alerts.levels[ALERT_WARN], 4);
	assert_int_equal(alerts.levels[ALERT_NOTE], 1);
}

/* A loss that is over stays told, as a note. */
static void test_loss_of_the_past(void **state)
{
	(void)state;
	sample.self.losses[0].count = (struct counter) { 17, 0 };
	find();
	assert_alert(1, ALERT_NOTE, "x0top itself missed 17 (events: network): 0/s now.");
}

static void set_drops(double rate)
{
	sample.net_events.dropped.rate = rate;
	sample.net_events.drops[0].packets.rate = rate;
}

static void test_drops_that_rise(void **state)
{
	(void)state;
	sample.programs[4].state = PROGRAM_ON;
	for (int i = 0; i < 40; i++) {
		set_drops(100);
		find();
		assert_int_equal(alerts.n, 0);
	}
	set_drops(149);
	find();
	assert_int_equal(alerts.n, 0);
	set_drops(400);
	find();
	assert_int_equal(alerts.n, 1);
	assert_alert(0, ALERT_WARN,
		"The kernel drops more packets: 400/s, before 102/s, most for NO_SOCKET.");
	/* Few drops are no alarm, however they rise. */
	set_up(NULL);
	sample.programs[4].state = PROGRAM_ON;
	set_drops(0);
	find();
	set_drops(9);
	find();
	assert_int_equal(alerts.n, 0);
}

static void test_observing(void **state)
{
	(void)state;
	sample.mesh.enforcing = false;
	sample.mesh.spared.packets.rate = 402;
	find();
	assert_alert(1, ALERT_NOTE, "The mesh filter only observes: it would drop 402 packets/s.");
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
	assert_alert(0, ALERT_WARN, "wg0 counts no packets: it is busy");
	sample.mesh.enforcing = true;
	find();
	assert_alert(0, ALERT_BAD, "Nothing is enforced on wg0: it is busy");
	assert_alert(1, ALERT_BAD,
		"Not all is enforced on br0: its packets are counted on eth0, but not those of "
		"veth1");
	assert_int_equal(alerts.levels[ALERT_BAD], 2);
	sample.mesh.enforcing = false;
	sample.pqc.mode = PQC_ENFORCE;
	find();
	assert_int_equal(alerts.levels[ALERT_BAD], 2);
	sample.packets.interfaces[WG0].uncovered = false; /* it does not exist */
	find();
	assert_int_equal(alerts.levels[ALERT_BAD], 1);
	assert_alert(1, ALERT_WARN, "wg0 counts no packets: it is busy");
}

static void test_more_than_fit(void **state)
{
	(void)state;
	sample.packets.n_interfaces = INTERFACES_MAX;
	for (uint32_t i = 0; i < INTERFACES_MAX; i++)
		snprintf(sample.packets.interfaces[i].problem, REASON_LEN, "gone");
	find();
	assert_int_equal(alerts.n, ALERTS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_nothing_wrong, set_up),
		cmocka_unit_test_setup(test_partly, set_up),
		cmocka_unit_test_setup(test_worst_first, set_up),
		cmocka_unit_test_setup(test_loss_of_the_past, set_up),
		cmocka_unit_test_setup(test_drops_that_rise, set_up),
		cmocka_unit_test_setup(test_observing, set_up),
		cmocka_unit_test_setup(test_uncovered_while_enforcing, set_up),
		cmocka_unit_test_setup(test_more_than_fit, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
